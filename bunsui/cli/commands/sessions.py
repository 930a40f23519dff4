"""`bunsui sessions`: list sessions, those of schedules and of the console included."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from bunsui.cli.session_desk import session_command
from bunsui.errors import InvalidInput
from bunsui.model.session import SessionStatus
from bunsui.services.sessions import list_sessions
from bunsui.view.session_json import sessions_document
from bunsui.view.session_view import session_list_lines
from bunsui.view.session_words import zone_name
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    pipeline: Annotated[str | None, typer.Option(help="Only those of this pipeline.")] = None,
    status: Annotated[str | None, typer.Option(help="Only those that stand so, such as failed or running.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
) -> None:
    """List sessions (runs of pipelines), newest first."""
    wanted = _status(status)
    command = session_command(context)
    desk, output = command.desk, command.output
    found = list_sessions(desk, pipeline=pipeline, status=wanted, limit=limit)
    if pipeline is not None and not found:
        desk.pipeline(pipeline)
    command.remember_list(found)
    if output.as_json:
        output.document(sessions_document(found))
        return
    output.lines(session_list_lines(found, now=desk.edges.clock.now(), zone=command.zone))
    if found:
        output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
        output.next_step("bunsui show '#1'", "explain the first of the list")
    else:
        output.next_step(f"bunsui run {pipeline or next(iter(desk.pipelines), 'PIPELINE')}", "start one")


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
