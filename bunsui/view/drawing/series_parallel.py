"""The placement of a series-parallel tree, left to right as it runs; the way goes in and out on the first row."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import assert_never

from bunsui.compile.structure.tree import Leaf, Par, Seq, Tree
from bunsui.view.drawing.placement import ACROSS, EAST, NORTH, SOUTH, WEST, Bundle, Edge, PlacedNode, Placement, Stroke

_Names = frozenset[str]


def place_tree(tree: Tree, names: tuple[str, ...], widths: Mapping[str, int]) -> Placement:
    """Return the placement of a tree whose numbers are places in `names`; `widths` are cells by name.

    Of what runs one after the other each last node has an edge to each next one: so a state machine runs it.
    """
    placer = _Placer(names, widths)
    width, height = placer.place(tree, 0, 0, layer=0, before=frozenset(), after=frozenset())
    places = {name: index for index, name in enumerate(names)}
    return Placement(
        nodes=tuple(sorted(placer.nodes, key=lambda node: places[node.name])),
        edges=tuple(dict.fromkeys(placer.edges)),
        bundles=tuple(placer.bundles),
        strokes=tuple(placer.strokes),
        width=width,
        height=height,
    )


class _Placer:
    """Places parts of a tree, and notes what it drew."""

    def __init__(self, names: tuple[str, ...], widths: Mapping[str, int]) -> None:
        self._names, self._widths = names, widths
        self.nodes: list[PlacedNode] = []
        self.edges: list[Edge] = []
        self.bundles: dict[Bundle, int] = {}
        self.strokes: list[Stroke] = []

    def place(self, tree: Tree, row: int, column: int, *, layer: int, before: _Names, after: _Names) -> tuple[int, int]:
        """Place a tree between what runs before it and after it; return its width and height."""
        match tree:
            case Leaf(job):
                name = self._names[job]
                width = self._widths[name]
                self.nodes.append(PlacedNode(name=name, row=row, column=column, width=width, layer=layer))
                return width, 1
            case Seq(parts):
                return self._place_sequence(parts, row, column, layer=layer, before=before, after=after)
            case Par(parts):
                return self._place_parallel(parts, row, column, layer=layer, before=before, after=after)
            case _:
                assert_never(tree)

    def _place_sequence(
        self, parts: tuple[Tree, ...], row: int, column: int, *, layer: int, before: _Names, after: _Names
    ) -> tuple[int, int]:
        start, height = column, 0
        for index, part in enumerate(parts):
            if index:
                before = self._ends(parts[index - 1])
                self.edges += product(sorted(before), sorted(self._starts(part)))
                self._across(row, column + 1, column + 3, Bundle(before, self._starts(part)))
                column += 4
            following = self._starts(parts[index + 1]) if index + 1 < len(parts) else after
            width, tall = self.place(part, row, column, layer=layer, before=before, after=following)
            layer += _depth(part)
            column, height = column + width, max(height, tall)
        return column - start, height

    def _place_parallel(
        self, parts: tuple[Tree, ...], row: int, column: int, *, layer: int, before: _Names, after: _Names
    ) -> tuple[int, int]:
        sizes: list[tuple[int, int, int]] = []
        at = row
        for part in parts:
            width, height = self.place(part, at, column + 3, layer=layer, before=before, after=after)
            sizes.append((at, width, height))
            at += height
        end = column + 5 + max(width for _, width, _ in sizes)
        self._fork(parts, sizes, column, before)
        self._join(parts, sizes, column, end, after)
        return end + 1 - column, at - row

    def _fork(self, parts: tuple[Tree, ...], sizes: list[tuple[int, int, int]], column: int, before: _Names) -> None:
        starts = [self._starts(part) for part in parts]
        self._stroke(sizes[0][0], column, WEST, Bundle(before, frozenset[str]().union(*starts)))
        for index, (at, _, _) in enumerate(sizes):
            own = Bundle(before, starts[index])
            self._stroke(at, column, EAST, own)
            self._across(at, column + 1, column + 2, own)
            if index:
                self._down(sizes[index - 1][0], at, column, Bundle(before, frozenset[str]().union(*starts[index:])))

    def _join(self, parts: tuple[Tree, ...], sizes: list[tuple[int, int, int]], column: int, end: int, after: _Names) -> None:
        ends = [self._ends(part) for part in parts]
        self._stroke(sizes[0][0], end, EAST, Bundle(frozenset[str]().union(*ends), after))
        for index, (at, width, _) in enumerate(sizes):
            own = Bundle(ends[index], after)
            self._across(at, column + 4 + width, end, own)
            self._stroke(at, end, WEST, own)
            if index:
                self._down(sizes[index - 1][0], at, end, Bundle(frozenset[str]().union(*ends[index:]), after))

    def _across(self, row: int, start: int, stop: int, bundle: Bundle) -> None:
        for column in range(start, stop):
            self._stroke(row, column, ACROSS, bundle)

    def _down(self, top: int, bottom: int, column: int, bundle: Bundle) -> None:
        self._stroke(top, column, SOUTH, bundle)
        for row in range(top + 1, bottom):
            self._stroke(row, column, NORTH | SOUTH, bundle)
        self._stroke(bottom, column, NORTH, bundle)

    def _stroke(self, row: int, column: int, ways: int, bundle: Bundle) -> None:
        self.strokes.append(Stroke(row, column, ways, self.bundles.setdefault(bundle, len(self.bundles))))

    def _starts(self, tree: Tree) -> _Names:
        match tree:
            case Leaf(job):
                return frozenset((self._names[job],))
            case Seq(parts):
                return self._starts(parts[0])
            case Par(parts):
                return frozenset[str]().union(*map(self._starts, parts))
            case _:
                assert_never(tree)

    def _ends(self, tree: Tree) -> _Names:
        match tree:
            case Leaf(job):
                return frozenset((self._names[job],))
            case Seq(parts):
                return self._ends(parts[-1])
            case Par(parts):
                return frozenset[str]().union(*map(self._ends, parts))
            case _:
                assert_never(tree)


def _depth(tree: Tree) -> int:
    """Return how many nodes are on the longest way through the tree."""
    match tree:
        case Leaf(_):
            return 1
        case Seq(parts):
            return sum(map(_depth, parts))
        case Par(parts):
            return max(map(_depth, parts))
        case _:
            assert_never(tree)
