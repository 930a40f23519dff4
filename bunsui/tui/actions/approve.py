"""Lets a session that waits for an approval go on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.model.gates import Decision
from bunsui.model.session import Session, SessionStatus
from bunsui.tui.actions.action import Foreseen, SessionAction, TextAsked
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


def approve(gate: str = "", note: str | None = None) -> SessionAction:
    """Return the action at that gate, at the open one where none is named; `note` is None as long as nobody typed it."""
    told = note or ""
    return SessionAction(
        name="approve",
        key="a",
        question="Approve?",
        question_many="Approve in {count} sessions?",
        done="approved",
        role="let it go on after the approval",
        fits=lambda session: bool(session.gates) and session.standing is SessionStatus.WAITING,
        foresee=partial(foresee_answer, gate),
        carry_out=partial(answer_gate, "approved", told),
        command=lambda session: command_line(
            "approve", gate or session.gates[0].id, *(("--note", told) if told else ())
        ),
        asks=TextAsked(prompt="A note; may be empty", then=partial(approve, gate)) if note is None else None,
    )  # fmt: skip


def foresee_answer(gate: str, context: SessionContext, session: Session) -> Foreseen:
    """Return what the gate asks, until when, and who would decide; the open one of the session where none is named.

    Raises:
        Refused: no such gate is open.

    """
    from bunsui.services.history.open_gates import execution_gates, open_gates
    from bunsui.view.sessions.gates import open_gate_lines
    from bunsui.view.sessions.wording import zone_of

    told = [one for attempt in session.running for one in execution_gates(context, attempt.execution_arn)]
    of_its_own = [one.gate for one in told if one.outcome == "open"]
    # Items of a distributed foreach wait in executions of their own, of which only the rows of their gates tell.
    fitting = of_its_own or open_gates(context, [session.pipeline]).of(session)
    found = next((one for one in fitting if gate in ("", one.id)), None)
    if found is None:
        hint = "Look at the session again:\n  " + command_line("show", session.id)
        raise Refused("gate-not-open", "nothing waits for an approval here any more", hint=hint, session=session.id)
    zone = zone_of(context.repository.project.timezone)
    lines = (
        line(span(f"{found.job}  ", Role.NAME), span(f"gate {found.id}", Role.MUTED)),
        *open_gate_lines(found, now=context.ports.clock.now(), zone=zone),
        line(span("you        ", Role.MUTED), span(context.ports.caller_arn, Role.NAME)),
    )
    return Foreseen(session=session, lines=lines, gate=found)


def answer_gate(decision: Decision, note: str, context: SessionContext, foreseen: Foreseen) -> Session:
    """Decide at the gate that was shown, and return its session."""
    from bunsui.services.running.approvals import GateDecision, decide

    assert foreseen.gate is not None, "foreseen by this action"
    return decide(context, foreseen.gate, GateDecision(decision=decision, note=note)).session


APPROVE = approve()
