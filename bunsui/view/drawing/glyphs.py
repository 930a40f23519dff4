"""The characters of which the lines of a graph are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.view.drawing.placement import ACROSS, DOWN, EAST, NORTH, SOUTH, WEST


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphGlyphs:
    """A set of characters for lines."""

    joints: Mapping[int, str]
    """By the ways that meet in a cell; of a single way it is the line in that direction."""
    marked: Mapping[str, tuple[str, str]]
    """By mark: the line across and the line down."""

    @property
    def across(self) -> frozenset[str]:
        """The lines that go across."""
        return frozenset((self.joints[ACROSS], *(across for across, _ in self.marked.values())))

    def character(self, ways: int, mark: str = "") -> str:
        """Return the character for a cell that is left on these ways."""
        if mark in self.marked:
            across, down = self.marked[mark]
            if ways & ~ACROSS == 0:
                return across
            if ways & ~DOWN == 0:
                return down
        return self.joints[ways]


_LINES = {WEST: "─", EAST: "─", ACROSS: "─", NORTH: "│", SOUTH: "│", DOWN: "│"}

BOX = GraphGlyphs(
    joints={
        **_LINES,
        EAST | SOUTH: "┌",
        WEST | SOUTH: "┐",
        NORTH | EAST: "└",
        NORTH | WEST: "┘",
        DOWN | EAST: "├",
        DOWN | WEST: "┤",
        ACROSS | SOUTH: "┬",
        ACROSS | NORTH: "┴",
        ACROSS | DOWN: "┼",
    },
    marked={"added": ("━", "┃"), "removed": ("╌", "┊")},
)
