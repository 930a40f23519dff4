"""What the engine says to whoever does the work of Task states: its requests, and the reports that it hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """One scheduled attempt of a Task state."""

    resource: str
    """The state's Resource, such as `arn:aws:states:::lambda:invoke.waitForTaskToken`, a function's or an activity's ARN."""
    arguments: Json
    """Arguments or Parameters, evaluated; the state's input when there are none."""
    state: str
    path: tuple[tuple[str, int], ...] = ()
    """The Map iterations around the state, outermost first: (Map state's name, index)."""
    attempt: int = 0
    """0 for the first try, then 1 for the first retry."""
    token: str | None = None
    """The task token, for `.waitForTaskToken` and activities."""
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    execution_arn: str = ""
    credentials: Json = None
    """The Credentials field, evaluated: whose role does the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSubmitted:
    """The service took a `.sync` or `.waitForTaskToken` request; its answer follows."""

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBeat:
    """The worker is alive: the heartbeat starts anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTaken:
    """A worker took the work from its activity."""

    worker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSucceeded:
    """The work is done."""

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed:
    """The work failed."""

    error: str | None
    cause: str | None
    at: str = ""
    """The history event that tells it, such as `TaskSubmitFailed` or `LambdaFunctionScheduleFailed`; empty means the usual
    one for the resource."""


TaskReport: TypeAlias = TaskTaken | TaskSubmitted | TaskBeat | TaskSucceeded | TaskFailed


class TaskRunner(Protocol):
    """Does the work of Task states."""

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Begin, and report through the clock's thread; reports after success or failure are ignored.

        Gives a function that stops the work, for timeouts and aborts. Never reporting is allowed: the engine's own clock then
        times out."""
        ...
