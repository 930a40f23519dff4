"""`bunsui show`: explain one session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_session
from bunsui.cli.session_progress import show_page
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.services.watch import show_session

SESSION_HELP = (
    "Session id or its beginning, a pipeline (its latest), #3 of the last list, - for the one shown last, "
    "or an execution's ARN or name."
)


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help="With a pipeline: its latest failed session.")] = False,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """Explain one session: jobs with their times, error with traceback, result, attempts, next step."""
    command = looking_command(context, unmanaged)
    show_page(command, show_session(command.context, command.find(session, failed=failed)))
