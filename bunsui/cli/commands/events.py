"""`bunsui events`: lists what a session's executions went through, event by event."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.command_line import command_line
from bunsui.services.history.events import session_events
from bunsui.view.documents.events import events_document
from bunsui.view.sessions.events import event_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP)] = "-",
    job: Annotated[str, typer.Option(help="Only the events of this job.")] = "",
    execution: Annotated[int | None, typer.Option(min=1, help="Only those of one execution; they count from 1.")] = None,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """List the events of a session's executions, each with its job: Step Functions' own history, without inputs and outputs."""
    command = looking_command(context, unmanaged)
    found = command.find(session)
    listed = session_events(command.context, found, job=job, execution=execution)
    output = command.output
    if output.as_json:
        output.document(events_document(found.id, listed))
        return
    output.lines(event_lines(listed, zone=command.zone, width=output.columns))
    output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
    output.next_step(command_line("show", found.id), "jobs, times and errors")
