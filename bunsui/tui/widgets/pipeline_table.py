"""The table of pipelines: names first, then how each stands and how its runs went, what changed last where there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.pipelines.intervention import standing_text
from bunsui.view.pipelines.wording import STANDINGS, last_change, last_run, next_start_cell, p95, percent, spark
from bunsui.view.spans import Role, line, span
from bunsui.view.table import cells as cells_of

_SHORTEST_NAME = 12
_RUNS = "last 20 runs"
_CHANGE_ROOM = 100
"""From this width on, what changed last stands in the list."""


class PipelineTable(VirtualTable):
    """A row for each pipeline, by name."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Begin empty."""
        super().__init__((Column(title="pipeline"),), id=id)
        self.marked: frozenset[str] = frozenset()
        self._statuses: Mapping[str, PipelineStatus] = {}
        self._at: tuple[datetime, tzinfo] = (datetime.min.replace(tzinfo=UTC), UTC)

    def show_pipelines(self, statuses: Mapping[str, PipelineStatus], *, now: datetime, zone: tzinfo, width: int) -> None:
        """Replace the rows; columns have the room of so many cells."""
        self._statuses, self._at = statuses, (now, zone)
        self.set_columns(columns(width, list(statuses.values()), has_marks=bool(self.marked)))
        self.show(tuple(statuses), self._cells)

    def _cells(self, key: str) -> Cells:
        status, (now, zone) = self._statuses[key], self._at
        symbol, role = STANDINGS[status.standing]
        return (
            line(span("x ", Role.WARN) if key in self.marked else "", span(f"{symbol} {standing_text(status)}", role)),
            line(span(status.name, Role.NAME)),
            line(*spark(status.runs.runs)),
            line(percent(status.runs)),
            line(p95(status.runs)),
            line(last_run(status, zone, now=now)),
            line(next_start_cell(status, zone, now=now)),
            line(last_change(status, zone, now=now)),
        )


def columns(width: int, statuses: Sequence[PipelineStatus], *, has_marks: bool = False) -> tuple[Column, ...]:
    """Return the columns for so many cells: names first; what changed last where there is room."""
    longest = max((cells_of(one.name) for one in statuses), default=0)
    most_runs = max((len(one.runs.runs) for one in statuses), default=0)
    has_change = width >= _CHANGE_ROOM
    name = min(max(longest, _SHORTEST_NAME), width // 3) if has_change else 0
    state = max((len(standing_text(one)) + 2 for one in statuses), default=len(PipelineStanding.IN_SYNC.value))
    return (
        Column(title="state", width=min(state, 17 if has_change else 11) + (2 if has_marks else 0)),
        Column(title="pipeline", width=name),
        Column(title=_RUNS, width=max(most_runs, len(_RUNS)), least_room=60),
        Column(title="ok", width=4, right=True),
        Column(title="p95", width=9, right=True, least_room=70),
        Column(title="last run", width=13, least_room=140),
        Column(title="next", width=11, least_room=90),
        Column(title="last change", least_room=_CHANGE_ROOM),
    )
