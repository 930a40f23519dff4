"""Goes on after the completed jobs, with what is applied now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.session import Session, SessionStatus
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.view.sessions.advice import child_lines, item_lines, repeats_line, untold_lines
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.services.resume import Resumption
    from bunsui.services.session_context import SessionContext

ENDED_BADLY = frozenset({SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED})


def _foresee(context: SessionContext, session: Session) -> Foreseen:
    from bunsui.services.resume import plan_resumption

    resumption = plan_resumption(context, session)
    return Foreseen(session=resumption.session, lines=tuple(stakes(resumption)), resumption=resumption)


def _carry_out(context: SessionContext, foreseen: Foreseen) -> Session:
    from bunsui.services.recovery.single import carry_by_strategy

    assert foreseen.resumption is not None, "foreseen by this action"
    return carry_by_strategy(context, foreseen.resumption).session


def stakes(resumption: Resumption) -> list[Line]:
    """What is kept and what runs."""
    plan = resumption.plan
    lines = [
        line(span("↺ restored   ", Role.GOOD), span(", ".join(plan.restored) or "nothing: no job had completed")),
        line(span("● runs       ", Role.RUNNING), span(", ".join(plan.to_run) or "nothing")),
    ]
    if plan.skipped:
        lines.append(line(span("- was skipped", Role.MUTED), span(f"{', '.join(plan.skipped)}: asked again")))
    lines += [line(span(f"{job} runs again: {why}", Role.WARN), indent=13) for job, why in plan.outdated.items()]
    lines += [*item_lines(plan.items), *untold_lines(plan), *child_lines(resumption.descendants)]
    if resumption.repeats is not None:
        lines.append(repeats_line(resumption.repeats, resumption.recurrence))
    elif resumption.is_unchanged:
        lines.append(line(span("nothing was applied since the last attempt: the same runs again", Role.WARN)))
    return lines


RESUME = SessionAction(
    name="resume",
    key="R",
    question="Resume this session?",
    question_many="Resume {count} sessions?",
    done="resumed",
    role="go on after the completed jobs, with what is applied now",
    fits=lambda session: session.standing in ENDED_BADLY,
    foresee=_foresee,
    carry_out=_carry_out,
    command=lambda session: command_line("resume", session.id),
)
