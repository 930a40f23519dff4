"""The placement of any acyclic graph: nodes in layers from left to right, every edge as a line of its own or of its like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.view.drawing.channels import tracks_of
from bunsui.view.drawing.layers import Layers, LineGroup, Slot, layers_of
from bunsui.view.drawing.placement import ACROSS, EAST, NORTH, SOUTH, WEST, Bundle, Edge, PlacedNode, Placement, Stroke

_TRACK_CELLS = 2


def place_layers(names: Sequence[str], edges: Sequence[Edge], widths: Mapping[str, int]) -> Placement:
    """Return the placement of an acyclic graph; `widths` are cells by name."""
    layers, depth = layers_of(names, edges)
    rows, tracks = _rows(layers)
    router = _Router(widths)
    column = 0
    for index, slots in enumerate(layers.slots):
        width = max((widths.get(slot.name, 1) for slot in slots), default=1)
        router.place(slots, rows[index], column, width, depth)
        if index < len(layers.groups):
            column = router.route(layers.groups[index], tracks[index], rows[index], rows[index + 1], column, column + width)
    placed = {node.name: node for node in router.nodes}
    return Placement(
        nodes=tuple(placed[name] for name in names),
        edges=tuple(edges),
        bundles=tuple(router.bundles),
        strokes=tuple(router.strokes),
        width=max((node.column + node.width for node in router.nodes), default=0),
        height=max((row + 1 for layer in rows for row in layer.values()), default=0),
    )


_Rows = Mapping[Slot, int]


def _rows(layers: Layers) -> tuple[list[_Rows], list[tuple[int | None, ...]]]:
    """Return the row of each slot by layer, and the tracks of each channel: as far up as what leads to a slot, below the one
    before it; a layer whose lines would have to lie upon each other stands below the one before."""
    rows: list[_Rows] = [{slot: index for index, slot in enumerate(layers.slots[0])}] if layers.slots else []
    tracks: list[tuple[int | None, ...]] = []
    for slots, groups in zip(layers.slots[1:], layers.groups, strict=True):
        before = rows[-1]
        wanted = {slot: min(before[source] for source in group.sources) for group in groups for slot in group.targets}
        found = _stack_slots(slots, wanted, top=0)
        between = tracks_of(groups, before, found)
        if between is None:
            found = _stack_slots(slots, wanted, top=max(before.values()) + 1)
            between = tracks_of(groups, before, found)
        assert between is not None, "rows that are not shared force no order"
        rows.append(found)
        tracks.append(between)
    return rows, tracks


def _stack_slots(slots: Sequence[Slot], wanted: _Rows, *, top: int) -> _Rows:
    found: dict[Slot, int] = {}
    row = top
    for slot in slots:
        found[slot] = row = max(row, wanted.get(slot, row))
        row += 1
    return found


class _Router:
    """Draws layers and what is between them, and notes what it drew."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self._widths = widths
        self.nodes: list[PlacedNode] = []
        self.bundles: dict[Bundle, int] = {}
        self.strokes: list[Stroke] = []

    def place(self, slots: Sequence[Slot], rows: _Rows, column: int, width: int, depth: Mapping[str, int]) -> None:
        """Place the nodes of a layer; what passes it goes straight on."""
        for slot in slots:
            if slot.name:
                self.nodes.append(
                    PlacedNode(
                        name=slot.name, row=rows[slot], column=column, width=self._widths[slot.name], layer=depth[slot.name]
                    )
                )
            else:
                self._across(rows[slot], column, column + width, Bundle(slot.sources, slot.targets))

    def route(
        self,
        groups: Sequence[LineGroup],
        tracks: Sequence[int | None],
        left: _Rows,
        right: _Rows,
        column: int,
        start: int,
    ) -> int:
        """Draw the lines between two layers, the first of which stands at `column` and ends before `start`; return where the
        second one begins."""
        last = max((track for track in tracks if track is not None), default=-1)
        end = start + 4 + (last * _TRACK_CELLS + 1 if last >= 0 else 0)
        for group, track in zip(groups, tracks, strict=True):
            sources = frozenset[str]().union(*(slot.sources for slot in group.sources))
            targets = frozenset[str]().union(*(slot.targets for slot in group.targets))
            turn = start + 2 + track * _TRACK_CELLS if track is not None else None
            for slot in group.sources:
                own = Bundle(slot.sources, targets)
                begin = column + self._widths[slot.name] + 1 if slot.name else column
                self._across(left[slot], begin, end if turn is None else turn, own)
                self._note(left[slot], turn, WEST, own)
            for slot in group.targets:
                stop = end - 1 if slot.name else end
                own = Bundle(sources, slot.targets)
                self._across(right[slot], start + 1 if turn is None else turn + 1, stop, own)
                self._note(right[slot], turn, EAST, own)
            if turn is not None:
                self._down(group, left, right, turn)
        return end

    def _down(self, group: LineGroup, left: _Rows, right: _Rows, column: int) -> None:
        ends = {left[slot] for slot in group.sources} | {right[slot] for slot in group.targets}
        top, bottom = min(ends), max(ends)
        for row in range(top, bottom):
            for bundle in _passing(group, left, right, row):
                # Where the track is left it is joined; elsewhere it passes, and what goes across is crossed.
                if row in ends:
                    self._note(row, column, SOUTH, bundle)
                if row + 1 in ends:
                    self._note(row + 1, column, NORTH, bundle)
                else:
                    self._note(row + 1, column, NORTH | SOUTH, bundle)

    def _across(self, row: int, start: int, stop: int, bundle: Bundle) -> None:
        for column in range(start, stop):
            self._note(row, column, ACROSS, bundle)

    def _note(self, row: int, column: int | None, ways: int, bundle: Bundle) -> None:
        if column is not None:
            self.strokes.append(Stroke(row, column, ways, self.bundles.setdefault(bundle, len(self.bundles))))


def _passing(group: LineGroup, left: _Rows, right: _Rows, row: int) -> list[Bundle]:
    """Return what goes down, and what goes up, between a row and the next one."""
    found = []
    for is_down in (True, False):
        sources = [slot.sources for slot in group.sources if (left[slot] <= row) is is_down]
        targets = [slot.targets for slot in group.targets if (right[slot] > row) is is_down]
        if sources and targets:
            found.append(Bundle(frozenset[str]().union(*sources), frozenset[str]().union(*targets)))
    return found
