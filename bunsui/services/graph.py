"""The shape of a pipeline: its jobs and edges, the waves in which they run, what waits without need, the critical path."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.compile.order import bits
from bunsui.compile.structure import Structure
from bunsui.compile.tree import Tree, predecessors
from bunsui.diagnostics import Diagnostic
from bunsui.errors import InvalidInput
from bunsui.services.edges import Repository
from bunsui.services.one_pipeline import compile_one


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphJob:
    """A job as a node."""

    name: str
    duration_seconds: float
    """1 as long as nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A pipeline as a picture wants it."""

    pipeline: str
    jobs: tuple[GraphJob, ...]
    """In the order of the file."""
    edges: tuple[tuple[str, str], ...]
    """Pairs (job, job that depends on it), as the file says them."""
    waves: tuple[tuple[str, ...], ...]
    """Jobs by how many others must be done before, in the state machine."""
    synthetic: tuple[tuple[str, str], ...]
    """Pairs (job, job that waits for it without depending on it); those that follow from others are left out."""
    makespan_seconds: float
    critical_path: tuple[str, ...]
    critical_path_seconds: float
    tree: Tree
    """How the state machine runs the jobs; numbers are places in `names`."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphOutcome:
    """The graph, or why there is none."""

    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]


def graph(repository: Repository, name: str) -> GraphOutcome:
    """Give the graph of a pipeline. Needs no account.

    Raises:
        NotFound: there is no pipeline of that name.
        InvalidInput: `no-graph`, the pipeline is a raw definition.

    """
    one = compile_one(repository, name)
    if not one.usable or one.pipeline is None or one.compiled is None:
        return GraphOutcome(graph=None, diagnostics=one.diagnostics)
    if one.compiled.structure is None:
        raise InvalidInput(
            "no-graph",
            "a raw definition has states, not jobs",
            hint=f"See its states:\n  bunsui render {name}",
            pipeline=name,
        )
    declared = {job.name: job.depends_on for job in one.pipeline.jobs}
    return GraphOutcome(graph=graph_of(name, declared, one.compiled.structure), diagnostics=one.diagnostics)


def graph_of(pipeline: str, depends_on: dict[str, tuple[str, ...]], structure: Structure) -> Graph:
    """Give the graph of a structured DAG."""
    order, tree = structure.order, structure.tree
    assert tree is not None, "a pipeline without jobs has an error, and is not shown"
    weight = dict(zip(order.names, order.weights, strict=True))
    return Graph(
        pipeline=pipeline,
        jobs=tuple(GraphJob(name=name, duration_seconds=weight[name] / 1000) for name in depends_on),
        edges=tuple((need, name) for name, needs in depends_on.items() for need in dict.fromkeys(needs)),
        waves=_waves(structure, tree),
        synthetic=tuple((wait.waits_for, wait.job) for wait in structure.synthetic),
        makespan_seconds=structure.makespan_seconds,
        critical_path=structure.critical_path,
        critical_path_seconds=structure.critical_path_seconds,
        tree=tree,
        names=order.names,
    )


def _waves(structure: Structure, tree: Tree) -> tuple[tuple[str, ...], ...]:
    order = structure.order
    before = predecessors(tree, len(order.names))
    level: dict[int, int] = {}
    for job in sorted(range(len(before)), key=lambda job: before[job].bit_count()):
        level[job] = max((level[earlier] + 1 for earlier in bits(before[job])), default=0)
    waves: list[list[int]] = [[] for _ in range(max(level.values()) + 1)]
    for job in sorted(level, key=lambda job: order.declared[job]):
        waves[level[job]].append(job)
    return tuple(tuple(order.names[job] for job in wave) for wave in waves)
