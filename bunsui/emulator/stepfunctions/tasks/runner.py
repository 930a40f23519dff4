"""Who does the work of Task states: services, functions, workers of activities, child executions, containers.

What nobody here can do fails at once, naming the integration. Nothing succeeds without having been done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bunsui.emulator.stepfunctions.tasks.activity_queue import ActivityQueue, PendingTask
from bunsui.emulator.stepfunctions.tasks.canned import CannedAnswers, NoAnswers, give_canned
from bunsui.emulator.stepfunctions.tasks.children import ChildExecutions
from bunsui.emulator.stepfunctions.tasks.containers import Containers
from bunsui.emulator.stepfunctions.tasks.functions import invoke_bare
from bunsui.emulator.stepfunctions.tasks.integrations import (
    NotServed,
    Services,
    TaskError,
    call,
    is_optimized,
    waits_for_the_end,
)
from bunsui.emulator.stepfunctions.tasks.pool import Pool
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.states.task import resource_of
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskSubmitted, TaskSucceeded, TaskTaken
from bunsui.model.json import Json

_log = logging.getLogger("bunsui.emulator")

WORKERS = 64
"""Calls that wait at the same time. More wait for their turn."""

_SYNC = (".sync:2", ".sync")
_TOKEN = ".waitForTaskToken"  # noqa: S105 - the name of a pattern
_UNKNOWN = "States.Runtime"


class TaskDispatcher:
    """Runs tasks in a pool of threads."""

    def __init__(
        self,
        services: Services,
        *,
        activity_queue: Callable[[], ActivityQueue],
        knows_activity: Callable[[str], bool],
        children: ChildExecutions,
        containers: Containers,
    ) -> None:
        """`activity_queue` is where work for activities is offered; it and `children` are for the engine's thread only."""
        self._services = services
        self._activity_queue = activity_queue
        self._knows_activity = knows_activity
        self._children = children
        self._containers = containers
        self._pool = Pool(WORKERS, "task")
        self.answers: CannedAnswers = NoAnswers()
        """What is answered where nobody serves a call; it may be changed."""

    @property
    def containers(self) -> Containers:
        """Who runs the commands of containers."""
        return self._containers

    def start(self, task: AssignedTask) -> Callable[[], None]:
        """Begin the work of a task."""
        resource = resource_of(task.request.resource)
        if resource.family == "Activity":
            return self._offer(task)
        if resource.family == "LambdaFunction":
            return self._do(task, lambda: TaskSucceeded(output=invoke_bare(self._services, task)))
        pattern = next((suffix for suffix in (*_SYNC, _TOKEN) if resource.action.endswith(suffix)), "")
        action = resource.action.removesuffix(pattern)
        if pattern in _SYNC and not waits_for_the_end(resource.service, action):
            return self._answer_or_refuse(task, action)
        if pattern in _SYNC:
            if resource.service == "ecs":
                self._containers.expect(task)
            return self._do(task, lambda: self._submit(task, resource.service, action, pattern))
        if not (resource.service.startswith("aws-sdk:") or is_optimized(resource.service, action)):
            return self._answer_or_refuse(task, action)
        if pattern == _TOKEN:
            return self._do(task, lambda: TaskSubmitted(output=call(self._services, task, resource.service, action)))
        return self._do(task, lambda: TaskSucceeded(output=call(self._services, task, resource.service, action)))

    def resume(self, task: AssignedTask, submitted: Json) -> Callable[[], None]:
        """Wait on for a child execution; a container did not outlive its emulator; a token is waited for by itself."""
        resource = resource_of(task.request.resource)
        if resource.service == "states" and resource.action.endswith(_SYNC):
            self._children.wait(task, submitted, parsed_output=resource.action.endswith(":2"))
            return lambda: self._children.stop(task)
        if resource.action.endswith(_SYNC):
            cause = "The embedded AWS was stopped while the task ran, and it with it."
            task.say(TaskFailed(error="States.TaskFailed", cause=cause))
        return _nothing

    def close(self) -> None:
        """Take no more work."""
        self._containers.close()
        self._pool.close()

    def _submit(self, task: AssignedTask, service: str, action: str, pattern: str) -> TaskReport | None:
        if service == "ecs":
            return self._containers.run(task)
        submitted = call(self._services, task, service, action)
        task.say(TaskSubmitted(output=submitted))
        self._children.wait_from_afar(task, submitted, parsed_output=pattern == ".sync:2")
        return None

    def _do(self, task: AssignedTask, work: Callable[[], TaskReport | None]) -> Callable[[], None]:
        def report() -> None:
            try:
                said = work()
            except NotServed as refusal:
                is_answered = give_canned(self.answers, refusal.call, task) is not None
                said = None if is_answered else TaskFailed(error=refusal.error, cause=refusal.cause, at=refusal.at)
            except TaskError as refusal:
                said = TaskFailed(error=refusal.error, cause=refusal.cause, at=refusal.at)
            except Exception as problem:  # noqa: BLE001 - whatever goes wrong, the execution must hear of it
                _log.exception("the work of %s failed", task.request.resource)
                said = TaskFailed(error=_UNKNOWN, cause=f"{task.request.resource} failed inside the embedded AWS: {problem!r}")
            if said is not None:
                task.say(said)

        cancel = self._pool.do(report)

        def stop() -> None:
            cancel()
            self._children.stop(task)
            self._containers.stop(task)

        return stop

    def _offer(self, task: AssignedTask) -> Callable[[], None]:
        request = task.request
        if not self._knows_activity(request.resource):
            cause = f"The activity {request.resource} does not exist."
            task.say(TaskFailed(error="States.Runtime", cause=cause, at="ActivityScheduleFailed"))
            return _nothing
        offer = PendingTask(
            token=request.token or "",
            input=compact(request.arguments),
            taken=lambda worker: task.say(TaskTaken(worker=worker)),
        )
        self._activity_queue().offer(request.resource, offer)

        def withdraw() -> None:
            offer.is_withdrawn = True

        return withdraw

    def _answer_or_refuse(self, task: AssignedTask, action: str) -> Callable[[], None]:
        service = resource_of(task.request.resource).service.removeprefix("aws-sdk:")
        canned = give_canned(self.answers, f"{service}:{action}", task)
        if canned is not None:
            return canned
        cause = (
            f"The embedded AWS has no integration {service}:{action} ({task.request.resource}). Name its answer under"
            " `local: {answers: …}` in bunsui.yaml, give the state a mock in a test, or run it on AWS."
        )
        task.say(TaskFailed(error=_UNKNOWN, cause=cause))
        return _nothing


def _nothing() -> None:
    """Stop nothing."""
