"""`bunsui resume`: continue a failed session after its completed jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.run import waiting_time
from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.completion import complete_job, complete_session
from bunsui.cli.output import Output
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.cli.session_progress import follow_to_the_end, show_end
from bunsui.command_line import command_line
from bunsui.errors import ExitCode
from bunsui.services.resume import Resumption, carry_out, plan_resumption
from bunsui.sessions.checkpoints import ResumeWishes
from bunsui.view.documents.sessions import ResumptionDocument
from bunsui.view.sessions.advice import child_lines, repeats_line, resume_lines, unapplied_line
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    session: Annotated[
        str,
        typer.Argument(
            help=SESSION_HELP + " A pipeline stands for its latest failed session.", autocompletion=complete_session
        ),
    ],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run until it ends.")] = True,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop waiting after this long, such as 10m; the run goes on.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=complete_job, metavar="JOB", help="Keep what this completed job gave, though it changed. Repeatable."
        ),
    ] = None,
    begin: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            autocompletion=complete_job,
            metavar="JOB",
            help="Run this job again, and all that depends on it. Repeatable.",
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be kept and what would run; start nothing.")] = False,
) -> int:
    """Continue a session that failed, was stopped or timed out, on what is applied now.

    Completed jobs are kept while they do the same as then; one whose definition or code changed runs again, with all that
    depends on it.
    """
    seconds = waiting_time(timeout)
    command = session_command(context)
    output = command.output
    wishes = ResumeWishes(keep=frozenset(keep or ()), begin=frozenset(begin or ()))
    resumption = plan_resumption(command.context, command.find(session, failed=True), wishes)
    if not output.as_json:
        _say_plan(output, resumption)
    if not plan and not _ask_anyway(command, resumption):
        output.say("nothing was started")
        return ExitCode.FAILED
    if not plan:
        resumption = carry_out(command.context, resumption)
    if plan and output.as_json:
        output.document(ResumptionDocument.of(resumption))
    elif plan:
        output.next_step(command_line("resume", resumption.session.id, *_options(wishes)), "start it so")
    elif wait:
        show_end(command, follow_to_the_end(command, resumption.session, seconds=seconds))
    elif output.as_json:
        output.document(ResumptionDocument.of(resumption))
    else:
        output.raw(resumption.session.id)
        output.next_step(command_line("watch", resumption.session.id), "follow it")
    return ExitCode.DONE


def _say_plan(output: Output, resumption: Resumption) -> None:
    """Tell what is kept and what runs, before anything starts."""
    output.lines([*resume_lines(resumption.plan), *child_lines(resumption.descendants)], to_stderr=True)
    if resumption.unapplied:
        output.lines([unapplied_line(resumption.unapplied, resumption.session.pipeline)], to_stderr=True)
    elif resumption.repeats is not None:
        output.lines([repeats_line(resumption.repeats, resumption.recurrence)], to_stderr=True)
    elif resumption.is_unchanged:
        output.say("nothing was applied since the last attempt: the same definition and code run again", role=Role.WARNING)


def _ask_anyway(command: SessionCommand, resumption: Resumption) -> bool:
    """Ask, where somebody is there and only the same failure is to be expected; elsewhere the line that says so is enough."""
    output = command.output
    if resumption.repeats is None or command.options.assume_yes or output.as_json or not output.can_ask:
        return True
    return output.confirm("Start it all the same?", flag="--yes")


def _options(wishes: ResumeWishes) -> list[str]:
    named = (("--keep", wishes.keep), ("--from", wishes.begin))
    return [word for option, names in named for name in sorted(names) for word in (option, name)]
