"""`bunsui logs`: print what a session's tasks logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.session_desk import SessionCommand, session_command
from bunsui.errors import Interrupted
from bunsui.services.logs import LogEntry, follow_logs, session_logs
from bunsui.view.session_logs import log_lines, logs_document


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP)] = "-",
    job: Annotated[str | None, typer.Option(help="Only this job.")] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until the session has ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="How many lines of each function at most.")] = 1000,
) -> None:
    """Print what the session's own tasks (its Lambda functions) logged."""
    command = session_command(context)
    found = command.find(session)
    if follow and not command.output.as_json:
        with _until_interrupted():
            _print(command, follow_logs(command.desk, found, job=job))
        return
    if follow:
        with _until_interrupted():
            entries: Sequence[LogEntry] = list(follow_logs(command.desk, found, job=job))
    else:
        entries = session_logs(command.desk, found, job=job, limit=limit)
    if command.output.as_json:
        command.output.document(logs_document(found.id, entries))
        return
    _print(command, entries)
    if not entries:
        command.output.say("nothing was logged")
    command.output.next_step(f"bunsui show {found.id}", "jobs, times and errors")


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("stopped-following", "you stopped following; the run goes on") from error


def _print(command: SessionCommand, entries: Iterable[LogEntry]) -> None:
    for entry in entries:
        command.output.lines(log_lines(entry, zone=command.zone))
