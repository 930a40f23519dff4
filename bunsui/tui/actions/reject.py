"""Answers a session that waits for an approval with no."""

from __future__ import annotations

from functools import partial

from bunsui.command_line import command_line
from bunsui.tui.actions.action import SessionAction, TextAsked
from bunsui.tui.actions.approve import APPROVE, answer_gate, foresee_answer


def reject(gate: str = "", note: str | None = None) -> SessionAction:
    """Return the action at that gate, at the open one where none is named; `note` is None as long as nobody typed it."""
    told = note or ""
    return SessionAction(
        name="reject",
        key="",
        question="Reject?",
        question_many="Reject in {count} sessions?",
        done="rejected",
        role="answer no: its job fails, is skipped or goes on, as the file says",
        fits=APPROVE.fits,
        foresee=partial(foresee_answer, gate),
        carry_out=partial(answer_gate, "rejected", told),
        command=lambda session: command_line(
            "reject", gate or session.gates[0].id, *(("--note", told) if told else ())
        ),
        asks=TextAsked(prompt="Why; who began it reads this", then=partial(reject, gate)) if note is None else None,
    )  # fmt: skip


REJECT = reject()
