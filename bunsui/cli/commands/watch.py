"""`bunsui watch`: follow a running session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.run import waiting_time
from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import session_command
from bunsui.cli.session_progress import follow_to_the_end, show_end


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop waiting after this long, such as 10m; the run goes on.")
    ] = None,
) -> None:
    """Follow a session until it ends; exits with 1 when it fails."""
    seconds = waiting_time(timeout)
    command = session_command(context)
    show_end(command, follow_to_the_end(command, command.find(session), seconds=seconds))
