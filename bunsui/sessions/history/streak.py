"""Since when a pipeline fails in the same way, from the rows of its sessions."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.model.session import Session, SessionStatus
from bunsui.sessions.snapshot import FailureStreak

_FAILED = frozenset({SessionStatus.FAILED, SessionStatus.TIMED_OUT})


def failure_streak(session: Session, earlier: Sequence[Session], *, is_whole: bool) -> FailureStreak | None:
    """Return the streak that the session ends, None for one that did not fail by itself or of which nothing is known.

    `earlier` are the sessions of the pipeline that began before, newest start first; `is_whole` says that these are all rows.
    Two failures are alike by their fingerprint; where a row has none, as those of an older bunsui, by job and error.
    """
    if session.status not in _FAILED or not session.is_described:
        return None
    first, count, unknown, between = session, 1, 0, 0
    different: Session | None = None
    for one in earlier:
        if one.status is SessionStatus.SUCCEEDED:
            return FailureStreak(count=count, first=first, last_success=one, different=different, unknown=unknown)
        if one.status not in _FAILED or not one.is_described:
            between += 1
        elif different is None and _is_alike(first, one):
            first, count, unknown, between = one, count + 1, unknown + between, 0
        elif different is None:
            different = one
    return FailureStreak(count=count, first=first, different=different, unknown=unknown, is_open=not is_whole)


def _is_alike(one: Session, other: Session) -> bool:
    if one.failure is not None and other.failure is not None:
        return one.failure.fingerprint == other.failure.fingerprint
    return _place(one) == _place(other)


def _place(session: Session) -> tuple[str, str]:
    return session.failed_job, session.latest.error if session.latest is not None else ""
