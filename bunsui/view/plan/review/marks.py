"""Marks on the changes that are to be applied, with what these pull in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bunsui.model.address import Address
from bunsui.plan.model import Plan
from bunsui.plan.selection import part_of
from bunsui.view.plan.wording import kind_words
from bunsui.view.spans import Line, Role, line, span

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """Changes that somebody marked, and those that these need."""

    marked: frozenset[Address] = frozenset()
    pulled_in: tuple[Address, ...] = ()

    def of(self, changes: Collection[Address]) -> str:
        """Return the one cell before a row that stands for these changes: x marked, • comes along, or nothing."""
        if not changes or not self.marked:
            return " "
        if self.marked.issuperset(changes):
            return "x"
        return "•" if any(one in self.marked or one in self.pulled_in for one in changes) else " "

    def turn(self, plan: Plan, changes: Collection[Address]) -> Marks:
        """Return the marks after these changes were marked, or unmarked where all of them are."""
        own = frozenset(changes)
        return marks_of(plan, self.marked - own if own <= self.marked else self.marked | own)

    def line(self, plan: Plan) -> Line:
        """Return `marked 2 of 12, +1 pulled in: role`."""
        parts = [span(f"marked {len(self.marked)} of {len(plan.pending)}", Role.STRONG)]
        if self.pulled_in:
            names = [f"{kind_words(one.kind)} {one.name}".rstrip() for one in self.pulled_in]
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            parts += [span(f", +{len(names)} pulled in: "), span(f"{', '.join(names[:_NAMED])}{more}", Role.NAME)]
        return line(*parts)


def marks_of(plan: Plan, marked: Collection[Address]) -> Marks:
    """Return the marks on these changes, with what they pull in."""
    if not marked:
        return Marks()
    part = part_of(plan, marked)
    return Marks(part.marked, part.pulled_in)
