"""The log of a session as it grows: lines that are kept, those of one job, those that hold a text, and how many there are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from bunsui.view.safe import Safe, safe_lines
from bunsui.view.sessions.logs import line_role, source_of
from bunsui.view.sessions.wording import clock_time
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells, cut

if TYPE_CHECKING:
    from bunsui.sessions.logs.task_logs import LogEntry

MOST_LINES = 50_000
"""That are kept; the oldest go first."""
_WIDEST = 24
"""Cells of the names of jobs."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of an entry, before it is drawn."""

    entry: int
    """Counted from the first that ever came."""
    job: str
    when: str
    """Empty for a line below the first of its entry."""
    source: str
    text: Safe
    role: Role
    searched: str
    """What a filter is looked for in."""


class LogRows:
    """Lines in the order in which they came. Taking some costs as much as there are new ones, whatever is kept already."""

    def __init__(self, zone: tzinfo) -> None:
        """Begin empty; times are shown in the zone."""
        self._zone = zone
        self._width = 0
        self._rows: list[_Row] = []
        self._came = 0
        """Entries."""
        self._is_cut = False
        self._job = ""
        self._wanted = ""
        self.shown: list[int] = []
        """The places of the lines that are let through, in order."""

    @property
    def total(self) -> int:
        """How many lines are kept."""
        return len(self._rows)

    @property
    def is_cut(self) -> bool:
        """True when older lines came that are not kept any more."""
        return self._is_cut

    def line(self, place: int) -> Line:
        """Return the line at a place of `shown`; it is drawn when it is looked at."""
        row = self._rows[self.shown[place]]
        if not row.when:
            return line(span(row.text, row.role), indent=12 + self._width)
        return line(span(f"{row.when}  ", Role.MUTED), span(self._name(row), Role.NAME), span(row.text, row.role))

    def clear(self) -> None:
        """Begin anew, with the same filter."""
        self._rows, self.shown = [], []
        self._came = self._width = 0
        self._is_cut = False

    def take(self, entries: Sequence[LogEntry]) -> None:
        """Append what came."""
        before = len(self._rows)
        for entry in entries:
            self._rows += self._rows_of(entry)
            self._came += 1
        self.shown += [place for place in range(before, len(self._rows)) if self._fits(place)]
        if len(self._rows) > MOST_LINES:
            self._drop_oldest()

    def choose(self, *, job: str = "", wanted: str = "") -> None:
        """Let through the lines of a job and of what it runs, all where it is empty, that hold the text in any case."""
        self._job, self._wanted = job, wanted.casefold()
        self.shown = [place for place in range(len(self._rows)) if self._fits(place)]

    def find(self, text: str, start: int, step: int) -> int | None:
        """Return the next place of `shown` whose line holds the text, from `start` on in steps of 1 or -1, round the end; None
        when none does."""
        wanted, count = text.casefold(), len(self.shown)
        for distance in range(1, count + 1):
            place = (start + step * distance) % count
            if wanted in self._rows[self.shown[place]].searched:
                return place
        return None

    def text(self) -> str:
        """Return what is let through, without style."""
        every = (self._rows[place] for place in self.shown)
        below = " " * (12 + self._width)
        return "\n".join(f"{row.when}  {self._name(row)}{row.text}" if row.when else f"{below}{row.text}" for row in every)

    def _name(self, row: _Row) -> str:
        """Return who wrote a line, as wide as the widest of them."""
        name = cut(row.source, self._width)
        return name + " " * (self._width - cells(name) + 2)

    def _rows_of(self, entry: LogEntry) -> Iterator[_Row]:
        """Yield an entry's lines; what goes on over several is indented below the first."""
        source = source_of(entry)
        self._width = max(self._width, min(cells(source), _WIDEST))
        text = entry.message.rstrip("\n").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
        first, *rest = safe_lines(text, limit_lines=100)
        when, role = clock_time(entry.at, self._zone), Role.BAD if "[ERROR]" in first else line_role(first)
        yield _Row(self._came, entry.job, when, source, first, role, f"{when}  {source}  {first}".casefold())
        for part in rest:
            yield _Row(self._came, entry.job, "", source, part, role, part.casefold())

    def _fits(self, place: int) -> bool:
        row = self._rows[place]
        of_job = not self._job or row.job == self._job or row.job.startswith(f"{self._job}/")
        return of_job and (not self._wanted or self._wanted in row.searched)

    def _drop_oldest(self) -> None:
        first = self._rows[len(self._rows) - MOST_LINES * 9 // 10].entry
        self._rows = self._rows[bisect_left(self._rows, first, key=lambda row: row.entry) :]
        self._is_cut = True
        self.choose(job=self._job, wanted=self._wanted)
