"""What an execution used of what AWS bills, from its history: states that were entered, functions, tasks on Fargate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bunsui.model.estimates.cost import Usage
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.contract import FunctionCode, OperationType
from bunsui.sessions.history.operation_runs import OperationRun, OperationTry, operation_runs
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import Trace

_LEAST_TASK_SECONDS = 60
"""Fargate bills a minute at least (https://aws.amazon.com/fargate/pricing/)."""
_FREE = frozenset({"", "activity"})
"""Calls for which only the state is billed."""


@dataclass(frozen=True)
class UsageReader:
    """Tells what executions used; of functions the pipeline's file says how much memory they have."""

    pipeline: Pipeline | None
    """None where no file says anything."""
    registry: Mapping[str, OperationType]

    def usage(self, shape: MachineShape, trace: Trace) -> Usage:
        """Return what the execution used until it ended, or so far."""
        # A try after the first is one transition more: "each retry will be charged as an additional state transition".
        transitions = sum(max(visit.tries, 1) for visit in trace.visits)
        used = Usage(transitions=transitions, uncounted=tuple(_items_apart(shape, trace)))
        for run in operation_runs(shape, trace, ""):
            used += self._of_run(run, shape)
        return used

    def _of_run(self, run: OperationRun, shape: MachineShape) -> Usage:
        state = shape.states.get(run.state)
        job = state.job if state is not None else run.state
        if run.calls in _FREE:
            return Usage()
        if run.calls.startswith("lambda:invoke"):
            return self._of_function(run, job)
        if run.calls.startswith("ecs:runTask"):
            return _of_task(run, job)
        if run.calls.startswith("states:startExecution"):
            return Usage(uncounted=(f"pipelines and machines that {job} starts",))
        return Usage(uncounted=(f"{run.calls.partition('.')[0]} in {job}",))

    def _of_function(self, run: OperationRun, job: str) -> Usage:
        requests = len(run.tries)
        function = self._function(job, run.state)
        if function is None:
            return Usage(requests=requests, uncounted=(f"the Lambda time of {job}, of whose function no memory is known",))
        seconds = sum(_seconds(one) for one in run.tries)
        return function_usage(function, seconds=seconds, requests=requests)

    def _function(self, job: str, state: str) -> FunctionCode | None:
        known = {one.name: one for one in self.pipeline.jobs} if self.pipeline is not None else {}
        if job not in known:
            return None
        functions = list(job_functions(known[job], self.registry))
        named = state.removeprefix(f"{job}.").partition(".")[0]
        fitting = [function for operation, function in functions if operation.id == named] or [one for _, one in functions]
        sizes = {(one.memory_mb, one.architecture) for one in fitting if one is not None}
        return next(one for one in fitting if one is not None) if len(sizes) == 1 and None not in fitting else None


def function_usage(function: FunctionCode, *, seconds: float, requests: float) -> Usage:
    """Return what a function uses that was at work for so long."""
    gigabytes = function.memory_mb / 1024 * seconds
    if function.architecture == "arm64":
        return Usage(requests=requests, gb_seconds_arm64=gigabytes)
    return Usage(requests=requests, gb_seconds_x86_64=gigabytes)


def job_functions(job: Job, registry: Mapping[str, OperationType]) -> Iterator[tuple[Operation, FunctionCode | None]]:
    """Return the operations of a job that invoke functions, nested ones included, each with the function that it brings along;
    None for one that lies elsewhere."""
    for operation in flat_operations(job.operations, registry):
        if operation.type == "lambda" and operation.type in registry:
            yield operation, registry[operation.type].function(operation.params)


def flat_operations(operations: tuple[Operation, ...], registry: Mapping[str, OperationType]) -> Iterator[Operation]:
    """Return operations, each followed by those inside of it."""
    for operation in operations:
        yield operation
        if operation.type in registry:
            yield from flat_operations(tuple(registry[operation.type].operations(operation.params)), registry)


def _of_task(run: OperationRun, job: str) -> Usage:
    """Return what a task used, as ECS describes it when it has stopped (`ecs:runTask.sync`)."""
    told = run.output if isinstance(run.output, Mapping) else {}
    cpu, memory = _number(told.get("Cpu")), _number(told.get("Memory"))
    if told.get("LaunchType") != "FARGATE" or cpu is None or memory is None:
        return Usage(uncounted=(f"the tasks of {job}",))
    begun, ended = _number(told.get("PullStartedAt")), _number(told.get("StoppedAt"))
    seconds = (ended - begun) / 1000 if begun is not None and ended is not None else sum(_seconds(one) for one in run.tries)
    billed = max(seconds, _LEAST_TASK_SECONDS)
    failed = (f"tries of {job} that failed",) if len(run.tries) > 1 else ()
    return Usage(vcpu_seconds=cpu / 1024 * billed, task_gb_seconds=memory / 1024 * billed, uncounted=failed)


def _items_apart(shape: MachineShape, trace: Trace) -> Iterator[str]:
    for visit in trace.visits:
        if visit.map_run_arn and visit.state in shape.states:
            yield f"the items of {shape.states[visit.state].job}, which run in executions of their own"


def _seconds(one: OperationTry) -> float:
    return ((one.stopped_at or one.started_at) - one.started_at) / timedelta(seconds=1)


def _number(value: Json) -> float | None:
    """Return a number that ECS may write as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None
