"""`bunsui stop`: stop a running session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import session_command
from bunsui.command_line import command_line
from bunsui.services.stop import stop_session
from bunsui.view.documents.sessions import SessionDocument, SessionPart
from bunsui.view.sessions.advice import closing_lines


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)],
    reason: Annotated[str, typer.Option(help="Why; kept with the execution.")] = "stopped by hand",
) -> None:
    """Stop a running session; a later attempt can continue after its completed jobs."""
    command = session_command(context)
    stopped = stop_session(command.context, command.find(session), reason=reason)
    if command.output.as_json:
        command.output.document(SessionDocument(session=SessionPart.of(stopped)))
        return
    command.output.say(f"{stopped.pipeline}: {stopped.standing.value}")
    pipeline = command.context.pipelines.get(stopped.pipeline)
    closing = [job.name for job in pipeline.jobs if job.closing is not None] if pipeline is not None else []
    command.output.lines(closing_lines(stopped, closing), to_stderr=True)
    if pipeline is not None and not pipeline.is_raw:
        command.output.next_step(command_line("resume", stopped.id), "go on after its completed jobs")
