"""What was judged of the calls of roles, or could not be: counted, so that nothing passes for allowed that nobody looked at."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

_MOST_KEPT = 2000


class CallOutcome(Enum):
    """What became of a call."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCall:
    """One kind of call of one role."""

    role: str
    """Its ARN."""
    action: str
    """As IAM calls it; the service's name where nobody knows the action."""
    resource: str
    """An ARN; empty where the request does not tell it."""
    outcome: CallOutcome
    reason: str
    """Why it was refused, or could not be judged; empty for one that is allowed."""


class CallLedger:
    """Counts calls by role, action, resource and outcome; the most recent kinds are kept."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        """Begin with nothing."""
        self._now = now
        self._kinds: OrderedDict[JudgedCall, tuple[int, float]] = OrderedDict()
        self._totals = dict.fromkeys(CallOutcome, 0)
        self._lock = threading.Lock()

    def note(self, call: JudgedCall) -> None:
        """Count a call; from any thread."""
        with self._lock:
            count, _ = self._kinds.pop(call, (0, 0.0))
            self._kinds[call] = (count + 1, self._now())
            self._totals[call.outcome] += 1
            while len(self._kinds) > _MOST_KEPT:
                self._kinds.popitem(last=False)

    def totals(self) -> dict[str, int]:
        """Return how many calls had each outcome."""
        with self._lock:
            return {outcome.value: count for outcome, count in self._totals.items()}

    def calls(self) -> list[dict[str, Any]]:
        """Return each kind of call with `count` and `at` (the last one, in seconds since 1970), the most recent last."""
        with self._lock:
            kinds = list(self._kinds.items())
        return [{**asdict(call), "outcome": call.outcome.value, "count": count, "at": at} for call, (count, at) in kinds]
