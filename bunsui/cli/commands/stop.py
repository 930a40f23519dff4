"""`bunsui stop`: stop a running session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.session_desk import session_command
from bunsui.services.stop import stop_session
from bunsui.view.session_json import started_document


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP)],
    reason: Annotated[str, typer.Option(help="Why; kept with the execution.")] = "stopped by hand",
) -> None:
    """Stop a running session; it can be resumed after its completed jobs."""
    command = session_command(context)
    stopped = stop_session(command.desk, command.find(session), reason=reason)
    if command.output.as_json:
        command.output.document(started_document(stopped))
        return
    command.output.say(f"{stopped.pipeline}: {stopped.status.value}")
    pipeline = command.desk.pipelines.get(stopped.pipeline)
    if pipeline is not None and not pipeline.is_raw:
        command.output.next_step(f"bunsui resume {stopped.id}", "go on after its completed jobs")
