"""Runs every job again, with what is applied now; parameters and slot stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.tui.actions.resume import ENDED_BADLY, RESUME
from bunsui.view.sessions.advice import strategy_lines

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


def _foresee(context: SessionContext, session: Session) -> Foreseen:
    from bunsui.services.recovery.single import plan_by_strategy

    resumption = plan_by_strategy(context, session, Strategy.RESTART)
    return Foreseen(session=resumption.session, lines=tuple(strategy_lines(resumption)), resumption=resumption)


RESTART = SessionAction(
    name="restart",
    key="",
    question="Run this session from the start?",
    question_many="Run {count} sessions from the start?",
    done="restarted",
    role="every job runs again, completed ones too",
    fits=lambda session: session.standing in ENDED_BADLY,
    foresee=_foresee,
    carry_out=RESUME.carry_out,
    command=lambda session: command_line("resume", session.id, "--strategy", Strategy.RESTART.value),
)
