"""When a pipeline starts next, by its schedules as a plan found them in AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.kinds.schedule import SCHEDULE
from bunsui.model.session import SCHEDULE as STARTED_BY
from bunsui.model.session import Session
from bunsui.model.starts import next_starts, rate_of
from bunsui.plan.model import ResourceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """The earliest start that can be foreseen."""

    at: datetime
    is_about: bool = False
    """True for a rate, which is reckoned from its last start."""


def next_run(changes: Sequence[ResourceChange], rows: Sequence[Session], *, now: datetime) -> NextRun | None:
    """Return the next start of the pipeline of these changes; `rows` are its sessions, newest first.

    A schedule that somebody switched off or changed in AWS counts as it is there, whatever the files say. None when nothing
    starts the pipeline, or nothing that can be foreseen.
    """
    return min(_starts(changes, rows, now), key=lambda one: one.at, default=None)


def _starts(changes: Sequence[ResourceChange], rows: Sequence[Session], now: datetime) -> Iterator[NextRun]:
    for change in changes:
        actual = change.actual
        if change.address.kind != SCHEDULE or actual is None or actual.unreadable:
            continue
        expression = str(actual.attributes.get("expression") or "")
        if actual.attributes.get("enabled") is False or not expression:
            continue
        interval = rate_of(expression)
        if interval is None:
            timezone = str(actual.attributes.get("timezone") or "UTC")
            yield from (NextRun(at=at) for at in next_starts(expression, timezone, after=now))
            continue
        last = next((row.created_at for row in rows if row.started_by == f"{STARTED_BY}{change.address.name}"), None)
        if last is not None:
            yield NextRun(at=last + (max((now - last) // interval, 0) + 1) * interval, is_about=True)
