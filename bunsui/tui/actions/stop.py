"""Ends a session that goes on; a later attempt can continue after its completed jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext

REASON = "stopped in the terminal UI"


def _foresee(context: SessionContext, session: Session) -> Foreseen:
    now = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    told = "What runs at this moment is aborted; jobs that completed are kept for a resume."
    return Foreseen(session=now, lines=(line(span(told, Role.PLAIN)),))


def _carry_out(context: SessionContext, foreseen: Foreseen) -> Session:
    from bunsui.services.stop import stop_session

    return stop_session(context, foreseen.session, reason=REASON)


STOP = SessionAction(
    name="stop",
    key="S",
    question="Stop this session?",
    question_many="Stop {count} sessions?",
    done="stopped",
    role="end it; jobs that completed are kept for a resume",
    fits=lambda session: bool(session.running) or not session.standing.is_final,
    foresee=_foresee,
    carry_out=_carry_out,
    command=lambda session: command_line("stop", session.id),
)
