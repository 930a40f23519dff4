"""Looks at a session: once, or as a series of snapshots until it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bunsui.command_line import PROGRAM
from bunsui.model.session import Session
from bunsui.services.history.streaks import with_streak
from bunsui.services.recovery.advice import advise
from bunsui.services.running.session_cost import with_cost
from bunsui.services.session_context import SessionContext
from bunsui.sessions.snapshot import SessionSnapshot

LOCAL_SECONDS = 0.3
AWS_SECONDS = 2.0
"""Between two looks; Step Functions' read quotas are shared by everybody in the account."""
_PARTS = re.compile(r"(?<=[.;]) ")
_KEYS = re.compile(r"`code\.(\w+)`")
"""Keys of a pipeline's file that name what any function has."""


def show_session(context: SessionContext, session: Session) -> SessionSnapshot:
    """Return the session with its jobs, and with its failure explained when it ended badly."""
    observer = context.observer(session)
    snapshot = with_cost(context, as_looked_at(context, observer.look(session)), observer.reader)
    return replace(snapshot, advice=advise(context, snapshot.session))


def as_looked_at(context: SessionContext, snapshot: SessionSnapshot) -> SessionSnapshot:
    """Return what was seen as it is told to who looks: a failed session with the streak that it ends, one of a machine of
    others without advice for who has the pipeline's file."""
    snapshot = with_streak(context, replace(snapshot, is_managed=context.is_managed))
    failure = snapshot.failure
    if snapshot.is_managed or failure is None:
        return snapshot
    return replace(snapshot, failure=replace(failure, hint=_for_others(failure.hint)))


def _for_others(hint: str) -> str:
    """Return a hint for who has no file of the pipeline: the parts that name no command of ours, without the file's keys."""
    hint = _KEYS.sub(r"its \1", hint)
    kept = " ".join(part for part in _PARTS.split(hint) if PROGRAM not in part)
    return f"{kept[:-1]}." if kept.endswith(";") else kept


def follow(context: SessionContext, session: Session, *, seconds: float | None = None) -> Iterator[SessionSnapshot]:
    """Return a snapshot at once and then one every so many seconds, the last when the session has ended."""
    pause = seconds if seconds is not None else LOCAL_SECONDS if context.repository.is_local else AWS_SECONDS
    observer = context.observer(session)
    while True:
        snapshot = observer.look(session)
        session = snapshot.session
        yield as_looked_at(context, snapshot)
        if session.standing.is_final:
            return
        context.ports.clock.sleep(pause)
