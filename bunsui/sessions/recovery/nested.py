"""Pipelines that a job starts: what their executions completed, so that a resume goes on inside of them.

A parent's new attempt is told, by the state that starts a child, what earlier executions of that child completed
(`resume.children`). The compiled state hands it on where it starts the same pipeline with the same parameters, and nothing
otherwise. A job whose child changed since is a job that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.compile.fingerprints import ToldFingerprints, read_fingerprints, what_changed
from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.operations.contract import OperationType
from bunsui.ports.execution import ExecutionClient
from bunsui.sessions.checkpoints import AttemptHistory, ResumePlan, checkpoints, item_history, plan_resume
from bunsui.sessions.items.runs import ItemRuns
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of
from bunsui.sessions.recovery.stored import ResumedMachine
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace

DEEPEST_RESUME = 5
"""How many pipelines are followed, each started by the one before."""
_COMPARED = 2
"""Of the executions that a foreach started, so many are compared with what is applied: the first and the last."""


StoredOf = Callable[[Mapping[str, Json], Sequence[HistoryEvent]], Mapping[str, Json]]
"""(the definition that an execution ran, its history) -> the outputs that it was told of as objects, by job."""


def nothing_stored(definition: Mapping[str, Json], events: Sequence[HistoryEvent]) -> Mapping[str, Json]:
    """Return nothing: where there are no buckets."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResume:
    """What a child pipeline keeps when the job that starts it runs again."""

    job: str
    """The parent's."""
    state: str
    """The parent's state that starts it."""
    pipeline: str
    plan: ResumePlan
    params: Json
    """What its executions were given; it goes on only where it is given the same again."""
    children: tuple[ChildResume, ...] = ()
    """Of the pipelines that it starts itself."""
    definition: Mapping[str, Json] = field(default_factory=dict)
    """What is applied of the child."""

    @property
    def payload(self) -> dict[str, Json]:
        """Return what the parent's state hands on: `resume` where pipeline and parameters are these."""
        inner = dict(self.plan.payload)
        if self.children:
            inner["children"] = {child.state: child.payload for child in self.children}
        return {"pipeline": self.pipeline, "params": self.params, "resume": inner}

    def without_items(self, why: str) -> ChildResume:
        """Return it with all items of its jobs to run, for this reason."""
        items = {job: item.without_kept(why) if item.kept else item for job, item in self.plan.items.items()}
        children = tuple(child.without_items(why) for child in self.children)
        return replace(self, plan=self.plan.with_items(items), children=children)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedPipeline:
    """A pipeline of the project as it is applied now."""

    pipeline: Pipeline
    definition: Mapping[str, Json]
    carry_all: bool
    """True when the files say something else, so that nobody can tell what its jobs read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildReader:
    """Reads the executions of child pipelines."""

    execution: ExecutionClient
    registry: Mapping[str, OperationType]
    applied: Callable[[str], AppliedPipeline | None]
    """(the ARN of a child's execution) -> its pipeline; None for a raw one, one of others, and one that is not applied."""
    executions_of: Callable[[str], Sequence[str]]
    """(the ARN of an execution) -> the executions of its session, oldest first: somebody may have resumed it by itself."""
    items: ItemRuns
    """Reads what items gave that have executions of their own."""
    stored: StoredOf = nothing_stored
    """Reads the outputs that an execution was told of as objects, which is all where older histories are forgotten."""
    read: dict[str, AttemptHistory] = field(default_factory=dict)
    """The histories that were read, by ARN."""

    def changed_children(self, jobs: Sequence[Job], histories: Sequence[AttemptHistory]) -> dict[str, str]:
        """Return the jobs that started a pipeline which is another one now, each with the reason."""
        starting = {job.name for job in jobs if any(self._starts(operation) for operation in job.operations)}
        found: dict[str, str] = {}
        for history in histories if starting else ():
            called = [call for call in _child_calls(history) if call.job in starting]
            for name in dict.fromkeys(call.job for call in called):
                arns = list(dict.fromkeys(call.child_arn for call in called if call.job == name))
                reasons = (self._why_changed(arn) for arn in dict.fromkeys((*arns[:1], *arns[1 - _COMPARED :])))
                found[name] = next(filter(None, reasons), "")  # a later attempt started it anew
        return {name: why for name, why in found.items() if why}

    def resumable_children(
        self, jobs: Sequence[Job], histories: Sequence[AttemptHistory], depth: int = DEEPEST_RESUME
    ) -> tuple[ChildResume, ...]:
        """Return what the children of these jobs, which run again, keep; those that keep nothing are left out."""
        wanted = {job.name for job in jobs if job.foreach is None and any(self._starts(one) for one in job.operations)}
        if not wanted or depth == 0:
            return ()
        last: dict[tuple[str, str], list[str]] = {}
        for history in histories:
            newest = {(call.job, call.state): call.child_arn for call in _child_calls(history) if call.job in wanted}
            for key, arn in newest.items():
                last.setdefault(key, []).append(arn)
        found = (self._resumable(job, state, arns, depth) for (job, state), arns in last.items())
        return tuple(child for child in found if child is not None)

    def _resumable(self, job: str, state: str, arns: Sequence[str], depth: int) -> ChildResume | None:
        applied = self.applied(arns[-1])
        if applied is None:
            return None
        every = dict.fromkeys(one for arn in arns for one in self.executions_of(arn))
        histories = [
            history for number, arn in enumerate(every, start=1) if (history := self._history(arn, number)) is not None
        ]
        if not histories:
            return None
        now, jobs = read_fingerprints(applied.definition), applied.pipeline.jobs
        plan = plan_resume(
            jobs,
            checkpoints(histories),
            self.registry,
            applied=now,
            nested=self.changed_children(jobs, histories),
            items=item_history(histories, applied.definition),
            carry_all=applied.carry_all,
        )
        plan = plan.with_items(self.items.complete(plan.items))
        again = [one for one in jobs if one.name in plan.to_run]
        children = self.resumable_children(again, histories, depth - 1)
        if not plan.restored and not children and "items" not in plan.payload:
            return None
        given = read_trace(histories[-1].events).input
        params = given.get("params") if isinstance(given, Mapping) else None
        return ChildResume(
            job=job,
            state=state,
            pipeline=applied.pipeline.name,
            plan=plan,
            params=params or {},
            children=children,
            definition=applied.definition,
        )

    def _why_changed(self, arn: str) -> str:
        applied = self.applied(arn)
        if applied is None:
            return ""
        history = self._history(arn, 1)
        name = applied.pipeline.name
        if history is None:
            return f"nobody can tell whether the pipeline {name} that it runs changed"
        before, now = read_fingerprints(history.definition), read_fingerprints(applied.definition)
        why = _what_changed(before, now)
        if why:
            return f"the pipeline {name} that it runs changed: {why}"
        inner = next(iter(self.changed_children(applied.pipeline.jobs, [history]).items()), None)
        return f"in the pipeline {name} that it runs, {inner[0]}: {inner[1]}" if inner is not None else ""

    def _history(self, arn: str, number: int) -> AttemptHistory | None:
        if arn not in self.read:
            try:
                definition, events = self.execution.definition(arn), tuple(self.execution.history(arn))
            except Missing:
                return None
            stored = self.stored(definition, events)
            self.read[arn] = AttemptHistory(number=number, definition=definition, events=events, stored=stored)
        return replace(self.read[arn], number=number)

    def _starts(self, operation: Operation) -> bool:
        kind = self.registry[operation.type]
        return bool(kind.calls_pipelines(operation.params)) or any(map(self._starts, kind.operations(operation.params)))


def every_child(children: Sequence[ChildResume], above: str = "") -> Iterator[ChildResume]:
    """Return the children and those below them, each with the path of its job."""
    for child in children:
        where = f"{above}{child.job}"
        yield replace(child, job=where)
        yield from every_child(child.children, f"{where}/")


def resumed_machines(children: Sequence[ChildResume], below: tuple[str, ...] = (), jobs: str = "") -> Iterator[ResumedMachine]:
    """Return the machines of the children and of those below them."""
    for child in children:
        states, names = (*below, child.state), f"{jobs}{child.job}/"
        yield ResumedMachine(definition=child.definition, below=states, jobs=names)
        yield from resumed_machines(child.children, states, names)


def _child_calls(history: AttemptHistory) -> Iterator[TaskCall]:
    if not history.definition:
        return
    for call in calls_of(machine_shape(history.definition), read_trace(history.events)):
        if call.kind is CallKind.EXECUTION and call.child_arn:
            yield call


def _what_changed(before: ToldFingerprints, now: ToldFingerprints) -> str:
    """Tell what differs between two versions of a pipeline, by its first job that does; empty when nothing does, and where
    a machine says no fingerprints."""
    if before.is_foreign or now.is_foreign:
        return "another version of bunsui compiled it, so that nobody can tell what"
    if not before.jobs or not now.jobs:
        return ""
    for name, fingerprint in now.jobs.items():
        if name not in before.jobs:
            return f"{name} is new"
        if why := what_changed(before.jobs[name], fingerprint):
            return f"{name}: {why}"
    gone = [name for name in before.jobs if name not in now.jobs]
    return f"{gone[0]} is gone" if gone else ""
