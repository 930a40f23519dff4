"""Everything about one session, now."""

from __future__ import annotations

from bunsui.model.session import Session
from bunsui.services.desk import Desk
from bunsui.sessions.snapshot import SessionSnapshot


def show_session(desk: Desk, session: Session) -> SessionSnapshot:
    """Give the session with its jobs, and with its failure explained when it ended badly."""
    return desk.observer(session).look(session)
