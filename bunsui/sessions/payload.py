"""The input of an execution, both ways: parameters, the session, and what to restore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import SlotOffset
from bunsui.model.session import Session
from bunsui.model.time_zones import DAY_SECONDS
from bunsui.sessions.slots import parse_instant, rfc3339, shift_slot

LARGEST_INPUT = 256 * 1024
"""Bytes that Step Functions takes as input."""

_LARGEST_OUTPUT = 128 * 1024
"""Bytes of an output that a row keeps; a row has 400 KB for everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInput:
    """What an execution's input says of its session; None and empty for what it does not say."""

    session_id: str
    params: Mapping[str, Json]
    slot: datetime | None
    timezone: str
    """The one in which its dates are."""
    schedule: str
    started_by: str


def execution_input(
    session: Session, attempt: int, resume: Mapping[str, Json] | None = None, *, is_raw: bool = False
) -> dict[str, Json]:
    """Return the input of an attempt; InvalidInput when it is too large for Step Functions.

    A raw machine (`is_raw`) gets the parameters themselves, since it was written for an input of its own.
    """
    payload = dict(session.params) if is_raw else _compiled_input(session, attempt, resume)
    size = len(json.dumps(payload, ensure_ascii=False).encode())
    if size > LARGEST_INPUT:
        raise InvalidInput(
            "input-too-large",
            "the input of the execution is larger than Step Functions takes",
            hint="Write large values to S3 and pass their address; after that, start again with `bunsui run PIPELINE`.",
            size_bytes=size,
            limit_bytes=LARGEST_INPUT,
        )
    return payload


def input_bytes(session: Session, attempt: int) -> int:
    """Return the size of the input of an attempt that resumes nothing."""
    return json_bytes(_compiled_input(session, attempt, None))


def json_bytes(value: Mapping[str, Json]) -> int:
    """Return how many bytes the value has as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def kept_output(output: Json) -> Json:
    """Return the output when it is small enough for the row, None otherwise; Step Functions keeps the whole."""
    return output if len(json.dumps(output)) <= _LARGEST_OUTPUT else None


def _compiled_input(session: Session, attempt: int, resume: Mapping[str, Json] | None) -> dict[str, Json]:
    slot = rfc3339(session.slot)
    payload: dict[str, Json] = {
        "params": dict(session.params),
        "session": {
            "id": session.id,
            "attempt": attempt,
            "slot": slot,
            "date": session.date,
            "scheduled_at": slot,
            "started_by": session.started_by,
        },
    }
    if resume:
        payload["resume"] = dict(resume)
    return payload


def read_input(value: Json, *, timezone: str = "UTC", is_raw: bool = False) -> ReadInput:
    """Read what somebody gave an execution: bunsui, a schedule, or a person in the console. `timezone` is the pipeline's."""
    whole = value if isinstance(value, Mapping) else {}
    if is_raw:
        return ReadInput(session_id="", params=whole, slot=None, timezone=timezone, schedule="", started_by="")
    session = whole.get("session")
    about = session if isinstance(session, Mapping) else {}
    params = whole.get("params")
    zone = _zone(about.get("timezone"), timezone)
    return ReadInput(
        session_id=_text(about.get("id")),
        params=params if isinstance(params, Mapping) else {},
        slot=_slot(about, zone),
        timezone=zone,
        schedule=_text(about.get("schedule")),
        started_by=_text(about.get("started_by")),
    )


def _zone(name: Json, otherwise: str) -> str:
    """Return the name of a time zone, or the other one when it is none."""
    try:
        return ZoneInfo(name).key if isinstance(name, str) else otherwise
    except (KeyError, ValueError, OSError):
        return otherwise


def _slot(about: Mapping[str, Json], timezone: str) -> datetime | None:
    slot = parse_instant(about.get("slot"))
    if slot is not None:
        return slot
    scheduled = parse_instant(about.get("scheduled_at"))
    if scheduled is None:
        return None
    days, seconds = (about.get(f"slot_offset_{unit}") for unit in ("days", "seconds"))
    offset = SlotOffset(days=days if isinstance(days, int) else 0, seconds=seconds if isinstance(seconds, int) else 0)
    if days is None and offset.seconds % DAY_SECONDS == 0:
        # A schedule of the first contract says days of the calendar in seconds, and nothing of days.
        offset = SlotOffset(days=offset.seconds // DAY_SECONDS)
    try:
        return shift_slot(scheduled, offset, timezone)
    except OverflowError:  # what stands in an input is anybody's
        return scheduled


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
