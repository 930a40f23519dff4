"""A compiled machine made ready to run on the virtual clock: who answers for which task, and what a run did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from bunsui.asl.model import Parallel, Task
from bunsui.compile.pipeline import compile_pipeline
from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.engine.clock import VirtualClock
from bunsui.engine.distributed.map_run import MapRun
from bunsui.engine.distributed.objects import Objects
from bunsui.engine.program import Program, prepare
from bunsui.engine.run import ExecutionResult, run, simulated_names
from bunsui.engine.tasks import TaskRequest, TaskRunner
from bunsui.errors import InvalidInput
from bunsui.model.failures import named
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation, Pipeline
from bunsui.model.session import HistoryEvent, JobStatus, MapRunCounts
from bunsui.operations.contract import EmitContext, Emitted, OperationType, ServiceCall
from bunsui.project.compile import CompiledProject, compile_project
from bunsui.project.repository import Repository
from bunsui.services.render import shown
from bunsui.sessions.analysis import origin_of
from bunsui.sessions.authored import Authored, authored_expressions, in_authors_words
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, job_of, machine_shape
from bunsui.sessions.trace import Trace, read_trace
from bunsui.testing.facts import RunFacts
from bunsui.testing.mocks import ToldAnswers

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a run begins that says nothing else."""

_DID_NOT_RUN = frozenset({JobStatus.SKIPPED, JobStatus.WAITING, JobStatus.NOT_RUN, JobStatus.RESTORED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Who stands behind a Task of a compiled machine."""

    operation: Operation
    type: OperationType

    def shaped(self, result: Json, call: ServiceCall | None = None) -> Json:
        """Return what the service answers to the call when the operation's result is this."""
        if self.type.answer_call is not None and call is not None:
            return self.type.answer_call(self.operation.params, result, call)
        return self.type.answer(self.operation.params, result)


@dataclass(frozen=True, kw_only=True)
class MachineUnderTest:
    """A machine that can be run as often as one likes."""

    name: str
    definition: Mapping[str, Json]
    order: tuple[str, ...] = ()
    """The jobs in the order of the file."""
    pipeline: Pipeline | None = None
    """None for a definition that belongs to no pipeline."""
    answering: Mapping[str, Answering] = field(default_factory=dict)
    """By Task state; a state that is not here answers what it is told, as it is."""
    kind: str = "STANDARD"
    authored: Authored = field(default_factory=dict)
    """What the pipeline's author wrote, for errors that name what was compiled."""

    @cached_property
    def program(self) -> Program:
        """The definition, prepared once for all runs. Raises InvalidInput when it cannot be run."""
        return prepare(self.definition)

    @cached_property
    def shape(self) -> MachineShape:
        """Which states there are."""
        return machine_shape(self.definition)

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """The names of all Task states, in the order of the definition, but for those that only another attempt enters."""
        return tuple(state.name for state in self.shape.states.values() if state.type == "Task" and not state.restores)

    @cached_property
    def side_by_side(self) -> frozenset[frozenset[str]]:
        """Pairs of jobs in different branches of one Parallel."""
        places: dict[str, Mapping[str, int]] = {}
        for state, place in _branches(self.definition, {}):
            if (job := self.shape.states[state].job) and not self.shape.is_raw:
                places.setdefault(job, place)
        jobs = list(places)
        return frozenset(
            frozenset((left, right))
            for index, left in enumerate(jobs)
            for right in jobs[index + 1 :]
            if any(places[left][name] != places[right][name] for name in places[left].keys() & places[right].keys())
        )

    def shaped(self, state: str, result: Json) -> Json:
        """Return what the service behind a Task answers for an operation's result, whatever it was asked."""
        found = self.answering.get(state)
        return result if found is None else found.shaped(result)

    def answer(self, request: TaskRequest, result: Json) -> Json:
        """Return what the service behind a Task answers to the request for an operation's result."""
        found = self.answering.get(request.state)
        if found is None:
            return result
        name = request.resource.rpartition(":::")[2]
        return found.shaped(result, ServiceCall(resource=name, arguments=request.arguments))

    def by_state(self, mocks: Mapping[str, ToldAnswers]) -> dict[str, ToldAnswers]:
        """Return the mocks by Task state; one of an operation that calls a service more than once answers all its calls. Raises
        InvalidInput for a name that leads to no task, or to several."""
        named = {self._task(name): answers for name, answers in mocks.items()}
        following = {state: answers.later for first, answers in named.items() for state in self._later(first)}
        return following | named

    def is_later(self, state: str) -> bool:
        """Tell whether the Task is a further call of an operation, which the operation's own mock answers."""
        return any(state in self._later(first) for first in self.answering)

    def _later(self, first: str) -> tuple[str, ...]:
        """Return the further Tasks of the operation that begins with this one."""
        own = self.answering.get(first)
        if own is None or own.type.answer_call is None:
            return ()
        tasks = tuple(state for state in self.tasks if self._is_of(own, state))
        return tasks[1:] if tasks[:1] == (first,) else ()

    def _is_of(self, own: Answering, state: str) -> bool:
        found = self.answering.get(state)
        return found is not None and found.operation is own.operation

    def _task(self, name: str) -> str:
        if name in self.tasks:
            return name
        job, _, operation = name.partition(".")
        own = [state for state in self.tasks if self.shape.states[state].job == job]
        if operation:
            own = [state for state in own if state in self.answering and self.answering[state].operation.id == operation]
        if own and self._later(own[0]) == tuple(own[1:]):
            return own[0]
        near = get_close_matches(name, [*self.tasks, *self.shape.jobs], n=1)
        if own:
            hint = f"Name the one that is meant: {', '.join(own)}."
        else:
            hint = f"Did you mean {near[0]}?" if near else f"Tasks of this machine: {', '.join(self.tasks) or 'none'}."
        problem = "the mock stands for several tasks" if own else "the mock stands for no task"
        raise InvalidInput("mock-unknown", problem, hint=hint, mock=name)

    def run(self, payload: Json, *, runner: TaskRunner, clock: VirtualClock, objects: Objects | None = None) -> ExecutionResult:
        """Run it to its end; `objects` is where distributed Maps read their items."""
        names = simulated_names(self.name)
        return run(self.program, payload, runner=runner, clock=clock, names=names, kind=self.kind, objects=objects)

    def path(self, events: Sequence[HistoryEvent]) -> tuple[str, ...]:
        """Return the jobs that ran, in the order in which they began; a raw machine's top-level states as they were entered."""
        jobs = job_progress(self.shape, events, order=self.order)
        idle = frozenset(job.name for job in jobs if job.status in _DID_NOT_RUN)
        return tuple(_path(self.shape, read_trace(events), idle))

    def facts(self, result: ExecutionResult) -> RunFacts:
        """Return what the run did."""
        events = [history_event(event) for event in result.events]
        trace = read_trace(events)
        error, cause = named(result.error or "", result.cause or "")
        if cause and self.authored:
            cause = in_authors_words(cause, origin_of(self.shape, trace).job, self.authored)
        return RunFacts(
            status=str(result.status).lower(),
            output=result.output,
            error=error,
            cause=cause,
            jobs=job_progress(self.shape, events, order=self.order, map_runs=_counts(result.map_runs)),
            path=self.path(events),
            side_by_side=self.side_by_side,
            retries=_retries([trace, *(read_trace([history_event(event) for event in child]) for child in result.children)]),
            seconds=(events[-1].at - events[0].at).total_seconds() if events else 0,
        )


def history_event(event: Mapping[str, Any]) -> HistoryEvent:
    """Return an event of the engine as sessions read it."""
    details = next((value for key, value in event.items() if key.endswith("EventDetails")), None)
    return HistoryEvent(
        id=event["id"], previous_id=event["previousEventId"], type=event["type"], at=event["timestamp"], details=details or {}
    )


def machines_under_test(repository: Repository, select: Sequence[str]) -> tuple[dict[str, MachineUnderTest], CompiledProject]:
    """Return the machines of the pipelines named, of all when none is; without those that have errors.

    Raises:
        NotFound: `unknown-pipeline`.

    """
    project = compile_project(repository, select=select)
    found: dict[str, MachineUnderTest] = {}
    for pipeline in project.documents.pipelines:
        compiled = project.pipelines.get(pipeline.name)
        if compiled is None or has_errors(compiled.diagnostics) or (select and pipeline.name not in select):
            continue
        found[pipeline.name] = _machine(pipeline, repository, project)
    return found, project


def errors_of(project: CompiledProject, pipelines: Sequence[str]) -> tuple[Diagnostic, ...]:
    """Return the errors that keep pipelines from being run; of all files, since one that is broken may have lost its name."""
    known = {pipeline.name: pipeline.path for pipeline in project.documents.pipelines}
    lost = any(name not in known for name in pipelines) or not pipelines
    paths = {known[name] for name in pipelines if name in known}
    return tuple(
        finding
        for finding in project.diagnostics
        if finding.is_error and (lost or finding.position is None or finding.position.file in paths)
    )


def _machine(pipeline: Pipeline, repository: Repository, project: CompiledProject) -> MachineUnderTest:
    recorder = _Recorder()
    # Compiled once more, with types that tell which operation each state came from; the definition is the same.
    raw = {other.name: other.literal_defaults for other in project.documents.pipelines if other.is_raw}
    compiled = compile_pipeline(
        pipeline,
        scope=repository.scope,
        registry={name: recorder.listening(kind) for name, kind in repository.registry.items()},
        machine_names={one.name: one.resource_name for one in project.documents.pipelines if one.resource_name},
        raw_inputs=raw,
        channels=repository.project.channels,
    )
    definition = shown(compiled.definition)
    assert isinstance(definition, Mapping), "a machine without errors has a definition"
    return MachineUnderTest(
        name=pipeline.name,
        definition=definition,
        order=tuple(job.name for job in pipeline.jobs),
        pipeline=pipeline,
        answering={
            state: Answering(operation=operation, type=repository.registry[operation.type])
            for state, operation in recorder.operations.items()
        },
        authored=authored_expressions(pipeline, repository.registry),
    )


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Remembers which operation a state came from, while a pipeline is compiled."""

    operations: dict[str, Operation] = field(default_factory=dict)

    def listening(self, kind: OperationType) -> OperationType:
        """Return the type, heard by this recorder when it emits."""
        emit: Callable[[Any, Operation, EmitContext], Emitted] = kind.emit

        def heard(params: Any, operation: Operation, context: EmitContext) -> Emitted:
            states = emit(params, operation, context)
            for name in (*states, *_wrapped_tasks(states)):
                # An operation inside another one was heard first, and the state is its own.
                self.operations.setdefault(name, operation)
            return states

        return replace(kind, emit=heard)


def _wrapped_tasks(states: Emitted) -> Iterator[str]:
    """Return the Tasks that an operation holds inside of a state of its own."""
    for state in states.values():
        for branch in state.branches if isinstance(state, Parallel) else ():
            yield from (name for name, inner in branch.states.items() if isinstance(inner, Task))


def _branches(scope: Mapping[str, Json], place: Mapping[str, int]) -> Iterator[tuple[str, Mapping[str, int]]]:
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        yield name, place
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, (list, tuple)) else ()):
            if isinstance(branch, Mapping):
                yield from _branches(branch, {**place, name: index})
        for key in ("ItemProcessor", "Iterator"):
            inner = state.get(key)
            if isinstance(inner, Mapping):
                yield from _branches(inner, place)


def _path(shape: MachineShape, trace: Trace, idle: frozenset[str]) -> Iterator[str]:
    if shape.is_raw:
        yield from (visit.state for visit in trace.visits if not shape.states[visit.state].containers)
        return
    seen = set(idle)
    for visit in trace.visits:
        job = job_of(visit.state)
        if job and visit.state != f"{job}.guard" and job not in seen:
            seen.add(job)
            yield job


def _counts(map_runs: Iterable[MapRun]) -> dict[str, MapRunCounts]:
    found = {}
    for map_run in map_runs:
        counts = map_run.item_counts()
        failed = counts["failed"] + counts["timedOut"]
        found[map_run.arn] = MapRunCounts(
            arn=map_run.arn,
            total=counts["total"],
            done=counts["succeeded"] + failed,
            failed=failed,
            is_final=map_run.stopped_at is not None,
        )
    return found


def _retries(traces: Iterable[Trace]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for visit in (visit for trace in traces for visit in trace.visits):
        if visit.tries > 1:
            counts[visit.state] = counts.get(visit.state, 0) + visit.tries - 1
    return counts
