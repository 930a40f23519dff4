"""`bunsui sessions`: lists sessions, whoever started them: schedules and the console too."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.session import SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.session_filter import read_filter
from bunsui.services.sessions import look_at_sessions
from bunsui.view.documents.running.sessions import sessions_document
from bunsui.view.sessions.model import session_list_lines
from bunsui.view.sessions.rounds import round_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER]...",
            help="Such as status:failed pipeline:orders since:2h key:2026-01-31 commit:abc, or any text; all must hold.",
        ),
    ] = None,
    pipeline: Annotated[str | None, typer.Option(help="Only those of this pipeline.", autocompletion=complete_pipeline)] = None,
    status: Annotated[str | None, typer.Option(help="Only those that stand so, such as failed or running.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """List sessions (runs of pipelines), newest first."""
    exact, wanted = _status(status), read_filter(words or [])
    command = looking_command(context, unmanaged)
    sessions, output = command.context, command.output
    query = SessionQuery(pipeline=pipeline, status=exact.value if exact else None, limit=limit)
    listed = look_at_sessions(sessions, query, wanted)
    found = listed.sessions
    if pipeline is not None and not found and pipeline not in sessions.pipelines:
        sessions.pipeline(pipeline)
    command.remember_list(found)
    titles = {name: one.title for name, one in sessions.pipelines.items()}
    if output.as_json:
        output.document(sessions_document(listed, titles))
        return
    now = sessions.ports.clock.now()
    output.lines(session_list_lines(found, now=now, zone=command.zone, width=output.columns, titles=titles))
    output.lines(round_lines(listed, zone=command.zone), to_stderr=True)
    if found:
        output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
        first = "#1" if sessions.is_managed else found[0].id
        output.next_step(command_line("show", first), "explain the first of the list")
    elif sessions.is_managed:
        output.next_step(command_line("run", pipeline or next(iter(sessions.pipelines), "PIPELINE")), "start one")


def _status(text: str | None) -> SessionStatus | None:
    if text is None:
        return None
    words = [status.value for status in SessionStatus]
    try:
        return SessionStatus(text.lower().replace("-", "_"))
    except ValueError as error:
        near = get_close_matches(text.lower(), words, n=1, cutoff=0.5)
        raise InvalidInput(
            "unknown-status",
            "sessions have no such status",
            hint=f"Did you mean {near[0]}?" if near else "One of: " + ", ".join(words),
            status=text,
        ) from error
