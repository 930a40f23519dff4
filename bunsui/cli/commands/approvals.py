"""`bunsui approvals`: list the gates at which sessions wait."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.session_context import session_command
from bunsui.command_line import command_line
from bunsui.services.history.open_gates import open_gates
from bunsui.view.documents.running.gates import ApprovalsDocument
from bunsui.view.sessions.gates import gate_list_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    pipeline: Annotated[str | None, typer.Option(help="Only those of this pipeline.", autocompletion=complete_pipeline)] = None,
) -> None:
    """List the gates at which sessions wait for an approval, the oldest first: what is asked, since when, until when."""
    command = session_command(context)
    sessions, output = command.context, command.output
    if pipeline is not None:
        sessions.pipeline(pipeline)
    found = open_gates(sessions, [pipeline] if pipeline is not None else None)
    if output.as_json:
        output.document(ApprovalsDocument.of(found))
        return
    now = sessions.ports.clock.now()
    output.lines(gate_list_lines(found.standings, now=now, zone=command.zone, width=output.columns))
    if found.standings:
        output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
        first = found.standings[0].gate
        output.next_step(command_line("show", first.session), "what it is decided by")
        output.next_step(command_line("approve", first.id, "--note", "WHY"), "")
