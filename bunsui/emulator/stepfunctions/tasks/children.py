"""Child executions that a Task state waits for: `states:startExecution.sync` and `.sync:2`.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html, and recordings of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, Protocol

from bunsui.emulator.stepfunctions.store.records import RUNNING, ExecutionRecord
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskSucceeded
from bunsui.model.json import Json


class ChildStarter(Protocol):
    """Where child executions are looked after."""

    def child(self, arn: str) -> ExecutionRecord | None:
        """Return an execution, of whatever location."""
        ...

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Return what is done when it ends."""
        ...

    def abort(self, record: ExecutionRecord, cause: str) -> None:
        """Stop it."""
        ...

    def post(self, action: Callable[[], None]) -> None:
        """Have something done on the engine's thread."""
        ...


class ChildExecutions:
    """Waits for child executions."""

    def __init__(self, starter: ChildStarter) -> None:
        """Follow the executions that this starter starts."""
        self._starter = starter
        self._watched: dict[AssignedTask, ExecutionRecord] = {}

    def wait_from_afar(self, task: AssignedTask, submitted: Json, *, parsed_output: bool) -> None:
        """Wait for the child that was started, from any thread."""
        self._starter.post(lambda: self.wait(task, submitted, parsed_output=parsed_output))

    def wait(self, task: AssignedTask, submitted: Json, *, parsed_output: bool) -> None:
        """Report when the child ends; on the engine's thread."""
        arn = str(submitted.get("ExecutionArn", "")) if isinstance(submitted, Mapping) else ""
        record = self._starter.child(arn)
        if record is None:
            task.say(TaskFailed(error="States.TaskFailed", cause=f"The execution {arn} does not exist any more."))
            return
        child = record
        self._watched[task] = child

        def tell(_done: Future[None]) -> None:
            if self._watched.pop(task, None) is not None:
                task.say(_report(child, parsed_output=parsed_output))

        self._starter.ended(child).add_done_callback(tell)

    def stop(self, task: AssignedTask) -> None:
        """Stop the child that the task waits for, if any; on the engine's thread."""
        child = self._watched.pop(task, None)
        if child is not None and child.status == RUNNING:
            self._starter.abort(child, "The execution that waited for it was stopped.")


def _report(record: ExecutionRecord, *, parsed_output: bool) -> TaskReport:
    about = _describe_child(record, parsed_output=parsed_output)
    if record.status == "SUCCEEDED":
        return TaskSucceeded(output=about)
    return TaskFailed(error="States.TaskFailed", cause=compact(about))


def _describe_child(record: ExecutionRecord, *, parsed_output: bool) -> dict[str, Json]:
    """Return the child as the parent sees it: with JSON values for `.sync:2`, with JSON texts for `.sync`."""

    def shown(text: str) -> Json:
        value: Json = json.loads(text) if parsed_output else text
        return value

    about: dict[str, Any] = {
        "ExecutionArn": record.arn,
        "Input": shown(record.input),
        "InputDetails": {"Included": True},
        "Name": record.name,
        "StartDate": _instant(record.started_at),
        "StateMachineArn": record.machine_arn,
        "Status": record.status,
        "StopDate": _instant(record.stopped_at or record.started_at),
    }
    if record.output is not None:
        about |= {"Output": shown(record.output), "OutputDetails": {"Included": True}}
    if record.error is not None:
        about["Error"] = record.error
    if record.cause is not None:
        about["Cause"] = record.cause
    return dict(sorted(about.items()))


def _instant(seconds: float) -> int:
    """Return an instant in milliseconds, as these integrations give it."""
    return round(datetime.fromtimestamp(seconds, UTC).timestamp() * 1000)
