"""The queue of an activity: work that waits for workers, or workers that wait for work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class PendingTask:
    """Work that waits for a worker."""

    token: str
    input: str
    taken: Callable[[str | None], None]
    """Told the worker's name when somebody takes it."""
    is_withdrawn: bool = False


@dataclass(slots=True)
class ActivityQueue:
    """The work and the workers that wait, by activity."""

    offers: dict[str, deque[PendingTask]] = field(default_factory=dict)
    workers: dict[str, deque[tuple[Future[dict[str, Any]], str | None]]] = field(default_factory=dict)

    def offer(self, arn: str, offer: PendingTask) -> None:
        """Return the work to a worker that waits, or keep it."""
        waiting = self.workers.get(arn, deque())
        while waiting:
            worker, name = waiting.popleft()
            if _hand_over(worker, offer):
                offer.taken(name)
                return
        self.offers.setdefault(arn, deque()).append(offer)

    def take(self, arn: str, worker: str | None) -> Future[dict[str, Any]]:
        """Return what becomes a piece of work; whoever waits for it no longer cancels it."""
        future: Future[dict[str, Any]] = Future()
        offers = self.offers.get(arn, deque())
        while offers:
            offer = offers.popleft()
            if not offer.is_withdrawn:
                _hand_over(future, offer)
                offer.taken(worker)
                return future
        self.workers.setdefault(arn, deque()).append((future, worker))
        return future


def _hand_over(worker: Future[dict[str, Any]], offer: PendingTask) -> bool:
    try:
        worker.set_result({"taskToken": offer.token, "input": offer.input})
    except InvalidStateError:
        return False
    return True
