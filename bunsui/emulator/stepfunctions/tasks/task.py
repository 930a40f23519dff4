"""Work that an execution asks for: what there is to do, and how its worker reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.engine.tasks import TaskReport, TaskRequest
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssignedTask:
    """One request of the engine, on its way to whoever does it; each is itself only."""

    request: TaskRequest
    location: Location
    """The account and the region in which the work is done."""
    role_arn: str
    """On whose behalf."""
    say: Callable[[TaskReport], None]
    """Reports; from any thread."""


class TaskWorker(Protocol):
    """Does the work of executions. Neither method may wait, and both give a function that stops the work."""

    def start(self, task: AssignedTask) -> Callable[[], None]:
        """Begin."""
        ...

    def resume(self, task: AssignedTask, submitted: Json) -> Callable[[], None]:
        """Wait on for work that had been submitted, with this answer, before the embedded AWS was started again."""
        ...
