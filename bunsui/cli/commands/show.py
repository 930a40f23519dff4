"""`bunsui show`: explain one session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.session_desk import session_command
from bunsui.cli.session_progress import show_page
from bunsui.services.show import show_session

SESSION_HELP = "Session id or its beginning, a pipeline (its latest), #3 of the last list, or - for the one shown last."


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help="With a pipeline: its latest failed session.")] = False,
) -> None:
    """Explain one session: jobs with their times, error with traceback, result, attempts, next step."""
    command = session_command(context)
    show_page(command, show_session(command.desk, command.find(session, failed=failed)))
