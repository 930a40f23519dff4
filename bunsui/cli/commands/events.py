"""`bunsui events`: lists what a session's executions went through, event by event."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import FAILED_HELP, SESSION_HELP
from bunsui.cli.completion import complete_job, complete_session
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.command_line import command_line
from bunsui.services.history.events import session_events
from bunsui.view.documents.running.events import events_document
from bunsui.view.sessions.events import event_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help=FAILED_HELP)] = False,
    job: Annotated[
        str,
        typer.Option(
            help="Only the events of this job and what it runs; PARENT/JOB in a pipeline that a job runs.",
            autocompletion=complete_job,
        ),
    ] = "",
    execution: Annotated[int | None, typer.Option(min=1, help="Only those of one execution; they count from 1.")] = None,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """List the events of a session's executions and of what their jobs run (nested pipelines, items of distributed Maps), each
    with its job, in order of time: Step Functions' own history, without inputs and outputs."""
    command = looking_command(context, unmanaged)
    found = command.find(session, failed=failed)
    listed = session_events(command.context, found, job=job, execution=execution)
    output = command.output
    if output.as_json:
        output.document(events_document(found.id, listed))
        return
    output.lines(event_lines(listed, zone=command.zone, width=output.columns))
    output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
    output.next_step(command_line("show", found.id), "jobs, times and errors")
