"""Stops a running session."""

from __future__ import annotations

from bunsui.errors import InvalidInput
from bunsui.model.session import Session
from bunsui.services.desk import Desk


def stop_session(desk: Desk, session: Session, *, reason: str) -> Session:
    """Abort the session's execution and give the session as it then stands; InvalidInput when it had already ended."""
    session = desk.manager.sync(session, target_arn=desk.machine(session.pipeline).alias_arn)
    if session.status.is_final:
        raise InvalidInput(
            "already-ended",
            "the session has already ended",
            hint=f"Look at it:\nbunsui show {session.id}",
            session=session.id,
            status=session.status.value,
        )
    return desk.manager.stop(session, reason)
