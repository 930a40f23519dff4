"""Task: has work done by a service, a Lambda function or an activity's worker.

The events of the three kinds of resource are as recorded. Source of the patterns: developer guide, "Discover service
integration patterns in Step Functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from bunsui.engine import dataflow
from bunsui.engine.clock import Timer
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import DATA_LIMIT, HEARTBEAT_TIMEOUT, TIMEOUT, ExecutionFailure
from bunsui.engine.history import payload_text
from bunsui.engine.jsonpath import templates
from bunsui.engine.jsonpath.intrinsics import new_uuid
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.limits import MOST_BYTES, size, too_large
from bunsui.engine.state_execution import StateExecution
from bunsui.engine.tasks import (
    TaskBeat,
    TaskFailed,
    TaskReport,
    TaskRequest,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
)
from bunsui.model.json import Json

__all__ = ["Resource", "begin", "resource_of"]

LONGEST_SECONDS = 99_999_999
"""The longest TimeoutSeconds and HeartbeatSeconds, and what counts when none is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a Resource text says."""

    family: Literal["Task", "LambdaFunction", "Activity"]
    """How its events begin."""
    service: str
    """`sqs`, `aws-sdk:s3`; the whole ARN for functions and activities."""
    action: str
    """`sendMessage.waitForTaskToken`; the whole ARN for functions and activities."""

    @property
    def has_token(self) -> bool:
        """Whether the task has a token, which the context object tells: of the integrations those that wait for a call with it,
        and those that wait for a job (recorded for `startExecution.sync`; TestState says the same of both)."""
        _, _, pattern = self.action.partition(".")
        return self.family == "Activity" or pattern == "waitForTaskToken" or pattern.startswith("sync")


@lru_cache(maxsize=4096)
def resource_of(text: str) -> Resource:
    """Read a Resource."""
    parts = text.split(":")
    if len(parts) > 5 and parts[2] == "lambda" and parts[5] == "function":
        return Resource(family="LambdaFunction", service=text, action=text)
    if len(parts) > 5 and parts[2] == "states" and parts[5] == "activity":
        return Resource(family="Activity", service=text, action=text)
    if len(parts) > 6 and parts[2] == "states":
        rest = parts[5:]
        words = 2 if rest[0] == "aws-sdk" else 1
        return Resource(family="Task", service=":".join(rest[:words]), action=":".join(rest[words:]))
    return Resource(family="Task", service=text, action=text)


def begin(visit: StateExecution) -> None:
    """Schedule one try of the work. Raises StateFailure."""
    execution = visit.branch.execution
    resource = resource_of(str(visit.state.fields["Resource"]))
    visit.token = new_uuid(execution.ports.sources.chance) if resource.has_token else None
    seen = visit.seen()
    data = dataflow.effective_input(seen)
    work = _Work(
        visit=visit,
        resource=resource,
        arguments=dataflow.arguments(seen),
        timeout=_limit(seen, "TimeoutSeconds", data),
        heartbeat=_limit(seen, "HeartbeatSeconds", data),
        credentials=_credentials(seen, data),
    )
    work.schedule()


def _limit(seen: FieldScope, name: str, data: Json) -> int | None:
    value = dataflow.number(seen, name, data)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or value != int(value)
        or not 0 < value <= LONGEST_SECONDS
    ):
        cause = f"The {name} parameter does not reference a valid positive integer: {compact(value)}"
        raise dataflow.unusable(seen, name, cause)
    return int(value)


def _credentials(seen: FieldScope, data: Json) -> Json:
    template = seen.state.fields.get("Credentials")
    if template is None:
        return None
    return seen.filled(template, "Credentials") if seen.state.jsonata else templates.fill(template, seen.scope(data))


@dataclass(slots=True, kw_only=True, eq=False)
class _Work:
    """One try: from its Scheduled event to its last one."""

    visit: StateExecution
    resource: Resource
    arguments: Json
    timeout: int | None
    heartbeat: int | None
    credentials: Json
    started: bool = False
    done: bool = False
    beat: Timer | None = None
    cancel: Callable[[], None] | None = None

    def schedule(self) -> None:
        visit = self.visit
        text = compact(self.arguments)
        if size(text) > MOST_BYTES:
            visit.fail(ExecutionFailure(error=DATA_LIMIT, cause=too_large(visit.state.name)))
            return
        self._record("Scheduled", self._scheduled_details(text))
        request = TaskRequest(
            resource=str(visit.state.fields["Resource"]),
            arguments=self.arguments,
            state=visit.state.name,
            path=visit.branch.path,
            attempt=visit.attempt,
            token=visit.token,
            timeout_seconds=self.timeout,
            heartbeat_seconds=self.heartbeat,
            execution_arn=visit.branch.execution.names.arn,
            credentials=self.credentials,
        )
        if self.timeout is not None:
            visit.later(self.timeout, lambda: self._timed_out(None))
        self._expect_beat()
        visit.stop = self._stop
        cancel = visit.branch.execution.ports.runner.start(request, self._hear)
        if self.done:
            return
        self.cancel = cancel
        self._start()

    def _hear(self, report: TaskReport) -> None:
        execution = self.visit.branch.execution
        execution.guarded(lambda: self.visit.attempted(lambda: self._take(report)))

    def _take(self, report: TaskReport) -> None:
        if self.done:
            return
        match report:
            case TaskTaken(worker=worker):
                self._start({} if worker is None else {"workerName": worker})
            case TaskSubmitted(output=output):
                self._start()
                self._record("Submitted", {**self._who(), **payload_text("output", compact(output))})
            case TaskBeat():
                self._expect_beat()
            case TaskSucceeded(output=output):
                self._start()
                self._note_success(output)
            case TaskFailed(error=error, cause=cause, at=at):
                if not at.endswith(("ScheduleFailed", "StartFailed")):
                    self._start()
                self._note_failure(ExecutionFailure(error=error, cause=cause), at)

    def _start(self, details: Mapping[str, Any] | None = None) -> None:
        if self.started or (self.resource.family == "Activity" and details is None):
            return
        self.started = True
        self._record("Started", {**self._who(), **(details or {})})

    def _note_success(self, output: Json) -> None:
        text = compact(output)
        if size(text) > MOST_BYTES:
            self._note_failure(ExecutionFailure(error=DATA_LIMIT, cause=too_large(self.resource.service)), "")
            return
        self._close()
        self._record("Succeeded", {**self._who(), **payload_text("output", text)})
        self.visit.finish(output)

    def _note_failure(self, failure: ExecutionFailure, at: str) -> None:
        self._close()
        self.visit.record(at or f"{self.resource.family}Failed", {**self._who(), **failure.details()})
        self.visit.fail(failure)

    def _timed_out(self, also: str | None) -> None:
        cancel = self.cancel
        self._close()
        if cancel is not None:
            cancel()
        failure = ExecutionFailure(error=TIMEOUT, cause="", also=also)
        self._record("TimedOut", {**self._who(), **failure.details()})
        self.visit.fail(failure)

    def _expect_beat(self) -> None:
        if self.beat is not None:
            self.visit.forget(self.beat)
        if self.heartbeat is not None:
            self.beat = self.visit.later(self.heartbeat, lambda: self._timed_out(HEARTBEAT_TIMEOUT))

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        cancel, self.cancel, self.done = self.cancel, None, True
        if cancel is not None:
            cancel()

    def _close(self) -> None:
        self.done, self.cancel, self.visit.stop = True, None, None

    def _record(self, what: str, details: Mapping[str, Any]) -> None:
        self.visit.record(f"{self.resource.family}{what}", details)

    def _who(self) -> dict[str, str]:
        if self.resource.family != "Task":
            return {}
        return {"resourceType": self.resource.service, "resource": self.resource.action}

    def _scheduled_details(self, text: str) -> dict[str, Any]:
        details: dict[str, Any]
        if self.resource.family == "Task":
            region = self.visit.branch.execution.names.region
            details = {**self._who(), "region": region, "parameters": text}
        else:
            details = {"resource": self.resource.service, **payload_text("input", text)}
        if self.timeout is not None:
            details["timeoutInSeconds"] = self.timeout
        if self.heartbeat is not None:
            details["heartbeatInSeconds"] = self.heartbeat
        if isinstance(self.credentials, Mapping) and "RoleArn" in self.credentials:
            details["taskCredentials"] = {"roleArn": self.credentials["RoleArn"]}
        return details
