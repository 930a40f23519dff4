"""The input of an execution, written and read: parameters, the session, and what to restore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.errors import InvalidInput
from bunsui.model.session import Session
from bunsui.model.values import Json
from bunsui.sessions.slots import parse_instant, rfc3339

LARGEST_INPUT = 256 * 1024
"""Bytes that Step Functions takes as input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInput:
    """What an execution's input says of its session; None and empty for what it does not say."""

    session_id: str
    params: Mapping[str, Json]
    slot: datetime | None
    schedule: str
    started_by: str


def execution_input(
    session: Session, attempt: int, resume: Mapping[str, Json] | None = None, *, is_raw: bool = False
) -> dict[str, Json]:
    """Give the input of an attempt; InvalidInput when it is too large for Step Functions.

    A raw machine (`is_raw`) gets the parameters themselves, since it was written for an input of its own.
    """
    payload = dict(session.params) if is_raw else _compiled_input(session, attempt, resume)
    size = len(json.dumps(payload, ensure_ascii=False).encode())
    if size > LARGEST_INPUT:
        raise InvalidInput(
            "input-too-large",
            "the input of the execution is larger than Step Functions takes",
            hint="Write large values to S3 and pass their address; after that, start again with `bunsui run`.",
            size_bytes=size,
            limit_bytes=LARGEST_INPUT,
        )
    return payload


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


def read_input(value: Json, *, is_raw: bool = False) -> ReadInput:
    """Read what somebody gave an execution: bunsui, a schedule, or a person in the console."""
    whole = value if isinstance(value, Mapping) else {}
    if is_raw:
        return ReadInput(session_id="", params=whole, slot=None, schedule="", started_by="")
    session = whole.get("session")
    about = session if isinstance(session, Mapping) else {}
    params = whole.get("params")
    return ReadInput(
        session_id=_text(about.get("id")),
        params=params if isinstance(params, Mapping) else {},
        slot=_slot(about),
        schedule=_text(about.get("schedule")),
        started_by=_text(about.get("started_by")),
    )


def _slot(about: Mapping[str, Json]) -> datetime | None:
    slot = parse_instant(about.get("slot"))
    if slot is not None:
        return slot
    scheduled, offset = parse_instant(about.get("scheduled_at")), about.get("slot_offset_seconds")
    if scheduled is None:
        return None
    return scheduled + timedelta(seconds=offset if isinstance(offset, int) else 0)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
