"""Who does the work of Task states: services, functions, workers of activities, child executions, containers.

What nobody here can do fails at once, naming the integration. Nothing succeeds without having been done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bunsui.engine.paths import compact
from bunsui.engine.states.task import resource_of
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskSubmitted, TaskSucceeded, TaskTaken
from bunsui.local.stepfunctions.activities import Board, Offer
from bunsui.local.stepfunctions.children import Children
from bunsui.local.stepfunctions.containers import Containers
from bunsui.local.stepfunctions.functions import invoke_bare
from bunsui.local.stepfunctions.integrations import Refusal, Services, call, is_optimized, waits_for_the_end
from bunsui.local.stepfunctions.orders import Order
from bunsui.local.stepfunctions.pool import Pool
from bunsui.model.values import Json

_log = logging.getLogger("bunsui.local")

WORKERS = 64
"""Calls that wait at the same time. More wait for their turn."""

_SYNC = (".sync:2", ".sync")
_TOKEN = ".waitForTaskToken"  # noqa: S105 - the name of a pattern
_UNKNOWN = "States.Runtime"


class Workforce:
    """Does work in a pool of threads; implements `Labor`."""

    def __init__(
        self,
        services: Services,
        *,
        board: Callable[[], Board],
        knows_activity: Callable[[str], bool],
        children: Children,
        containers: Containers,
    ) -> None:
        """`board` is where work for activities is offered; it and `children` are for the engine's thread only."""
        self._services = services
        self._board = board
        self._knows_activity = knows_activity
        self._children = children
        self._containers = containers
        self._pool = Pool(WORKERS, "task")

    @property
    def containers(self) -> Containers:
        """Who runs the commands of containers."""
        return self._containers

    def start(self, order: Order) -> Callable[[], None]:
        """Begin the work of an order."""
        resource = resource_of(order.request.resource)
        if resource.family == "Activity":
            return self._offer(order)
        if resource.family == "LambdaFunction":
            return self._do(order, lambda: TaskSucceeded(output=invoke_bare(self._services, order)))
        pattern = next((suffix for suffix in (*_SYNC, _TOKEN) if resource.action.endswith(suffix)), "")
        action = resource.action.removesuffix(pattern)
        if pattern in _SYNC and not waits_for_the_end(resource.service, action):
            return self._refuse(order, resource.action)
        if pattern in _SYNC:
            if resource.service == "ecs":
                self._containers.expect(order)
            return self._do(order, lambda: self._submit(order, resource.service, action, pattern))
        if not (resource.service.startswith("aws-sdk:") or is_optimized(resource.service, action)):
            return self._refuse(order, resource.action)
        if pattern == _TOKEN:
            return self._do(order, lambda: TaskSubmitted(output=call(self._services, order, resource.service, action)))
        return self._do(order, lambda: TaskSucceeded(output=call(self._services, order, resource.service, action)))

    def resume(self, order: Order, submitted: Json) -> Callable[[], None]:
        """Wait on for a child execution; a container did not outlive its emulator; a token is waited for by itself."""
        resource = resource_of(order.request.resource)
        if resource.service == "states" and resource.action.endswith(_SYNC):
            self._children.wait(order, submitted, parsed_output=resource.action.endswith(":2"))
            return lambda: self._children.stop(order)
        if resource.action.endswith(_SYNC):
            cause = "The embedded AWS was stopped while the task ran, and it with it."
            order.say(TaskFailed(error="States.TaskFailed", cause=cause))
        return _nothing

    def close(self) -> None:
        """Take no more work."""
        self._containers.close()
        self._pool.close()

    def _submit(self, order: Order, service: str, action: str, pattern: str) -> TaskReport | None:
        if service == "ecs":
            return self._containers.run(order)
        submitted = call(self._services, order, service, action)
        order.say(TaskSubmitted(output=submitted))
        self._children.wait_from_afar(order, submitted, parsed_output=pattern == ".sync:2")
        return None

    def _do(self, order: Order, work: Callable[[], TaskReport | None]) -> Callable[[], None]:
        def report() -> None:
            try:
                said = work()
            except Refusal as refusal:
                said = TaskFailed(error=refusal.error, cause=refusal.cause, at=refusal.at)
            except Exception as problem:  # noqa: BLE001 - whatever goes wrong, the execution must hear of it
                _log.exception("the work of %s failed", order.request.resource)
                said = TaskFailed(error=_UNKNOWN, cause=f"{order.request.resource} failed inside the embedded AWS: {problem!r}")
            if said is not None:
                order.say(said)

        cancel = self._pool.do(report)

        def stop() -> None:
            cancel()
            self._children.stop(order)
            self._containers.stop(order)

        return stop

    def _offer(self, order: Order) -> Callable[[], None]:
        request = order.request
        if not self._knows_activity(request.resource):
            cause = f"The activity {request.resource} does not exist."
            order.say(TaskFailed(error="States.Runtime", cause=cause, at="ActivityScheduleFailed"))
            return _nothing
        offer = Offer(
            token=request.token or "",
            input=compact(request.arguments),
            taken=lambda worker: order.say(TaskTaken(worker=worker)),
        )
        self._board().offer(request.resource, offer)

        def withdraw() -> None:
            offer.is_withdrawn = True

        return withdraw

    def _refuse(self, order: Order, action: str) -> Callable[[], None]:
        service = resource_of(order.request.resource).service
        cause = (
            f"The embedded AWS has no integration {service}:{action} ({order.request.resource})."
            " Give the state a mock in a test, or run it on AWS."
        )
        order.say(TaskFailed(error=_UNKNOWN, cause=cause))
        return _nothing


def _nothing() -> None:
    """Stop nothing."""
