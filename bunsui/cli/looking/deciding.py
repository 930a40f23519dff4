"""Decides at the gate that is meant, for whichever command."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import session_command
from bunsui.command_line import command_line
from bunsui.services.running.approvals import GateDecision, decide, find_gate
from bunsui.view.documents.running.gates import DecisionDocument
from bunsui.view.safe import safe_lines
from bunsui.view.sessions.gates import decided_line
from bunsui.view.spans import Line, Role

GateName = Annotated[
    str,
    typer.Argument(
        metavar="GATE|SESSION",
        help="Gate id or its beginning (`bunsui approvals` lists them), or the session that waits, as for `bunsui show`.",
        autocompletion=complete_session,
    ),
]
GateJob = Annotated[str, typer.Argument(metavar="[JOB]", help="With a session: the job, where several of its gates are open.")]


def decide_at(context: typer.Context, name: str, job: str, wanted: GateDecision) -> None:
    """Decide at the gate that is meant, and tell what was decided."""
    command = session_command(context)
    gate = find_gate(command.context, name, command.find, job=job)
    done = decide(command.context, gate, wanted)
    output = command.output
    command.remember(done.session)
    if output.as_json:
        output.document(DecisionDocument.of(done))
        return
    output.lines([decided_line(done.gate, done.decided)])
    output.lines([Line.of((text, Role.MUTED)).indented(2) for text in safe_lines(done.gate.message, limit_lines=12)])
    output.next_step(command_line("watch", done.session.id), "see it go on")
