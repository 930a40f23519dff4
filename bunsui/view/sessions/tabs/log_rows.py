"""The log of a session as it grows: lines that are kept, those of one job, those that hold a text, and how many there are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from bunsui.view.safe import safe_lines
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


class LogRows:
    """Lines in the order in which they came. Taking some costs as much as there are new ones, whatever is kept already."""

    def __init__(self, zone: tzinfo) -> None:
        """Begin empty; times are shown in the zone."""
        self._zone = zone
        self._width = 0
        self._entries: list[LogEntry] = []
        self._lines: list[Line] = []
        self._owners: list[int] = []
        """For each line the entry that it is of, counted from the first that ever came."""
        self._dropped = 0
        """Entries that are not kept any more."""
        self._job = ""
        self._wanted = ""
        self.shown: list[int] = []
        """The places of the lines that are let through, in order."""

    @property
    def total(self) -> int:
        """How many lines are kept."""
        return len(self._lines)

    @property
    def is_cut(self) -> bool:
        """True when older lines came that are not kept any more."""
        return bool(self._dropped)

    def line(self, place: int) -> Line:
        """Return the line at a place of `shown`."""
        return self._lines[self.shown[place]]

    def clear(self) -> None:
        """Begin anew, with the same filter."""
        self._entries, self._lines, self._owners, self.shown = [], [], [], []
        self._dropped = self._width = 0

    def take(self, entries: Sequence[LogEntry]) -> None:
        """Append what came."""
        width = min(max((cells(source_of(entry)) for entry in entries), default=0), _WIDEST)
        if width > self._width:
            self._width = width
            self._draw_again()
        before = len(self._lines)
        for entry in entries:
            self._append(entry)
        self.shown += [place for place in range(before, len(self._lines)) if self._fits(place)]
        if len(self._lines) > MOST_LINES:
            self._drop_oldest()

    def choose(self, *, job: str = "", wanted: str = "") -> None:
        """Let through the lines of a job and of what it runs, all where it is empty, that hold the text in any case."""
        self._job, self._wanted = job, wanted.casefold()
        self.shown = [place for place in range(len(self._lines)) if self._fits(place)]

    def find(self, text: str, start: int, step: int) -> int | None:
        """Return the next place of `shown` whose line holds the text, from `start` on in steps of 1 or -1, round the end; None
        when none does."""
        wanted, count = text.casefold(), len(self.shown)
        for distance in range(1, count + 1):
            place = (start + step * distance) % count
            if wanted in self.line(place).text.casefold():
                return place
        return None

    def text(self) -> str:
        """Return what is let through, without style."""
        return "\n".join(self._lines[place].text for place in self.shown)

    def _append(self, entry: LogEntry) -> None:
        number = self._dropped + len(self._entries)
        self._entries.append(entry)
        for one in self._draw_entry(entry):
            self._lines.append(one)
            self._owners.append(number)

    def _draw_entry(self, entry: LogEntry) -> Iterable[Line]:
        """Return an entry as lines; what goes on over several is indented below the first."""
        source = cut(source_of(entry), self._width)
        text = entry.message.rstrip("\n").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
        first, *rest = safe_lines(text, limit_lines=100)
        when = span(f"{clock_time(entry.at, self._zone)}  ", Role.MUTED)
        name = span(source + " " * (self._width - cells(source) + 2), Role.NAME)
        role = Role.BAD if "[ERROR]" in first else line_role(first)
        yield line(when, name, span(first, role))
        yield from (line(span(part, role), indent=12 + self._width) for part in rest)

    def _draw_again(self) -> None:
        entries, self._entries, self._lines, self._owners = self._entries, [], [], []
        for entry in entries:
            self._append(entry)
        self.choose(job=self._job, wanted=self._wanted)

    def _fits(self, place: int) -> bool:
        entry = self._entries[self._owners[place] - self._dropped]
        of_job = not self._job or entry.job == self._job or entry.job.startswith(f"{self._job}/")
        return of_job and (not self._wanted or self._wanted in self._lines[place].text.casefold())

    def _drop_oldest(self) -> None:
        surplus = len(self._lines) - MOST_LINES * 9 // 10
        first = self._owners[surplus]
        gone = bisect_left(self._owners, first)
        self._entries = self._entries[first - self._dropped :]
        self._lines, self._owners = self._lines[gone:], self._owners[gone:]
        self._dropped = first
        self.choose(job=self._job, wanted=self._wanted)
