"""A graph as names with edges, whoever it comes from, put in its place by the form that tells its edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.compile.structure.order import Cycle, JobOrder, bits, order_of
from bunsui.compile.structure.parts import co_components, components
from bunsui.compile.structure.tree import Leaf, Tree, par, seq
from bunsui.view.drawing.layered import place_layers
from bunsui.view.drawing.placement import Edge, Placement
from bunsui.view.drawing.series_parallel import place_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphShape:
    """What runs after what."""

    names: tuple[str, ...] = ()
    """Each once."""
    edges: tuple[Edge, ...] = ()
    """Between names; in the order in which one may be left out, where they lead round."""

    @classmethod
    def of_needs(cls, needs: Mapping[str, Sequence[str]]) -> GraphShape:
        """Return the shape of jobs with what each depends on; names that there are not are ignored."""
        edges = [(need, name) for name, found in needs.items() for need in found if need in needs and need != name]
        return cls(names=tuple(needs), edges=tuple(dict.fromkeys(edges)))


def reduce_shape(shape: GraphShape) -> GraphShape:
    """Return the graph without the edges that follow from others; those that lead round stay."""
    forward, round_edges = _without_rings(shape)
    order = _order(shape.names, forward)
    assert isinstance(order, JobOrder), "no edge leads round"
    needed = {(order.names[need], name) for job, name in enumerate(order.names) for need in bits(order.parents[job])}
    return GraphShape(names=shape.names, edges=tuple(edge for edge in shape.edges if edge in needed or edge in round_edges))


def place(shape: GraphShape, widths: Mapping[str, int]) -> Placement:
    """Return the placement of a graph without the edges that follow from others, `widths` in cells by name."""
    return place_all(reduce_shape(shape), widths)


def place_all(shape: GraphShape, widths: Mapping[str, int]) -> Placement:
    """Return the placement of a graph with each of its edges: as sequences and parallels where these tell exactly them, else
    edge by edge. One that would lead round is in `undrawn`."""
    if not shape.names:
        return Placement()
    forward, undrawn = _without_rings(shape)
    order = _order(shape.names, forward)
    assert isinstance(order, JobOrder), "no edge leads round"
    tree = _exact_tree(order, order.everything)
    found = place_tree(tree, order.names, widths) if tree is not None else None
    if found is None or set(found.edges) != set(forward):
        found = place_layers(order.names, forward, widths)
    return replace(found, undrawn=undrawn)


def _without_rings(shape: GraphShape) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """Return the edges, and those that had to be left out for none to lead round: the later ones of each ring."""
    if isinstance(_order(shape.names, shape.edges), JobOrder):
        return shape.edges, ()
    number = {name: index for index, name in enumerate(shape.names)}
    reached = [1 << index for index in range(len(number))]
    kept, left_out = [], []
    for first, second in shape.edges:
        source, target = number[first], number[second]
        if reached[target] >> source & 1:
            left_out.append((first, second))
            continue
        kept.append((first, second))
        for index, mask in enumerate(reached):
            if mask >> source & 1:
                reached[index] |= reached[target]
    return tuple(kept), tuple(left_out)


def _order(names: Sequence[str], edges: Sequence[Edge]) -> JobOrder | Cycle:
    needs: dict[str, list[str]] = {name: [] for name in names}
    for first, second in edges:
        needs[second].append(first)
    return order_of(needs)


def _exact_tree(order: JobOrder, jobs: int) -> Tree | None:
    """Return the tree whose waits are those of the graph, None when there is none."""
    if jobs & (jobs - 1) == 0:
        return Leaf(jobs.bit_length() - 1)
    beside = components(order, jobs)
    parts = beside if len(beside) > 1 else co_components(order, jobs)
    if len(parts) == 1:
        return None
    found = []
    for part in parts:
        tree = _exact_tree(order, part)
        if tree is None:
            return None
        found.append(tree)
    return par(tuple(found)) if len(beside) > 1 else seq(tuple(found))
