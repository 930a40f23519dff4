"""How long sessions of a pipeline take as a rule; which one takes longer than those that succeeded last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bunsui.model.session import Session, SessionStatus

ENOUGH = 8
"""So many runs must have succeeded before anybody is told that one takes long."""
MOST = 20
"""Of the last so many it is taken."""
_SPREADS = 5.0
_OF_NORMAL = 1.4826
"""What the MAD is multiplied with to be a standard deviation where times spread normally."""
_SHARE = 0.5
_LEAST = 60.0
"""Seconds; runs that take seconds are not worth a message when they take twice as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualTime:
    """How long sessions take as a rule."""

    runs: int
    """Of how many runs it is known."""
    seconds: float = 0.0
    """The median; 0 where too few are known."""
    limit: float = 0.0
    """Seconds from which on one takes longer than usual; 0 where too few are known."""

    @property
    def is_known(self) -> bool:
        """True when enough runs are known."""
        return self.runs >= ENOUGH


def usual_time(session: Session, succeeded: Sequence[Session]) -> UsualTime:
    """Return what is usual for a session, by those that succeeded and began before it; in any order."""
    earlier = [row for row in succeeded if row.created_at < session.created_at]
    newest = sorted(earlier, key=lambda row: row.created_at, reverse=True)
    times = [seconds for row in newest if (seconds := whole_seconds(row)) is not None][:MOST]
    if len(times) < ENOUGH:
        return UsualTime(runs=len(times))
    middle = median(times)
    spread = median(abs(one - middle) for one in times) * _OF_NORMAL
    return UsualTime(runs=len(times), seconds=middle, limit=middle + max(_SPREADS * spread, _SHARE * middle, _LEAST))


def whole_seconds(session: Session) -> float | None:
    """Return how long it took from its start; None for one that did not succeed at its first attempt, or that did nothing."""
    if session.status is not SessionStatus.SUCCEEDED or session.skipped or not is_first_try(session):
        return None
    [attempt] = session.attempts
    return None if attempt.stopped_at is None else (attempt.stopped_at - attempt.started_at).total_seconds()


def is_first_try(session: Session) -> bool:
    """Tell whether it is at its first attempt, from the beginning: others do less than the whole."""
    return len(session.attempts) == 1 and session.attempts[0].kind == "run"


def passed_at(session: Session, usual: UsualTime, now: datetime) -> datetime | None:
    """Return when the session began to take longer than usual; None for one that did not, or of which nobody can tell."""
    if not usual.is_known or not is_first_try(session):
        return None
    [attempt] = session.attempts
    if session.status not in (SessionStatus.RUNNING, SessionStatus.SUCCEEDED):
        return None
    limit = attempt.started_at + timedelta(seconds=usual.limit)
    return limit if (attempt.stopped_at or now) > limit else None
