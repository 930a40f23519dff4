"""The same jobs get the same structure in every later version, else each pipeline would change.

`tests/cases/asl/structures.txt` holds graphs and what became of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.layering import layered_by_component, layered_tree
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.compile.structure.tree import Leaf, Par, Seq, Tree, makespan

EXPECTED = Path(__file__).parents[3] / "cases" / "asl" / "structures.txt"
SIZES = (*range(1, 13), *range(4, 13), *range(4, 13), 13, 14, 16, 18, 20, 24, 28, 34)


def drawn(number: int, size: int) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    """Return a graph and its durations; the file's order is not that of the graph."""
    source = random.Random(number)
    names = [f"j{index}" for index in range(size)]
    order = source.sample(names, size)
    dense = source.choice((1.2, 2.0, 3.0)) / size
    needs = {name: tuple(other for other in order[:at] if source.random() < dense) for at, name in enumerate(order)}
    return {name: needs[name] for name in names}, {name: float(source.randint(1, 9)) for name in names}


def as_text(order: JobOrder, tree: Tree) -> str:
    match tree:
        case Leaf(job):
            return order.names[job]
        case Seq(parts):
            return f"[{' '.join(as_text(order, part) for part in parts)}]"
        case Par(parts):
            return f"({' '.join(as_text(order, part) for part in parts)})"


def told(dag: Mapping[str, tuple[str, ...]], durations: Mapping[str, float]) -> Iterator[str]:
    order = order_of(dag, durations=durations)
    assert isinstance(order, JobOrder)
    found = structured(order)
    assert found.tree is not None
    yield " ".join(f"{name}:{durations[name]:g}{'<' + ','.join(needs) if needs else ''}" for name, needs in dag.items())
    yield f"  {as_text(order, found.tree)}"
    waits = " ".join(f"{wait.job}<{wait.waits_for}" for wait in found.synthetic) or "none"
    critical = " ".join(found.critical_path)
    yield f"  {found.makespan_seconds:g} s, critical {found.critical_path_seconds:g} s: {critical}"
    yield f"  waits {waits}, {found.synthetic_pairs} pairs"
    levels = layered_tree(order, order.everything)
    yield f"  by levels {makespan(levels, order.weights) / 1000:g} s: {as_text(order, levels)}"
    apart = layered_by_component(order, order.everything)
    yield f"  by parts {apart.cost.makespan / 1000:g} s, {apart.cost.synthetic} pairs: {as_text(order, apart.tree)}"


def block(number: int) -> str:
    return "\n".join(told(*drawn(number, SIZES[number])))


def recorded() -> list[str]:
    return EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n")


@pytest.mark.parametrize("number", range(len(SIZES)))
def test_a_graph_has_the_structure_that_it_had(number: int, update_cases: bool) -> None:
    if update_cases and number == 0:
        EXPECTED.write_text("\n\n".join(block(one) for one in range(len(SIZES))) + "\n", encoding="utf-8")
    assert block(number) == recorded()[number]


def test_no_jobs_have_no_structure() -> None:
    order = order_of({})
    assert isinstance(order, JobOrder)
    found = structured(order)
    assert (found.tree, found.synthetic, found.synthetic_pairs) == (None, (), 0)
    assert (found.makespan_seconds, found.critical_path, found.critical_path_seconds) == (0.0, (), 0.0)
