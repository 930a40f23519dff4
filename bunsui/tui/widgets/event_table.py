"""The events of a session as a table that draws what is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.sessions.tabs.event_rows import TITLES, begin_of, event_cells, fitting_events, left_out
from bunsui.view.spans import Line

if TYPE_CHECKING:
    from bunsui.services.history.events import EventList, SessionEvent

_COLUMNS = (
    Column(title=TITLES[0], width=8),
    Column(title=TITLES[1], width=10, right=True, least_room=110),
    Column(title=TITLES[2], width=22),
    Column(title=TITLES[3], width=14),
    Column(title=TITLES[4], width=16, least_room=120),
    Column(title=TITLES[5], width=8, least_room=96),
    Column(title=TITLES[6], width=3, right=True, least_room=72),
    Column(title=TITLES[7]),
)


class EventTable(VirtualTable):
    """Shows all events or those of a job; `enter` shows one whole."""

    def __init__(self) -> None:
        """Begin without events."""
        super().__init__(_COLUMNS, id="events")
        self._found: EventList | None = None
        self._events: dict[str, SessionEvent] = {}
        self._began: Mapping[int, datetime] = {}
        self._zone: tzinfo = UTC

    @property
    def total(self) -> int:
        """How many events there are."""
        return len(self._found.events) if self._found is not None else 0

    @property
    def shown(self) -> int:
        """How many are let through."""
        return len(self._events)

    @property
    def remarks(self) -> tuple[Line, ...]:
        """What is not among the events."""
        return left_out(self._found) if self._found is not None else ()

    @property
    def current(self) -> SessionEvent | None:
        """The event under the cursor."""
        return self._events.get(self.cursor_key or "")

    def show_events(self, found: EventList, zone: tzinfo, *, job: str, wanted: str, execution: int | None) -> None:
        """Show the events of the job, all where it is empty, that hold the text; of one execution where that is asked for."""
        if found is not self._found:
            self._found, self._began, self._zone = found, begin_of(found.events), zone
        chosen = fitting_events(found.events, job=job, wanted=wanted, execution=execution)
        self._events = {f"{one.execution_arn} {one.id}": one for one in chosen}
        self.show(tuple(self._events), self._cells)

    def _cells(self, key: str) -> Cells:
        return event_cells(self._events[key], self._began, self._zone)
