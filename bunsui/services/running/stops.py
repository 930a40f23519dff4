"""Stop every session that a filter finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bunsui.errors import BunsuiError
from bunsui.model.session import Session
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.session_context import SessionContext
from bunsui.services.session_filter import read_filter
from bunsui.services.sessions import look_at_sessions
from bunsui.services.stop import stop_session

MOST_STOPPED = 1000
"""Sessions that are stopped at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsPlan:
    """What is going to be stopped."""

    sessions: tuple[Session, ...]
    """Those that the filter finds and that go on."""
    is_cut: bool = False
    """True when there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOutcome:
    """What became of one of them."""

    session: Session
    """As it stands afterwards."""
    error: BunsuiError | None = None
    """Why it was not stopped."""


def plan_stops(context: SessionContext, words: Sequence[str]) -> StopsPlan:
    """Return the sessions that go on and are found by the filter, after a look at the machines; nothing is stopped.

    Raises:
        InvalidInput: a word of the filter has no meaning.

    """
    listed = look_at_sessions(context, SessionQuery(limit=MOST_STOPPED), read_filter(words))
    going_on = tuple(one for one in listed.sessions if one.running or not one.standing.is_final)
    return StopsPlan(sessions=going_on, is_cut=listed.is_cut)


def stop_each(context: SessionContext, sessions: Sequence[Session], *, reason: str) -> Iterator[StopOutcome]:
    """Stop the sessions one by one, and yield what became of each; one that cannot be stopped keeps no other from it.

    One that has ended meanwhile is as good as stopped.
    """
    for session in sessions:
        try:
            yield StopOutcome(session=stop_session(context, session, reason=reason))
        except BunsuiError as error:
            now = context.ports.sessions.get(session.id) or session
            yield StopOutcome(session=now, error=None if error.code == "already-ended" else error)
