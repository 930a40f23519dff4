"""`bunsui checkpoints`: list what a session completed, with what would become of it."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import FAILED_HELP, SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import session_command
from bunsui.command_line import command_line
from bunsui.model.session import SessionStatus
from bunsui.services.history.completed_jobs import session_checkpoints
from bunsui.view.documents.running.checkpoints import checkpoints_document
from bunsui.view.sessions.checkpoints import checkpoint_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help=FAILED_HELP)] = False,
) -> None:
    """List what a session completed, job by job, and what would be kept, run, or run again, with the reason."""
    command = session_command(context)
    found, jobs = session_checkpoints(command.context, command.find(session, failed=failed))
    output = command.output
    if output.as_json:
        output.document(checkpoints_document(found, jobs))
        return
    output.lines(checkpoint_lines(jobs, zone=command.zone, width=output.columns))
    output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
    if found.status.is_final and found.status is not SessionStatus.SUCCEEDED:
        output.next_step(command_line("resume", found.id), "go on so; --keep JOB and --from JOB change it")
