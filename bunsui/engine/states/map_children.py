"""Run the child executions of one try of a distributed Map, no more at a time than its concurrency allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.distributed.writing import export, results
from bunsui.engine.failures import TOLERANCE, ExecutionFailure, StateFailure
from bunsui.engine.jsonpath.intrinsics import new_uuid
from bunsui.engine.names import ExecutionNames
from bunsui.engine.program import Program
from bunsui.engine.state_execution import StateExecution
from bunsui.engine.status import Status
from bunsui.model.json import Json

__all__ = ["MapChildren", "Thresholds"]

NOT_STARTED = "StepFunctions.AWSStepFunctionsException"
"""The error of a run whose children the machine's role may not start or redrive. That the Map state fails, and with which
words, was seen by others (serverless-operations/serverless-step-functions issue 543); the name is that of the same refusal to
a Task."""
MOST_CONCURRENT = 10_000
"""Children that run at once when MaxConcurrency does not say less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many children may run at once and how many may fail."""

    concurrency: int
    tolerated_count: int
    tolerated_percentage: float


class MapChildren:
    """Starts the children, counts their failures, gathers their results."""

    def __init__(self, visit: StateExecution, thresholds: Thresholds, writer: Mapping[str, Any]) -> None:
        """Make the map run; no child starts before `begin`."""
        self.visit = visit
        self.writer = writer
        self.inputs: list[tuple[Json, int]] = []
        self.next = 0
        self.again: deque[int] = deque()
        """Children that wait for their redrive."""
        self.running: set[int] = set()
        self.closed = False
        self.failed_items = 0
        execution = visit.branch.execution
        names = execution.names
        label = str(visit.state.fields.get("Label", visit.state.name))
        machine = ":".join([*names.machine_arn.split(":")[:5], "mapRun", f"{names.machine_name}/{label}"])
        self.run = MapRun(
            arn=f"{machine}:{new_uuid(execution.ports.sources.chance)}",
            execution_arn=names.arn,
            state=visit.state.name,
            label=label,
            child_machine_arn=f"{names.machine_arn}/{label}",
            kind=_kind(visit),
            started_at=execution.ports.clock.now(),
            max_concurrency=thresholds.concurrency,
            tolerated_count=thresholds.tolerated_count,
            tolerated_percentage=thresholds.tolerated_percentage,
            changed=self._look_again,
        )
        execution.map_runs.append(self.run)

    def begin(self, inputs: list[tuple[Json, int]]) -> None:
        """Start as many children as may run at once."""
        self.inputs = inputs
        self.run.total = len(inputs)
        self.run.items_of = {place: items for place, (_, items) in enumerate(inputs)}
        self.visit.stop = self._stop
        self.visit.redo = self.resume
        self._fill_places()

    def resume(self) -> None:
        """Take up the children that did not succeed, then start the others; Express children begin anew."""
        execution = self.visit.branch.execution
        self.visit.stop, self.visit.closing, self.closed = self._stop, "MapStateFailed", False
        self.run.status, self.run.stopped_at = Status.RUNNING, None
        self.run.redrive_count += 1
        self.run.redriven_at = execution.ports.clock.now()
        self.visit.record("MapRunRedriven", {"mapRunArn": self.run.arn, "redriveCount": self.run.redrive_count})
        self.failed_items = 0
        for place, child in self.run.children.items():
            if child.status is not Status.SUCCEEDED:
                self.again.append(place)
                child.await_redrive()
        self._fill_places()

    def _redrive(self, place: int) -> None:
        child = self.run.children[place]
        if child.kind != "STANDARD" or child.refused_redrive() is not None:
            self._start(place)
            return
        if self._is_refused("states:RedriveExecution", child.names.arn):
            return
        self.running.add(place)
        child.redrive()
        child.on_end(lambda _: self._note_end(place))

    def fail(self, failure: ExecutionFailure) -> None:
        """End the run badly."""
        self._close(Status.FAILED)
        self.visit.record("MapRunFailed", failure.details())
        self.visit.fail(failure)

    def _fill_places(self) -> None:
        places = self.run.max_concurrency or MOST_CONCURRENT
        while not self.closed and len(self.running) < places and (self.again or self.next < len(self.inputs)):
            if self.again:
                self._redrive(self.again.popleft())
            else:
                place, self.next = self.next, self.next + 1
                self._start(place)
        if not self.closed and not self.running and not self.again and self.next >= len(self.inputs):
            self._succeed()

    def _is_refused(self, action: str, resource: str) -> bool:
        """End the run where the role does not permit it; tell whether it was ended."""
        words = self.visit.branch.execution.ports.objects.refusal(action, resource)
        if words:
            self.fail(ExecutionFailure(error=NOT_STARTED, cause=words))
        return bool(words)

    def _start(self, place: int) -> None:
        branch = self.visit.branch
        parent = branch.execution
        if self._is_refused("states:StartExecution", parent.names.machine_arn):
            return
        uuid = new_uuid(parent.ports.sources.chance)
        names = ExecutionNames(
            arn=":".join([*self.run.arn.split(":")[:5], "execution", f"{parent.names.machine_name}/{self.run.label}", uuid]),
            name=uuid,
            machine_arn=self.run.child_machine_arn,
            machine_name=f"{parent.names.machine_name}/{self.run.label}",
            role_arn=parent.names.role_arn,
        )
        child = parent.child(
            Program(graph=self.visit.state.branches[0]),
            self.inputs[place][0],
            names=names,
            kind=self.run.kind,
            path=(*branch.path, (self.visit.state.name, place)),
        )
        self.run.children[place] = child
        self.running.add(place)
        child.on_end(lambda _: self._note_end(place))
        child.start()

    def _note_end(self, place: int) -> None:
        self.running.discard(place)
        if self.closed:
            return
        if self.run.children[place].status is not Status.SUCCEEDED:
            self.failed_items += self.run.items_of[place]
        self._look_again()

    def _look_again(self) -> None:
        execution = self.visit.branch.execution
        execution.guarded(lambda: self.visit.attempted(self._go_on))

    def _go_on(self) -> None:
        if self._too_many_failed():
            self.fail(ExecutionFailure(error=TOLERANCE, cause="The specified tolerated failure threshold was exceeded"))
        else:
            self._fill_places()

    def _too_many_failed(self) -> bool:
        failed = self.failed_items
        if failed == 0:
            return False
        count, percentage = self.run.tolerated_count, self.run.tolerated_percentage
        if count == 0 and percentage == 0:
            return True
        share = percentage > 0 and failed * 100 > percentage * sum(self.run.items_of.values())
        return share or (count > 0 and failed > count)

    def _succeed(self) -> None:
        visit = self.visit
        ordered: list[ChildExecution] = [self.run.children[place] for place in sorted(self.run.children)]
        config = self.writer["WriterConfig"]
        try:
            if "Resource" in self.writer:
                result: Json = export(self.run, visit.branch.execution.ports.objects, self.writer["Parameters"], config)
            else:
                result = results(ordered, str(config.get("Transformation")))
        except StateFailure as error:
            self.fail(ExecutionFailure(error=error.error, cause=error.cause))
            return
        self._close(Status.SUCCEEDED)
        visit.stop = visit.closing = visit.redo = None
        started = visit.branch.head
        done = visit.record("MapRunSucceeded")
        visit.branch.execution.history.add("MapStateSucceeded", done)
        visit.branch.head = started
        visit.finish(result)

    def _close(self, status: Status) -> None:
        self.closed = True
        self.run.status = status
        self.run.stopped_at = self.visit.branch.execution.ports.clock.now()
        for place in list(self.running):
            self.run.children[place].stop()
        self.running.clear()
        while self.again:
            self.run.children[self.again.popleft()].give_up_redrive()

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        if self.closed:
            return
        self._close(Status.ABORTED)
        if aborted:
            self.visit.record("MapRunAborted")


def _kind(visit: StateExecution) -> str:
    fields = visit.state.fields
    processor = fields.get("ItemProcessor", fields.get("Iterator", {}))
    return str(processor.get("ProcessorConfig", {}).get("ExecutionType", "STANDARD"))
