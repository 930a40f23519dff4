"""Sees that the state can be restored: switched on by each apply that finds it off, and never a reason for an apply to fail."""

from __future__ import annotations

from bunsui.errors import CloudError, Passing, Unavailable
from bunsui.refresh.ports import ReconcilePorts
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry

_WAIT_SECONDS = 60.0
"""AWS takes some seconds, sometimes half a minute, to enable backups of a new table."""
_BACKUPS_ENABLED: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: (
        isinstance(error, Unavailable) and isinstance(error, CloudError) and error.passes is not Passing.NEVER
    ),
    backoff=Backoff(first_seconds=2.0, factor=1.0),
    patience_seconds=_WAIT_SECONDS,
)


def is_recoverable(ports: ReconcilePorts) -> bool | None:
    """Return whether the state can be restored; None where nobody can tell, or nobody would restore it."""
    try:
        return ports.recovery.is_on() if ports.recovery is not None else None
    except Unavailable:
        return None


def switched_on(ports: ReconcilePorts, *, patient: bool = False) -> Unavailable | None:
    """Switch the recovery of the state on where it is off; return the refusal when that did not work.

    Patient, it waits up to a minute for a refusal that passes by itself."""
    recovery = ports.recovery
    if recovery is None:
        return None

    def switch_on() -> None:
        if recovery.is_on() is False:
            recovery.switch_on()

    try:
        retry(switch_on, (_BACKUPS_ENABLED,) if patient else (), Retrying(clock=ports.clock))
    except Unavailable as error:
        return error
    return None


def off_words(error: Unavailable) -> str:
    """Return what a reader should know of a state that cannot be restored."""
    told = error.facts.get("aws_message") or error.summary
    return f"the state has no point-in-time recovery yet; the next apply tries again ({told})"
