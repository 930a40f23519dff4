"""`bunsui watch`: follow a running session."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bunsui.cli.commands.run import waiting_time
from bunsui.cli.commands.show import FAILED_HELP, SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.looking.notification import can_notify, notify
from bunsui.cli.session_progress import follow_to_the_end, show_end, tell_news
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.errors import GaveUpWaiting
from bunsui.view.sessions.linear import summary_of


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help=FAILED_HELP)] = False,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop waiting after this long, such as 10m; the run goes on.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="Tell what happens in words, a line each, and draw nothing: always so without a terminal."
        ),
    ] = False,
    ring: Annotated[
        bool,
        typer.Option(
            "--notify", help="Ring the terminal's bell at the end, with a message of the desktop where it shows those."
        ),
    ] = False,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """Follow a session until it ends; exits with 1 when it fails."""
    seconds = waiting_time(timeout)
    command = looking_command(context, unmanaged)
    is_plain = plain or not command.output.is_terminal
    if ring and not can_notify():
        command.output.say("there is no terminal whose bell could ring")
    found = command.find(session, failed=failed)
    try:
        ended = follow_to_the_end(command, found, seconds=seconds, show=tell_news if is_plain else None)
    except GaveUpWaiting:
        if ring:
            notify(f"{found.pipeline} still runs", os.environ)
        raise
    if ring:
        notify(summary_of(ended), os.environ)
    show_end(command, ended, is_told=is_plain)
