"""Calls that AWS throttled, failed inside, or never answered are made again, for some minutes.

Once one call was repeated for the whole patience in vain, the others of the same apply are no longer repeated: AWS does not
answer, and an apply of hundreds of changes should not find that out for each of them.

boto3 repeats no write here: each repetition must be allowed by the lease anew. Whether a write that was never answered had its
effect is found out by who repeats it (`bunsui.apply.step`); here is only the pace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

from bunsui.errors import BunsuiError, Throttled
from bunsui.model.resource import Address, AppliedResource
from bunsui.ports.clock import Clock
from bunsui.ports.ledger import Fence, Journal, JournalEntry

T = TypeVar("T")

PATIENCE_SECONDS = 180.0
"""How long one call is repeated. Short enough that an apply against an AWS that only throttles ends within five minutes."""
AMBIGUOUS = frozenset({"aws-internal", "endpoint-unreachable"})
"""Codes of errors after which nobody knows whether the call had its effect."""

_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 1.5
"""The slowest of AWS's documented buckets gets a call back each second; waiting longer than that helps nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How calls are repeated."""

    clock: Clock
    patience_seconds: float = PATIENCE_SECONDS
    given_up: Callable[[], bool] = lambda: False
    """True when the apply was asked to stop, so that waiting is in nobody's interest."""
    waiting: Callable[[str], None] = lambda what: None
    """Told once what a call waits for."""
    exhausted: Event = field(default_factory=Event)
    """Set when a call was repeated in vain to the end of the patience; shared by the calls of one apply."""


def repeated(call: Callable[[], T], pace: Pace) -> T:
    """Make the call until it is answered; the last error is raised when the patience ends."""
    waited = 0.0
    delay = _FIRST_DELAY_SECONDS
    while True:
        try:
            return call()
        except BunsuiError as error:
            if not may_repeat(error) or pace.given_up() or pace.exhausted.is_set():
                raise
            if waited >= pace.patience_seconds:
                pace.exhausted.set()
                raise
            what = "AWS, which asked to slow down" if isinstance(error, Throttled) else "an answer of AWS"
        if not waited:
            pace.waiting(what)
        delay = min(delay, pace.patience_seconds - waited)
        pace.clock.sleep(delay)
        waited += delay
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)


def may_repeat(error: BunsuiError) -> bool:
    """True for what may pass by itself."""
    return isinstance(error, Throttled) or error.code in AMBIGUOUS


class RepeatingJournal:
    """A journal whose calls are repeated. All of them may be: they write the same again."""

    def __init__(self, journal: Journal, pace: Pace) -> None:
        """Make it over a journal."""
        self._journal = journal
        self._pace = pace

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        """Store the entry, or its progress."""
        repeated(lambda: self._journal.begin(entry, fence), self._pace)

    def settle(self, outcome: Mapping[Address, AppliedResource | None], fence: Fence) -> None:
        """Remember or forget, and remove the entries."""
        repeated(lambda: self._journal.settle(outcome, fence), self._pace)

    def pending(self) -> Mapping[Address, JournalEntry]:
        """Give the entries that were begun and not settled."""
        return repeated(self._journal.pending, self._pace)
