"""`bunsui run`: starts a session of a pipeline; it is followed to its end unless that is not wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.session_context import session_command
from bunsui.cli.session_progress import follow_to_the_end, show_end
from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.services.run import RunRequest, start_session
from bunsui.view.documents.sessions import SessionDocument, SessionPart


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="The pipeline to run.", autocompletion=complete_pipeline)],
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter; arrays and objects as JSON. Repeatable."),
    ] = None,
    slot: Annotated[
        str | None, typer.Option(metavar="DAY|INSTANT", help="The business time that the run stands for; now by default.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key", metavar="KEY", help="What the run is known by: asked for again with it, nothing starts twice."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run until it ends.")] = True,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop waiting after this long, such as 10m; the run goes on.")
    ] = None,
) -> None:
    """Start a session (a run) of a pipeline and follow it; exits with 1 when it fails."""
    seconds = waiting_time(timeout)
    command = session_command(context)
    session = start_session(command.context, RunRequest(pipeline=pipeline, params=param or (), slot=slot, key=key))
    command.remember(session)
    if not wait:
        if command.output.as_json:
            command.output.document(SessionDocument(session=SessionPart.of(session)))
        else:
            command.output.raw(session.id)
            command.output.next_step(command_line("watch", session.id), "follow it")
        return
    show_end(command, follow_to_the_end(command, session, seconds=seconds))


def waiting_time(text: str | None) -> int | None:
    """Return the seconds of `--timeout`; InvalidInput for what is not a duration."""
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput("bad-duration", str(error), hint="Write --timeout 90s, 10m or 2h.", timeout=text) from error
