"""`bunsui logs`: print what a session's tasks logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from bunsui.cli.commands.show import FAILED_HELP, SESSION_HELP
from bunsui.cli.completion import complete_job, complete_session
from bunsui.cli.session_context import SessionCommand
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.command_line import command_line
from bunsui.errors import Interrupted, InvalidInput
from bunsui.services.logs import DEFAULT_LINES, SessionLogs, instant_since
from bunsui.sessions.logs.task_logs import LogQuery, TaskLogs
from bunsui.view.documents.running.logs import logs_document
from bunsui.view.sessions.logs import log_lines, log_notes

_WAITING = "waiting for the last lines: CloudWatch shows them late"


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help=FAILED_HELP)] = False,
    job: Annotated[
        str, typer.Option(help="Only this job, and what the pipelines that it started did.", autocompletion=complete_job)
    ] = "",
    item: Annotated[str, typer.Option(help="Only the item of this label, of a foreach.")] = "",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the session has ended.")] = False,
    since: Annotated[str, typer.Option(help="Only lines since then: how long ago (10m), or a time.")] = "",
    tail: Annotated[
        int | None,
        typer.Option("-n", "--tail", "--limit", min=1, help=f"Only the newest so many lines; {DEFAULT_LINES:,} without."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every line.")] = False,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """Print what the session's own tasks logged: its functions and containers, and nothing of other sessions."""
    if everything and tail is not None:
        raise InvalidInput("all-and-tail", "--all and --tail say different things", hint="Give one of the two.")
    command = looking_command(context, unmanaged)
    found = command.find(session, failed=failed)
    query = LogQuery(job=job, item=item, limit=None if everything or follow else DEFAULT_LINES)
    if tail is not None:
        query = replace(query, limit=tail)
    if since:
        query = replace(query, since=instant_since(since, now=command.context.ports.clock.now(), zone=command.zone))
    logs = SessionLogs(command.context, found)
    if follow:
        shown = _followed(command, logs, query)
    else:
        shown = logs.settled(
            query, waiting=lambda: command.output.say("waiting for the last lines: CloudWatch shows them late")
        )
        if not command.output.as_json:
            _print(command, shown)
    if command.output.as_json:
        command.output.document(logs_document(found.id, shown))
        return
    _say_the_rest(command, logs, shown)
    command.output.next_step(command_line("show", found.id), "jobs, times and errors")


def _followed(command: SessionCommand, logs: SessionLogs, query: LogQuery) -> TaskLogs:
    """Print what comes, unless a document is wanted; give everything, with what the last look says of the rest."""
    looks: list[TaskLogs] = []
    with _until_interrupted():
        for look in logs.follow(query):
            if not command.output.as_json:
                _print(command, look)
            looks.append(look)
    entries = tuple(entry for look in looks for entry in look.entries)
    return replace(looks[-1], entries=entries, is_cut=looks[0].is_cut)


def _say_the_rest(command: SessionCommand, logs: SessionLogs, shown: TaskLogs) -> None:
    if logs.is_forgotten:
        command.output.say("Step Functions has forgotten this session: which lines are its own cannot be told any more")
    elif not shown.entries:
        command.output.say("nothing was logged")
    for note in log_notes(shown):
        command.output.say(note)
    if logs.has_more_items:
        command.output.say(
            "only the latest 100 items of the distributed foreach were looked at; `--item LABEL` shows one of them"
        )


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("stopped-following", "you stopped following; the run goes on") from error


def _print(command: SessionCommand, found: TaskLogs) -> None:
    for entry in found.entries:
        command.output.lines(log_lines(entry, zone=command.zone))
