"""The events of a session as rows of a table: those of one job, those that hold a text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.model.json import Json
from bunsui.view.safe import safe
from bunsui.view.sessions.events import event_role, unread_line
from bunsui.view.sessions.values import value_lines
from bunsui.view.sessions.wording import clock_time, duration
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.services.history.events import EventList, SessionEvent

TITLES = ("time", "after", "event", "job", "state", "item", "try", "given, answered, error")
_SUMMARY = 300
"""Characters of a value in a row."""


def fitting_events(
    events: Sequence[SessionEvent], *, job: str = "", wanted: str = "", execution: int | None = None
) -> tuple[SessionEvent, ...]:
    """Return the events of a job and of what it runs, all where it is empty, that hold the text in any case of letters; of one
    execution where that is asked for."""
    text = wanted.casefold()
    return tuple(
        one
        for one in events
        if execution in (None, one.execution) and _is_below(one.job, job) and (not text or text in _search_text(one))
    )


def begin_of(events: Sequence[SessionEvent]) -> Mapping[int, datetime]:
    """Return when each execution began, by its number."""
    found: dict[int, datetime] = {}
    for one in events:
        found.setdefault(one.execution, one.at)
    return found


def event_cells(event: SessionEvent, began: Mapping[int, datetime], zone: tzinfo) -> tuple[Line, ...]:
    """Return the cells of an event, one for each of TITLES."""
    after = (event.at - began.get(event.execution, event.at)).total_seconds()
    told = f"{event.error}: {event.message}" if event.message else event.error
    last = span(told.split("\n", 1)[0], Role.BAD) if told else span(summary_of(event.data), Role.PLAIN)
    return (
        line(span(clock_time(event.at, zone), Role.MUTED)),
        line(span(duration(after), Role.MUTED)),
        line(span(event.type, event_role(event.type))),
        line(span(event.job, Role.NAME)),
        line(span(event.state if event.state != event.job else "", Role.MUTED)),
        line(span(event.item, Role.NAME)),
        line(span(event.number_of_try or "", Role.MUTED)),
        line(last),
    )


def event_page(event: SessionEvent, zone: tzinfo) -> tuple[Line, ...]:
    """Return everything that is told of one event."""
    facts = (("job", event.job), ("state", event.state), ("item", event.item), ("try", event.number_of_try or ""))
    lines = [line(span(event.type, event_role(event.type)), span(f"  {clock_time(event.at, zone)}", Role.MUTED)), line()]
    lines += [line(span(f"{name:<7}", Role.MUTED), span(value, Role.NAME)) for name, value in facts if value]
    lines += [line(span(f"{event.error}", Role.BAD), span(f"  {event.message}"))] if event.error else []
    lines += value_lines("data   ", event.data) if event.data is not None else ()
    return (*lines, line(span(f"event {event.id} of {safe(event.execution_arn)}", Role.MUTED)))


def left_out(found: EventList) -> tuple[Line, ...]:
    """Return what is not among the events: executions that are forgotten, those below jobs that are too many."""
    gone = (line(span(f"execution {number} is forgotten: its events are not here", Role.WARN)) for number in found.forgotten)
    return (*gone, *map(unread_line, found.unread))


def summary_of(value: Json) -> str:
    """Return a value on one line, cut; empty for nothing."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SUMMARY else f"{text[: _SUMMARY - 1]}…"


def _is_below(path: str, job: str) -> bool:
    return not job or path == job or path.startswith(f"{job}/")


def _search_text(event: SessionEvent) -> str:
    told = (event.type, event.job, event.state, event.item, event.error, event.message, summary_of(event.data))
    return " ".join(told).casefold()
