"""Pipelines that start pipelines, compiled and run by the engine; every call of a function is counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.run import ExecutionResult
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest, history_event
from bunsui.sessions.checkpoints import NO_WISHES, AttemptHistory, ResumePlan, ResumeWishes, checkpoints, plan_resume
from bunsui.sessions.items.runs import ItemRuns
from bunsui.sessions.recovery.nested import AppliedPipeline, ChildReader, ChildResume
from tests.executing import SCOPE

REGISTRY = builtin_registry()
Answer = Callable[[str, Json], Json]
"""(function, input) -> what it gives; raises to fail."""


class Family:
    """The machines of a project's pipelines, and what became of their executions. Reads as an ExecutionClient does."""

    def __init__(self, *pipelines: Pipeline) -> None:
        self.calls: Counter[str] = Counter()
        self.answers: Answer = lambda function, given: {}
        self._machines: dict[str, MachineUnderTest] = {}
        self._ran: dict[str, tuple[MachineUnderTest, ExecutionResult]] = {}
        self.pipelines: dict[str, Pipeline] = {}
        self.apply(*pipelines)

    def apply(self, *pipelines: Pipeline) -> None:
        """Put the pipelines into the account."""
        for pipeline in pipelines:
            definition: Any = shown(compile_pipeline(pipeline, scope=SCOPE, registry=REGISTRY).definition)
            order = tuple(job.name for job in pipeline.jobs)
            self._machines[pipeline.name] = MachineUnderTest(name=pipeline.name, definition=definition, order=order)
            self.pipelines[pipeline.name] = pipeline

    def run(self, name: str, payload: Json = None) -> tuple[str, ExecutionResult]:
        """Run a pipeline to its end; give the execution's ARN and the result."""
        machine, clock = self._machines[name], VirtualClock(START)
        arn = f"arn:aws:states:us-east-1:000000000000:execution:{name}:{len(self._ran)}"
        result = machine.run(payload or {}, runner=_Runner(self, clock), clock=clock)
        self._ran[arn] = machine, result
        return arn, result

    def plan(self, name: str, *arns: str, wishes: ResumeWishes = NO_WISHES) -> tuple[ResumePlan, tuple[ChildResume, ...]]:
        """Plan a resume after these executions, oldest first."""
        jobs = self.pipelines[name].jobs
        histories = [
            AttemptHistory(number=number, definition=self.definition(arn), events=self.history(arn))
            for number, arn in enumerate(arns, start=1)
        ]
        reader = self.reader()
        plan = plan_resume(
            jobs,
            checkpoints(histories),
            REGISTRY,
            applied=read_fingerprints(self._machines[name].definition),
            wishes=wishes,
            nested=reader.changed_children(jobs, histories),
        )
        return plan, reader.resumable_children([job for job in jobs if job.name in plan.to_run], histories)

    def resume(self, name: str, *arns: str, wishes: ResumeWishes = NO_WISHES) -> tuple[str, ExecutionResult]:
        """Run the next attempt after these executions."""
        plan, children = self.plan(name, *arns, wishes=wishes)
        resume: dict[str, Json] = {**plan.payload, "children": {child.state: child.payload for child in children}}
        return self.run(name, {"resume": resume})

    def reader(self) -> ChildReader:
        """Return what reads the executions of children."""
        execution: Any = self
        return ChildReader(
            execution=execution,
            registry=REGISTRY,
            applied=self._applied,
            executions_of=lambda arn: [arn],
            items=ItemRuns(execution=execution, map_runs=None),
        )

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return what an execution ran."""
        return self._found(arn)[0].definition

    def history(self, arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Return what happened in an execution."""
        return [history_event(event) for event in self._found(arn)[1].events if event["id"] > after]

    def _found(self, arn: str) -> tuple[MachineUnderTest, ExecutionResult]:
        if arn not in self._ran:
            raise Missing("no-execution", "there is no such execution", execution=arn)
        return self._ran[arn]

    def _applied(self, arn: str) -> AppliedPipeline:
        name = arn.split(":")[6]
        return AppliedPipeline(pipeline=self.pipelines[name], definition=self._machines[name].definition, carry_all=False)


class _Runner:
    def __init__(self, family: Family, clock: VirtualClock) -> None:
        self._family = family
        self._clock = clock

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        return give(MockedAnswer(last=self._answer(request)), request, report, self._clock)

    def _answer(self, request: TaskRequest) -> TaskSucceeded | TaskFailed:
        given: Any = request.arguments
        if "startExecution" in request.resource:
            arn, result = self._family.run(given["StateMachineArn"].split(":")[6].rpartition("--")[2], given["Input"])
            if str(result.status) == "SUCCEEDED":
                return TaskSucceeded(output={"ExecutionArn": arn, "Output": result.output, "Status": "SUCCEEDED"})
            told = {"ExecutionArn": arn, "Error": result.error, "Cause": result.cause, "Status": "FAILED"}
            return TaskFailed(error="States.TaskFailed", cause=json.dumps(told))
        function = given["FunctionName"].rpartition("function:")[2]
        self._family.calls[function] += 1
        try:
            return TaskSucceeded(output={"Payload": self._family.answers(function, given.get("Payload"))})
        except ValueError as error:
            return TaskFailed(error="ValueError", cause=json.dumps({"errorMessage": str(error), "errorType": "ValueError"}))
