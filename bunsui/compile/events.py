"""How many events one execution may write, held against the limit of Step Functions.

Events are counted as AWS writes them: two for Pass, Choice, Wait and Succeed, five for a Task, six for one that waits for a
job, four for Parallel and Map, two more for each item, six for a distributed Map. What a poll repeats counts once for every
question. Retries are not counted. Source of the limit: Step Functions quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.asl.model import Distribution, Map, Parallel, RawState, State, Task
from bunsui.asl.printing import nested_states
from bunsui.compile.context import Repeated
from bunsui.compile.machine import WrittenMachine
from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.model.pipeline import Pipeline
from bunsui.model.values import Expression

EVENTS_LIMIT = 25_000
EVENTS_WARNING = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What decides how often states are entered."""

    items: Mapping[str, int]
    """The most items of a job's foreach, by job."""
    repeats: Mapping[str, Repeated]
    """The states that polls repeat."""

    def events(self, states: Mapping[str, State]) -> int:
        """Return how many events the states of a scope write when each is entered as often as it may be."""
        return sum(self._entry(name, state) * self._times(name) for name, state in states.items())

    def _times(self, name: str) -> int:
        return self.repeats[name].times if name in self.repeats else 1

    def _entry(self, name: str, state: State) -> int:
        match state:
            case Task(resource=resource):
                return 6 if ".sync" in resource else 5
            case Parallel(branches=branches):
                return 4 + sum(self.events(branch.states) for branch in branches)
            case Map(distribution=Distribution()):
                return 6  # its children have histories of their own
            case Map(processor=processor):
                return 4 + (2 + self.events(processor.states)) * self.items.get(name.partition(".")[0], 1)
            case RawState():
                return 5
            case _:
                return 2


def event_findings(pipeline: Pipeline, written: WrittenMachine) -> list[Diagnostic]:
    """Return a finding when an execution may come near the limit: an error when it may pass it whatever items there are."""
    inline = [job for job in pipeline.jobs if job.foreach is not None and not job.foreach.is_distributed]
    items = {job.name: job.foreach.most_items for job in inline if job.foreach is not None}
    found = _child_findings(pipeline, written)
    events = _count_events(written, items, written.repeats)
    if events <= EVENTS_WARNING:
        return found
    # Only max_items is uncertain: fewer items may come.
    sure = {
        job.name: 1 if isinstance(job.foreach.items, Expression) else items[job.name]
        for job in inline
        if job.foreach is not None
    }
    remedy, position = _remedy(pipeline, written, items, events)
    is_sure = _count_events(written, sure, written.repeats) > EVENTS_LIMIT
    summary = f"one execution of {pipeline.name} may write {events:,} events; Step Functions ends it at {EVENTS_LIMIT:,}"
    return [*found, _finding(summary, position or Position(pipeline.path, 1, 1), remedy, is_sure=is_sure)]


def _child_findings(pipeline: Pipeline, written: WrittenMachine) -> list[Diagnostic]:
    """Return a finding for each distributed foreach one of whose items may come near the limit by itself."""
    found = []
    for name, state in nested_states(written.machine.states):
        if not isinstance(state, Map) or state.distribution is None:
            continue
        events = 2 + Counting(items={}, repeats=written.repeats).events(state.processor.states)
        if events > EVENTS_WARNING:
            job = pipeline.job(name.partition(".")[0])
            summary = f"one item of {job.name} may write {events:,} events; Step Functions ends it at {EVENTS_LIMIT:,}"
            remedy = "Raise every or backoff of its poll, or lower the poll's timeout."
            found.append(_finding(summary, job.position, remedy, is_sure=events > EVENTS_LIMIT))
    return found


def _finding(summary: str, position: Position | None, remedy: str, *, is_sure: bool) -> Diagnostic:
    return Diagnostic(
        code="BS424",
        severity=Severity.ERROR if is_sure else Severity.WARNING,
        summary=summary,
        position=position,
        detail="Retries are not counted.",
        hint=remedy,
    )


def _count_events(written: WrittenMachine, items: Mapping[str, int], repeats: Mapping[str, Repeated]) -> int:
    return 2 + Counting(items=items, repeats=repeats).events(written.machine.states)


def _remedy(pipeline: Pipeline, written: WrittenMachine, items: Mapping[str, int], events: int) -> tuple[str, Position | None]:
    """Return what to do about the job to which most of the events are due, and where it is."""
    savings: dict[str, tuple[int, str]] = {}
    for job in pipeline.jobs:
        if job.name in items:
            without = _count_events(written, {**items, job.name: 1}, written.repeats)
            own = f"Write mode: distributed in the foreach of {job.name}, so that each item has a history of its own"
            savings[job.name] = (events - without, f"{own}, or lower max_items.")
        polled = {name for name in written.repeats if name.partition(".")[0] == job.name}
        if polled:
            kept = {name: times for name, times in written.repeats.items() if name not in polled}
            saved = events - _count_events(written, items, kept)
            if saved > savings.get(job.name, (0, ""))[0]:
                savings[job.name] = (saved, f"Raise every or backoff of the poll in {job.name}, or lower its timeout.")
    if not savings:
        return "Move a part of the pipeline into another one.", None
    name = max(savings, key=lambda job: savings[job][0])
    return savings[name][1], pipeline.job(name).position
