"""A session of a pipeline whose items are called for one by one: compiled, run by the engine, every call counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.engine.distributed.map_run import MapRun
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.run import ExecutionResult
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.operations.registry import builtin_registry
from bunsui.ports.execution import Execution
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest, history_event
from bunsui.sessions.checkpoints import (
    NO_WISHES,
    AttemptHistory,
    ResumePlan,
    ResumeWishes,
    checkpoints,
    item_history,
    plan_resume,
)
from bunsui.sessions.items.runs import ItemRuns
from bunsui.testkit.map_runs import EngineMapRuns, described_child
from bunsui.testkit.objects import MemoryObjectLists
from tests.executing import SCOPE

Call = tuple[str, int]
"""A job, and the place of one of its items."""


@dataclass(kw_only=True)
class Functions:
    """Answers all calls, counted; those of `failing` fail."""

    clock: VirtualClock
    failing: frozenset[Call]
    calls: Counter[Call] = field(default_factory=Counter)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer with what was given."""
        arguments: Any = request.arguments
        told = arguments["Payload"]
        # A batch is one call for several items.
        items = told.get("items", [told])
        calls = [(told["job"], int(one["at"])) for one in items]
        self.calls.update(calls)
        failed = TaskFailed(error="Broken", cause="as the test wants it")
        gave: Any = [{"got": one["item"], "n": one["at"], "by": told.get("version", 1)} for one in items]
        answer = TaskSucceeded(output={"Payload": gave if "items" in told else gave[0]})
        last = failed if self.failing.intersection(calls) else answer
        return give(MockedAnswer(last=last, after_seconds=1 + calls[0][1] % 3), request, report, self.clock)


REGISTRY = builtin_registry()


def machine_of(pipeline: Pipeline) -> MachineUnderTest:
    definition: Any = shown(compile_pipeline(pipeline, scope=SCOPE, registry=REGISTRY).definition)
    return MachineUnderTest(name="law", definition=definition, order=tuple(job.name for job in pipeline.jobs))


@dataclass(kw_only=True)
class Runs:
    """The attempts of one session."""

    pipeline: Pipeline
    params: Mapping[str, Json]
    attempts: list[AttemptHistory] = field(default_factory=list)
    map_runs: list[MapRun] = field(default_factory=list)
    """Of the newest attempt, since the engine draws the same names each time."""
    described: list[str] = field(default_factory=list)
    """The executions of items that were read."""
    applied: Mapping[str, Json] | None = None
    """The definition that a resume would run; None: the pipeline's."""
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    """From which items are read."""
    lists: MemoryObjectLists | None = None
    """What a resume sees of them."""

    def run(self, failing: frozenset[Call] = frozenset(), resume: Json = None) -> tuple[ExecutionResult, Counter[Call]]:
        """Run one attempt."""
        machine, clock = machine_of(self.pipeline), VirtualClock(START)
        functions = Functions(clock=clock, failing=failing)
        payload = {"params": self.params, **({} if resume is None else {"resume": resume})}
        result = machine.run(payload, runner=functions, clock=clock, objects=self.objects)
        self.map_runs = list(result.map_runs)
        events = [history_event(event) for event in result.events]
        number = len(self.attempts) + 1
        self.attempts.append(AttemptHistory(number=number, definition=machine.definition, events=events))
        return result, functions.calls

    def plan(self, wishes: ResumeWishes = NO_WISHES) -> ResumePlan:
        """Return what a resume of the pipeline keeps, as it is now."""
        definition = self.applied or machine_of(self.pipeline).definition
        plan = plan_resume(
            self.pipeline.jobs,
            checkpoints(self.attempts),
            REGISTRY,
            applied=read_fingerprints(definition),
            wishes=wishes,
            items=item_history(self.attempts, definition),
        )
        execution: Any = self
        reader = ItemRuns(execution=execution, map_runs=EngineMapRuns(lambda: self.map_runs), lists=self.lists)
        return plan.with_items(reader.complete(plan.items))

    def describe(self, execution_arn: str) -> Execution:
        """Return the execution of an item."""
        self.described.append(execution_arn)
        found = described_child(self.map_runs, execution_arn)
        assert found is not None
        return found
