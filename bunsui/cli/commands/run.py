"""`bunsui run`: starts a session of a pipeline; it is followed to its end unless that is not wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.cli.session_progress import follow_to_the_end, show_end
from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.services.run import RunRequest, start_session
from bunsui.view.documents.running.sessions import SessionDocument, SessionPart


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
    plan: Annotated[bool, typer.Option("--plan", help="Say what the run would do; start nothing.")] = False,
) -> None:
    """Start a session (a run) of a pipeline and follow it; exits with 1 when it fails."""
    seconds = waiting_time(timeout)
    command = session_command(context)
    request = RunRequest(pipeline=pipeline, params=tuple(param or ()), slot=slot, key=key)
    if plan:
        _show_plan(command, request, () if wait else ("--no-wait",), ("--timeout", timeout) if timeout is not None else ())
        return
    starting = command.in_line(seconds=seconds) if wait else command.context
    asked = starting.ports.clock.now()
    session = start_session(starting, request)
    command.remember(session)
    if not wait:
        if command.output.as_json:
            command.output.document(SessionDocument(session=SessionPart.of(session)))
        else:
            command.output.raw(session.id)
            command.output.next_step(command_line("watch", session.id), "follow it")
        return
    show_end(command, follow_to_the_end(command, session, seconds=time_left(command, seconds, since=asked)))


def _show_plan(command: SessionCommand, request: RunRequest, *following: Sequence[str]) -> None:
    """Print what the run would do; `following` are the options that say how it is followed."""
    from bunsui.services.running.run_plan import plan_run  # deferred: only a plan evaluates expressions
    from bunsui.view.documents.running.run_plan import run_plan_document
    from bunsui.view.sessions.run_plan import run_plan_lines

    planned = plan_run(command.context, request)
    words = [word for name in request.params for word in ("-p", name)]
    words += ["--slot", request.slot] if request.slot is not None else []
    words += ["--idempotency-key", request.key] if request.key is not None else []
    words += [word for option in following for word in option]
    found, starts = planned.existing, planned.starts
    offered = command_line("run", request.pipeline, *words)
    offered = offered if found is None or starts else command_line("show", found.id)
    if command.output.as_json:
        command.output.document(run_plan_document(planned, command=offered))
        return
    command.output.lines(run_plan_lines(planned, zone=command.zone))
    command.output.next_step(offered, "start it" if starts else "look at it")


def time_left(command: SessionCommand, seconds: int | None, *, since: datetime) -> int | None:
    """Return how many of the seconds are left that began then; a session waited in line meanwhile."""
    if seconds is None:
        return None
    return max(seconds - int((command.context.ports.clock.now() - since).total_seconds()), 0)


def waiting_time(text: str | None) -> int | None:
    """Return the seconds of `--timeout`; InvalidInput for what is not a duration."""
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput("bad-duration", str(error), hint="Write --timeout 90s, 10m or 2h.", timeout=text) from error
