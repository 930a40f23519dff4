"""The shape of a pipeline: its jobs and edges, the waves in which they run, what waits without need, the critical path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bunsui.compile.structure.decompose import Structure
from bunsui.compile.structure.order import bits
from bunsui.compile.structure.tree import Tree, predecessors
from bunsui.diagnostics import Diagnostic
from bunsui.model.estimates.learnt_durations import JobDurations
from bunsui.model.pipeline import NOTHING_SAID, About, Job
from bunsui.project.one_pipeline import compile_one
from bunsui.project.repository import Repository
from bunsui.services.render import shown
from bunsui.services.simulate import prepare_definition
from bunsui.services.state_graph import StateGraph, state_graph


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphJob:
    """A job as a node."""

    name: str
    duration_seconds: float
    """1 as long as nothing was learnt of any job of the pipeline."""
    is_learnt: bool = False
    """False where the duration is assumed (`bunsui.model.estimates.learnt_durations`)."""
    description: str = ""
    """What the file says that it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineGraph:
    """A pipeline as a picture wants it."""

    pipeline: str
    about: About
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
    has_durations: bool = False
    """False: nothing was learnt, so that durations count jobs."""
    tree: Tree
    """How the state machine runs the jobs; numbers are places in `names`."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphOutcome:
    """The graph, or why there is none."""

    graph: PipelineGraph | StateGraph | None
    """Of jobs; of states where a definition is all there is."""
    diagnostics: tuple[Diagnostic, ...]


def graph(repository: Repository, name: str) -> GraphOutcome:
    """Return the graph of a pipeline. Needs no account.

    Raises:
        NotFound: there is no pipeline of that name.

    """
    one = compile_one(repository, name)
    if not one.usable or one.pipeline is None or one.compiled is None:
        return GraphOutcome(graph=None, diagnostics=one.diagnostics)
    if one.compiled.structure is None:
        definition = shown(one.compiled.definition)
        assert isinstance(definition, Mapping), "the validator refuses other definitions"
        return GraphOutcome(graph=state_graph(name, definition), diagnostics=one.diagnostics)
    pipeline = one.pipeline
    found = graph_of(name, pipeline.jobs, one.compiled.structure, pipeline.about, learnt=pipeline.durations)
    return GraphOutcome(graph=found, diagnostics=one.diagnostics)


def graph_of_definition(file: str, content: bytes) -> GraphOutcome:
    """Return the graph of a definition in Amazon States Language, JSON or YAML. Needs no project."""
    prepared = prepare_definition(file, content)
    machine = prepared.machine
    found = None if machine is None else state_graph(machine.name, machine.definition)
    return GraphOutcome(graph=found, diagnostics=prepared.diagnostics)


def graph_of(
    pipeline: str,
    jobs: Sequence[Job],
    structure: Structure,
    about: About = NOTHING_SAID,
    *,
    learnt: JobDurations = MappingProxyType({}),
) -> PipelineGraph:
    """Return the graph of a structured DAG; of the jobs in `learnt` the durations are known."""
    order, tree = structure.order, structure.tree
    assert tree is not None, "a pipeline without jobs has an error, and is not shown"
    declared = {job.name: job.depends_on for job in jobs}
    weight = dict(zip(order.names, order.weights, strict=True))
    return PipelineGraph(
        pipeline=pipeline,
        about=about,
        jobs=tuple(
            GraphJob(
                name=job.name,
                duration_seconds=weight[job.name] / 1000,
                is_learnt=job.name in learnt,
                description=job.description,
            )
            for job in jobs
        ),
        edges=tuple((need, name) for name, needs in declared.items() for need in dict.fromkeys(needs)),
        waves=_waves(structure, tree),
        synthetic=tuple((wait.waits_for, wait.job) for wait in structure.synthetic),
        makespan_seconds=structure.makespan_seconds,
        critical_path=structure.critical_path,
        critical_path_seconds=structure.critical_path_seconds,
        has_durations=bool(learnt),
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
