"""Retry the writes of an apply: the policies, by the reason of the refusal. The loop is `bunsui.retry`.

Once one call was retried for the whole patience in vain, the others of the same apply are no longer retried: AWS does not
answer, and an apply of hundreds of changes should not find that out for each of them.

boto3 repeats no write here: each attempt must be allowed by the lease anew. Whether a write that was never answered had its
effect is found out by who retries it (`bunsui.apply.perform`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bunsui.errors import BunsuiError, CloudError, Missing, Passing, Throttled
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.resource import AppliedResource
from bunsui.ports.ledger import Fence, Journal, JournalEntry
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry

PATIENCE_SECONDS = 180.0
"""How long one call is retried. Short enough that an apply against an AWS that only throttles ends within five minutes."""
AMBIGUOUS = frozenset({"aws-internal", "endpoint-unreachable", "foreign-answer"})
"""Codes of errors after which nobody knows whether the call had its effect."""

SOON_SECONDS = 40.0
"""How long a call is retried that AWS refuses for a reason that passes soon."""
LATER_SECONDS = 300.0
"""How long where AWS deletes something in the background: terraform-provider-aws waits as long for schedule groups."""

_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=1.5)
"""The slowest of AWS's documented buckets gets a call back each second; waiting longer than that helps nobody."""
_LATER_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=5.0)


def _passes(error: Exception, passes: Passing) -> bool:
    return isinstance(error, CloudError) and error.passes is passes


def _what_it_waits_for(error: Exception) -> str:
    return error.waits_for if isinstance(error, CloudError) else ""


UNANSWERED: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, Throttled) or (isinstance(error, BunsuiError) and error.code in AMBIGUOUS),
    backoff=_BACKOFF,
    patience_seconds=PATIENCE_SECONDS,
    waits_for=lambda error: "AWS, which asked to slow down" if isinstance(error, Throttled) else "an answer of AWS",
    trips_breaker=True,
)
"""AWS as a whole does not answer, or asks to slow down."""
_JUST_MADE: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, Missing),
    backoff=_BACKOFF,
    patience_seconds=SOON_SECONDS,
    waits_for=lambda error: "AWS to see what was made a moment ago",
)
_PASSES_SOON: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: _passes(error, Passing.SOON),
    backoff=_BACKOFF,
    patience_seconds=SOON_SECONDS,
    waits_for=_what_it_waits_for,
)
_PASSES_LATER: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: _passes(error, Passing.LATER),
    backoff=_LATER_BACKOFF,
    patience_seconds=LATER_SECONDS,
    waits_for=_what_it_waits_for,
)

CALL_POLICIES = (UNANSWERED, _PASSES_SOON, _PASSES_LATER)
"""For calls of an apply that do not write a resource: of the lock, the journal and the state, and reads of what it changes."""
WRITE_POLICIES = (UNANSWERED, _JUST_MADE, _PASSES_SOON, _PASSES_LATER)
"""For writes of a resource: what one says is missing may be what this apply made a moment ago."""


class RetryingJournal:
    """A journal whose calls are retried. All of them may be: they write the same again."""

    def __init__(self, journal: Journal, retrying: Retrying) -> None:
        """Make it over a journal."""
        self._journal = journal
        self._retrying = retrying

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        """Store the entry, or its progress."""
        retry(lambda: self._journal.begin(entry, fence), CALL_POLICIES, self._retrying)

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        """Remember or forget, and remove the entries."""
        write = partial(self._journal.settle, outcome, fence, texts=texts, deployments=deployments)
        retry(write, CALL_POLICIES, self._retrying)

    def pending(self) -> Mapping[Address, JournalEntry]:
        """Return the entries that were begun and not settled."""
        return retry(self._journal.pending, CALL_POLICIES, self._retrying)
