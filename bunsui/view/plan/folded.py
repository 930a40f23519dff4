"""Resources of a pipeline to which the very same happens, told in one line: a rule for all of them, a file that they share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bunsui.plan.model import Action, Reason
from bunsui.view.plan.model import ResourceRow
from bunsui.view.plan.wording import kind_words
from bunsui.view.spans import Line, line, span

_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedRows:
    """One row, or several that differ in nothing but who they are."""

    rows: tuple[ResourceRow, ...]
    """In the order of the plan; the first tells what happens to each."""

    @property
    def heading(self) -> Line:
        """The heading of the one row, or of all of them: `~ update 4 functions a, b, c, d`."""
        first = self.rows[0]
        if len(self.rows) == 1:
            return first.heading
        symbol, title, *rest = first.heading.parts
        return line(symbol, span(f" {self._title()}", title.role), *rest)

    def _title(self) -> str:
        first, count = self.rows[0].address, len(self.rows)
        if any(row.address.kind != first.kind for row in self.rows):
            return f"{count} resources"
        names = [row.address.name or row.address.pipeline for row in self.rows]
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        return f"{count} {kind_words(first.kind)}s {', '.join(names[:_NAMED])}{more}"


def folded_rows(rows: Iterable[ResourceRow]) -> Iterator[FoldedRows]:
    """Return the rows in their order, each group where its first member stands."""
    groups: dict[Hashable, list[ResourceRow]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(_sameness(row) or number, []).append(row)
    for group in groups.values():
        yield FoldedRows(rows=tuple(group))


def _sameness(row: ResourceRow) -> Hashable:
    """Return what rows must share to be told together; None for one that is told by itself."""
    if row.drift or row.remarks:
        return None
    if row.action is Action.ADOPT and row.reason is Reason.RULES:
        return row.action, row.reason, row.note
    if row.action is Action.UPDATE and row.lines:
        return row.address.kind, row.action, row.reason, row.risk, row.note, _texts(row.lines)
    return None


def _texts(lines: Sequence[Line]) -> tuple[str, ...]:
    return tuple(item.text for item in lines)
