"""Stops a running session."""

from __future__ import annotations

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.session import Session
from bunsui.services.session_context import SessionContext


def stop_session(context: SessionContext, session: Session, *, reason: str) -> Session:
    """Abort the session's execution and give the session as it then stands; InvalidInput when it had already ended."""
    session = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    if session.standing.is_final and not session.running:
        raise InvalidInput(
            "already-ended",
            "the session has already ended",
            hint=f"Look at it:\n  {command_line('show', session.id)}",
            session=session.id,
            status=session.status.value,
        )
    return context.manager.stop(session, reason)
