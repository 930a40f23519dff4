"""Follows a session until it ends, as a series of snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.model.session import Session
from bunsui.services.desk import Desk
from bunsui.sessions.snapshot import SessionSnapshot

LOCAL_SECONDS = 0.3
AWS_SECONDS = 2.0
"""Between two looks; Step Functions' read quotas are shared by everybody in the account."""


def follow(desk: Desk, session: Session, *, seconds: float | None = None) -> Iterator[SessionSnapshot]:
    """Give a snapshot at once and then one every so many seconds, the last when the session has ended."""
    pause = seconds if seconds is not None else LOCAL_SECONDS if desk.repository.is_local else AWS_SECONDS
    observer = desk.observer(session)
    while True:
        snapshot = observer.look(session)
        session = snapshot.session
        yield snapshot
        if session.status.is_final:
            return
        desk.edges.clock.sleep(pause)
