"""The events of a session as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from bunsui.command_line import command_line
from bunsui.services.history.events import EventList, SessionEvent, UnreadRuns
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import clock_time, duration
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

COLUMNS = ("time", "after", "execution", "event", "job", "state", "item", "error")
_LAYOUT = Layout(right=frozenset({1}), limit=80, drop=(2, 1, 5))
_BAD = ("Failed", "TimedOut", "Aborted")
_ENDED = "Succeeded"


def event_lines(found: EventList, *, zone: tzinfo = UTC, width: int | None = None) -> tuple[Line, ...]:
    """Return the events as an aligned table, and of which executions there are none: forgotten ones, and too many below."""
    gone = tuple(
        line(span(f"Step Functions does not know execution {number} any more: its events are not here", Role.WARN))
        for number in found.forgotten
    )
    if not found.events:
        return (*gone, *map(_unread_line, found.unread), line(span("no events", Role.MUTED)))
    several = len({event.execution for event in found.events}) > 1
    rows = [_row(event, found.events, zone, several=several) for event in found.events]
    return (*gone, *table(COLUMNS, rows, _LAYOUT, width=width), *map(_unread_line, found.unread))


def _unread_line(unread: UnreadRuns) -> Line:
    many = "executions" if unread.count is None else "1 execution" if unread.count == 1 else f"{unread.count:,} executions"
    where = f" below {safe(unread.job)}" if unread.job else ""
    if unread.is_gone:
        text = f"{many}{where}: Step Functions does not tell of what happened there (forgotten, or not permitted)"
    else:
        item = command_line("show", "-", "--job", unread.job, "--item", "LABEL")
        see = item if unread.is_map_run else command_line("events", unread.example)
        text = f"{many} more{where}, of which nothing is read here; one of them: {see}"
    return line(span(text, Role.WARN))


def _row(event: SessionEvent, events: Sequence[SessionEvent], zone: tzinfo, *, several: bool) -> tuple[Span, ...]:
    first = next(one for one in events if one.execution == event.execution)
    role = Role.BAD if event.type.endswith(_BAD) else Role.GOOD if event.type.endswith(_ENDED) else Role.PLAIN
    told = f"{event.error}: {event.message}" if event.message else event.error
    return (
        span(clock_time(event.at, zone), Role.MUTED),
        span(duration((event.at - first.at).total_seconds()), Role.MUTED),
        span(str(event.execution) if several else "", Role.MUTED),
        span(safe(event.type), role),
        span(safe(event.job), Role.NAME),
        span(safe(event.state if event.state != event.job else ""), Role.MUTED),
        span(safe(event.item), Role.NAME),
        span(safe(told.split("\n", 1)[0]), Role.BAD),
    )
