"""`bunsui stop`: stop a running session, or all that a filter finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.command_line import command_line
from bunsui.errors import ExitCode
from bunsui.services.running.stops import MOST_STOPPED, StopOutcome, StopsPlan, plan_stops, stop_each
from bunsui.services.stop import stop_session
from bunsui.view.documents.running.sessions import SessionDocument, SessionPart, StoppedDocument, StoppedPart
from bunsui.view.safe import safe
from bunsui.view.sessions.advice import closing_lines
from bunsui.view.sessions.model import session_list_lines
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    session: Annotated[
        list[str],
        typer.Argument(
            metavar="SESSION|FILTER...",
            help=SESSION_HELP + " Or a filter, as of `bunsui sessions`: all that it finds and that go on.",
            autocompletion=complete_session,
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; kept with the execution.")] = "stopped by hand",
) -> int:
    """Stop a running session; a later attempt can continue after its completed jobs.

    A filter such as `status:running pipeline:orders` stops several: they are listed, then it is asked.
    """
    command = session_command(context)
    if len(session) > 1 or (":" in session[0] and not session[0].startswith("arn:")):
        return _stop_found(command, session, reason=reason)
    _stop_one(command, session[0], reason=reason)
    return ExitCode.DONE


def _stop_one(command: SessionCommand, name: str, *, reason: str) -> None:
    stopped = stop_session(command.context, command.find(name), reason=reason)
    if command.output.as_json:
        command.output.document(SessionDocument(session=SessionPart.of(stopped)))
        return
    command.output.say(f"{stopped.pipeline}: {stopped.standing.value}")
    pipeline = command.context.pipelines.get(stopped.pipeline)
    closing = [job.name for job in pipeline.jobs if job.closing is not None] if pipeline is not None else []
    command.output.lines(closing_lines(stopped, closing), to_stderr=True)
    if pipeline is not None and not pipeline.is_raw:
        command.output.next_step(command_line("resume", stopped.id), "go on after its completed jobs")


def _stop_found(command: SessionCommand, words: Sequence[str], *, reason: str) -> int:
    output, plan = command.output, plan_stops(command.context, words)
    if not output.as_json or not command.options.assume_yes:
        _show(command, plan)
    count = len(plan.sessions)
    question = f"Stop {count} session{'' if count == 1 else 's'}?"
    if count and not command.options.assume_yes and not output.confirm(question, flag="--yes"):
        output.say("nothing was stopped")
        return ExitCode.FAILED
    done = []
    for outcome in stop_each(command.context, plan.sessions, reason=reason):
        done.append(outcome)
        _tell(command, outcome)
    if output.as_json:
        output.document(StoppedDocument(sessions=tuple(map(StoppedPart.of, done))))
    elif done:
        output.next_step(command_line("sessions", *words), "what goes on still")
    return ExitCode.FAILED if any(one.error is not None for one in done) else ExitCode.DONE


def _show(command: SessionCommand, plan: StopsPlan) -> None:
    output = command.output
    if not plan.sessions:
        output.say("nothing that the filter finds goes on")
        return
    now = command.context.ports.clock.now()
    output.lines(session_list_lines(plan.sessions, now=now, zone=command.zone, width=output.columns), to_stderr=True)
    output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
    if plan.is_cut:
        output.say(f"there may be more: the newest {MOST_STOPPED} that it finds were looked at; repeat the command then")


def _tell(command: SessionCommand, outcome: StopOutcome) -> None:
    session, error = outcome.session, outcome.error
    word = session.standing.value.replace("_", " ") if error is None else f"not stopped: {error.summary}"
    role = Role.BAD if error is not None else Role.PLAIN
    said = line(span(f"{safe(session.id)}  {safe(session.pipeline)}  "), span(word, role))
    command.output.lines([said], to_stderr=True)
