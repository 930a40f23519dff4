"""For what a queued session waits, by the pool of its pipeline."""

from __future__ import annotations

from bunsui.model.session import Session, SessionStatus
from bunsui.services.session_context import SessionContext
from bunsui.sessions.admission.line import WaitingNote


def waiting_note(context: SessionContext, session: Session) -> WaitingNote | None:
    """Return how many are before the session; None for one that is not queued, or for which nobody waits any more."""
    line = context.ports.line
    if session.status is not SessionStatus.QUEUED or line is None:
        return None
    pool, rule = line.pools.read(session.pipeline), context.concurrency_in_force(session.pipeline)
    place = next((index for index, ticket in enumerate(pool.tickets) if ticket.session == session.id), None)
    if place is None or rule is None:
        return None
    return WaitingNote(
        pipeline=session.pipeline,
        session=session.id,
        limit=rule.limit,
        behind=len(pool.holders) + place,
        oldest=min(pool.holders, key=lambda one: one.since, default=None),
    )
