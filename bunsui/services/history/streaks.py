"""Finds since when a session's pipeline fails in the same way: one read of rows, and nothing of Step Functions."""

from __future__ import annotations

from dataclasses import replace

from bunsui.ports.session_rows import SessionQuery
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.streak import failure_streak
from bunsui.sessions.snapshot import SessionSnapshot

ROWS_READ = 200


def with_streak(context: SessionContext, snapshot: SessionSnapshot) -> SessionSnapshot:
    """Return the snapshot of a failed session with the streak that it ends; any other as it is."""
    session = snapshot.session
    if snapshot.failure is None or snapshot.streak is not None:
        return snapshot
    rows = context.ports.sessions.find(SessionQuery(pipeline=session.pipeline, limit=ROWS_READ))
    began = session.created_at, session.id
    earlier = [row for row in rows if (row.created_at, row.id) < began]
    return replace(snapshot, streak=failure_streak(session, earlier, is_whole=len(rows) < ROWS_READ))
