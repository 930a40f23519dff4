"""Series-parallel trees: what a structured state machine can express."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Leaf:
    """One job."""

    job: int
    """Its number in the `Order`."""


@dataclass(frozen=True, slots=True)
class Seq:
    """Parts one after another; none is a Seq itself."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Par:
    """Parts side by side; none is a Par itself."""

    parts: tuple[Tree, ...]


Tree: TypeAlias = Leaf | Seq | Par


def seq(parts: tuple[Tree, ...]) -> Tree:
    """Return the parts in sequence, flattened; one part stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Seq) else (part,)))
    return flat[0] if len(flat) == 1 else Seq(flat)


def par(parts: tuple[Tree, ...]) -> Tree:
    """Return the parts side by side, flattened; one part stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Par) else (part,)))
    return flat[0] if len(flat) == 1 else Par(flat)


def members(tree: Tree) -> int:
    """Return the set of jobs in the tree."""
    match tree:
        case Leaf(job):
            return 1 << job
        case Seq(parts) | Par(parts):
            mask = 0
            for part in parts:
                mask |= members(part)
            return mask
        case _:
            assert_never(tree)


def makespan(tree: Tree, weights: tuple[int, ...]) -> int:
    """Return how long the tree takes, with the jobs' durations."""
    match tree:
        case Leaf(job):
            return weights[job]
        case Seq(parts):
            return sum(makespan(part, weights) for part in parts)
        case Par(parts):
            return max(makespan(part, weights) for part in parts)
        case _:
            assert_never(tree)


def predecessors(tree: Tree, size: int) -> list[int]:
    """Give, for each job number below `size`, the jobs that the tree runs before it."""
    before = [0] * size

    def walk(node: Tree, earlier: int) -> None:
        match node:
            case Leaf(job):
                before[job] = earlier
            case Seq(parts):
                for part in parts:
                    walk(part, earlier)
                    earlier |= members(part)
            case Par(parts):
                for part in parts:
                    walk(part, earlier)
            case _:
                assert_never(node)

    walk(tree, 0)
    return before
