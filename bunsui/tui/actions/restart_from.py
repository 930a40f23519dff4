"""Goes on from a job: it runs again with all that depends on it, what was done before it is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.tui.actions.resume import ENDED_BADLY, RESUME, stakes
from bunsui.view.safe import safe

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


def restart_from(job: str = "") -> SessionAction:
    """Return the action for that job; for the one that failed where none is named."""
    named = safe(job) or "the job that failed"
    return SessionAction(
        name="restart-from",
        key="F",
        question=f"Run this session again from {named}?",
        question_many="Run {count} sessions again from the job that failed?",
        done="resumed",
        role=f"{named} runs again with all that depends on it",
        is_frequent=False,
        fits=lambda session: session.standing in ENDED_BADLY and bool(job or session.failed_job),
        foresee=partial(_foresee, job),
        carry_out=RESUME.carry_out,
        command=lambda session: command_line("resume", session.id, "--from", job or session.failed_job),
    )


def _foresee(job: str, context: SessionContext, session: Session) -> Foreseen:
    from bunsui.services.recovery.single import plan_by_strategy
    from bunsui.sessions.checkpoints import ResumeWishes

    wishes = ResumeWishes(begin=frozenset((job or session.failed_job,)))
    resumption = plan_by_strategy(context, session, Strategy.RESUME, wishes)
    return Foreseen(session=resumption.session, lines=tuple(stakes(resumption)), resumption=resumption)


RESTART_FROM = restart_from()
