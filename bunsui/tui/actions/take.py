"""Shows others who is on a session that ended badly: `recover` leaves it to that person."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction, TextAsked
from bunsui.tui.actions.resume import ENDED_BADLY
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


def take(note: str | None = None) -> SessionAction:
    """Return the action with that note, None as long as nobody typed it."""
    return SessionAction(
        name="take",
        key="",
        question="Take this session?",
        question_many="Take {count} sessions?",
        done="taken",
        role="show others that you are on it; recover leaves it to you",
        fits=lambda session: session.standing in ENDED_BADLY and not session.running,
        foresee=partial(_foresee, note or ""),
        carry_out=partial(_carry_out, note or ""),
        command=lambda session: command_line("take", session.id, *(("--note", note) if note else ())),
        asks=TextAsked(prompt="What others should know; may be empty", then=take) if note is None else None,
    )


def _foresee(note: str, context: SessionContext, session: Session) -> Foreseen:
    from bunsui.services.recovery.taking import is_others, look_before_taking
    from bunsui.view.sessions.custody import custody_line
    from bunsui.view.sessions.wording import zone_of

    now = look_before_taking(context, session)
    lines = [line(span("you     ", Role.MUTED), span(context.ports.caller_arn, Role.NAME))]
    lines += [line(span("note    ", Role.MUTED), span(note))] if note else []
    if now.taken is not None and is_others(context, now):
        zone = zone_of(context.repository.project.timezone)
        lines.append(custody_line(now.taken, now=context.ports.clock.now(), zone=zone))
    return Foreseen(session=now, lines=tuple(lines))


def _carry_out(note: str, context: SessionContext, foreseen: Foreseen) -> Session:
    from bunsui.services.recovery.taking import take_session

    return take_session(context, foreseen.session, note=note, until=None)


TAKE = take()
