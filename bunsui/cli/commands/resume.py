"""`bunsui resume`: continue a failed session after its completed jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
from bunsui.model.json import Json
from bunsui.model.recovery import Strategy
from bunsui.project.unknown_names import unknown_name
from bunsui.services.recovery.estimates import with_estimates
from bunsui.services.recovery.single import carry_by_strategy, plan_by_strategy
from bunsui.services.recovery.taking import is_others
from bunsui.services.resume import Resumption
from bunsui.sessions.checkpoints import ResumeWishes
from bunsui.sessions.recovery.given import read_given_outputs
from bunsui.sessions.recovery.strategies import read_strategy
from bunsui.view.documents.running.resumption import ResumptionDocument
from bunsui.view.sessions.advice import (
    child_lines,
    policy_line,
    repeats_line,
    resume_lines,
    strategy_lines,
    unapplied_line,
)
from bunsui.view.sessions.custody import custody_line
from bunsui.view.sessions.resumption import estimate_lines, stored_lines
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
    skip: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=complete_job,
            metavar="JOB",
            help="Do not run this job: take --output for what it would give. Repeatable.",
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="JSON", help="The outputs of a job of --skip, as the job declares them. Repeatable."),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            metavar="STRATEGY",
            help="resume, redrive (the same execution goes on, with definition and code of then) or restart (from the start).",
        ),
    ] = Strategy.RESUME.value,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be kept and what would run; start nothing.")] = False,
) -> int:
    """Continue a session that failed, was stopped or timed out, on what is applied now.

    Completed jobs are kept while they do the same as then; one whose definition or code changed runs again, with all that
    depends on it.
    """
    seconds = waiting_time(timeout)
    command = session_command(context)
    output = command.output
    chosen = read_strategy(strategy)
    found = command.find(session, failed=True)
    outputs = _read_given(command, found.pipeline, skip or [], given or [])
    wishes = ResumeWishes(keep=frozenset(keep or ()), begin=frozenset(begin or ()), given=outputs)
    resumption = plan_by_strategy(command.context, found, chosen, wishes)
    if plan:
        resumption = with_estimates(command.context, resumption)
    if not output.as_json:
        _say_plan(output, resumption)
    if not plan and not _ask_anyway(command, resumption):
        output.say("nothing was started")
        return ExitCode.FAILED
    if not plan:
        starting = command.in_line(seconds=seconds) if wait else command.context
        resumption = carry_by_strategy(starting, resumption)
    if plan and output.as_json:
        output.document(ResumptionDocument.of(resumption))
    elif plan:
        output.next_step(command_line("resume", resumption.session.id, *_options(wishes, chosen)), "start it so")
    elif wait:
        show_end(command, follow_to_the_end(command, resumption.session, seconds=seconds))
    elif output.as_json:
        output.document(ResumptionDocument.of(resumption))
    else:
        output.raw(resumption.session.id)
        output.next_step(command_line("watch", resumption.session.id), "follow it")
    return ExitCode.DONE


def _say_plan(output: Output, resumption: Resumption) -> None:
    """Tell what is kept and what runs, before anything starts, and what the policy would have it."""
    advice = resumption.advice
    if advice is not None and advice.strategy is not resumption.strategy:
        output.lines([policy_line(advice)], to_stderr=True)
        output.say(f"asked for instead: {resumption.strategy.value}", role=Role.MUTED)
    if resumption.strategy is not Strategy.RESUME:
        output.lines([*strategy_lines(resumption), *estimate_lines(resumption)], to_stderr=True)
        return
    stored = [*stored_lines(resumption.carried.stored), *estimate_lines(resumption)]
    told = [*resume_lines(resumption.plan), *child_lines(resumption.descendants), *stored]
    output.lines(told, to_stderr=True)
    if resumption.unapplied:
        output.lines([unapplied_line(resumption.unapplied, resumption.session.pipeline)], to_stderr=True)
    elif resumption.repeats is not None:
        output.lines([repeats_line(resumption.repeats, resumption.recurrence)], to_stderr=True)
    elif resumption.is_unchanged:
        output.say("nothing was applied since the last attempt: the same definition and code run again", role=Role.WARNING)


def _ask_anyway(command: SessionCommand, resumption: Resumption) -> bool:
    """Ask, where somebody is there, and only the same failure is to be expected, or somebody else is on it; elsewhere the line
    that says so is enough."""
    output, taken = command.output, resumption.session.taken
    others = taken is not None and is_others(command.context, resumption.session)
    if taken is not None and others and not output.as_json:
        now = command.context.ports.clock.now()
        output.lines([custody_line(taken, now=now, zone=command.zone)], to_stderr=True)
    is_free = resumption.repeats is None and not others
    if is_free or command.options.assume_yes or output.as_json or not output.can_ask:
        return True
    return output.confirm("Start it all the same?", flag="--yes")


def _read_given(command: SessionCommand, pipeline: str, names: list[str], texts: list[str]) -> dict[str, Mapping[str, Json]]:
    jobs = {job.name: job for job in command.context.pipeline(pipeline).jobs} if names else {}
    for name in names:
        if name not in jobs:
            see = command_line("graph", pipeline)
            raise unknown_name("unknown-job", "the pipeline has no such job", what="job", name=name, known=jobs, see=see)
    return read_given_outputs([jobs[name] for name in names], texts)


def _options(wishes: ResumeWishes, strategy: Strategy) -> list[str]:
    named = (("--keep", wishes.keep), ("--from", wishes.begin))
    words = [word for option, names in named for name in sorted(names) for word in (option, name)]
    for name, outputs in wishes.given.items():
        words += ["--skip", name] + (["--output", json.dumps(outputs)] if outputs else [])
    return words if strategy is Strategy.RESUME else [*words, "--strategy", strategy.value]
