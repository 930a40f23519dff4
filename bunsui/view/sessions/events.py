"""The events of a session as a table."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import clock_time, duration
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the terminal UI's first frame.
    from bunsui.services.history.events import EventList, SessionEvent, UnreadRuns

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
        return (*gone, *map(unread_line, found.unread), line(span("no events", Role.MUTED)))
    several = len({event.execution for event in found.events}) > 1
    began: dict[int, datetime] = {}
    for event in found.events:
        began.setdefault(event.execution, event.at)
    rows = [_row(event, began[event.execution], zone, several=several) for event in found.events]
    return (*gone, *table(COLUMNS, rows, _LAYOUT, width=width), *map(unread_line, found.unread))


def event_role(kind: str) -> Role:
    """Return how an event of that type is shown."""
    return Role.BAD if kind.endswith(_BAD) else Role.GOOD if kind.endswith(_ENDED) else Role.PLAIN


def unread_line(unread: UnreadRuns) -> Line:
    """Return of which executions nothing is told."""
    many = "executions" if unread.count is None else "1 execution" if unread.count == 1 else f"{unread.count:,} executions"
    where = f" below {safe(unread.job)}" if unread.job else ""
    if unread.is_gone:
        text = f"{many}{where}: Step Functions does not tell of what happened there (forgotten, or not permitted)"
    else:
        item = command_line("show", "-", "--job", unread.job, "--item", "LABEL")
        see = item if unread.is_map_run else command_line("events", unread.example)
        text = f"{many} more{where}, of which nothing is read here; one of them: {see}"
    return line(span(text, Role.WARN))


def _row(event: SessionEvent, began: datetime, zone: tzinfo, *, several: bool) -> tuple[Span, ...]:
    role = event_role(event.type)
    told = f"{event.error}: {event.message}" if event.message else event.error
    return (
        span(clock_time(event.at, zone), Role.MUTED),
        span(duration((event.at - began).total_seconds()), Role.MUTED),
        span(str(event.execution) if several else "", Role.MUTED),
        span(safe(event.type), role),
        span(safe(event.job), Role.NAME),
        span(safe(event.state if event.state != event.job else ""), Role.MUTED),
        span(safe(event.item), Role.NAME),
        span(safe(told.split("\n", 1)[0]), Role.BAD),
    )
