"""`bunsui morning`, also `bunsui` alone: what was due since yesterday evening, and what became of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from bunsui.cli.session_context import session_command
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.services.morning.page import Morning, morning_page, yesterday_evening
from bunsui.services.session_context import SessionContext
from bunsui.sessions.slots import parse_slot
from bunsui.view.documents.morning import morning_document
from bunsui.view.morning.lines import morning_lines
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Role

FURTHEST = timedelta(days=31)
"""So far back can be looked."""


def run(
    context: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(metavar="DURATION|DAY|INSTANT", help="From when on, such as 2d or 2026-11-23; else yesterday 18:00."),
    ] = None,
) -> None:
    """Show every run that schedules were to start since yesterday evening: what failed, is missing or late comes first."""
    command = session_command(context)
    sessions, output = command.context, command.output
    begins = _begins(since, sessions)
    morning = morning_page(sessions, command.workspace.morning, since=begins)
    if output.as_json:
        output.document(morning_document(morning, command.zone))
        return
    output.lines(morning_lines(morning, command.zone, width=output.columns))
    output.say(_look_words(morning), role=Role.MUTED)


def _begins(text: str | None, context: SessionContext) -> datetime:
    now, timezone = context.ports.clock.now().astimezone(UTC), context.repository.project.timezone
    if text is None:
        return yesterday_evening(now, timezone)
    begins = _instant_of(text, now, timezone)
    if not now - FURTHEST <= begins < now:
        raise InvalidInput(
            "bad-since",
            "--since lies ahead, or too far back",
            hint="Write --since 2d, or a day before; 31d at most.",
            since=text,
        )
    return begins


def _instant_of(text: str, now: datetime, timezone: str) -> datetime:
    with suppress(ValueError, OverflowError):
        return now - timedelta(seconds=parse_duration(text))
    try:
        return parse_slot(text, timezone)
    except InvalidInput as error:
        raise InvalidInput(
            "bad-since",
            "--since is no length of time, no day and no instant",
            hint="Write --since 2d, --since 2026-11-23 or --since 2026-11-23T18:00.",
            since=text,
        ) from error


def _look_words(morning: Morning) -> str:
    if morning.round is None:
        return "no machine had to be looked at: the rest is what the last look saw"
    count = len(morning.round.visits)
    return f"looked at {count} machine{'s' * (count != 1)} in {duration(morning.round.seconds)}"
