"""`bunsui backfill`: run a pipeline for the slots of many days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.command_line import command_line
from bunsui.errors import ExitCode, Interrupted
from bunsui.model.session import SessionStatus
from bunsui.services.running.backfill import BackfillPlan, BackfillRequest, plan_backfill, run_backfill
from bunsui.view.documents.running.backfill import backfill_document
from bunsui.view.sessions.backfill import end_line, plan_lines, step_line


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="The pipeline to run.", autocompletion=complete_pipeline)],
    days: Annotated[
        str, typer.Argument(metavar="DAY..DAY", help="The first and the last day, such as 2026-01-01..2026-01-31.")
    ],
    param: Annotated[
        list[str] | None,
        typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter of every run; arrays and objects as JSON."),
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose slots these are, where the pipeline has several schedules.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="How many run at a time.")] = 1,
    order: Annotated[Literal["asc", "desc"], typer.Option(help="The oldest slot first, or the newest.")] = "asc",
    only_missing: Annotated[
        bool, typer.Option("--only-missing", help="Leave out slots for which there is a session already.")
    ] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would run; start nothing.")] = False,
) -> int:
    """Run a pipeline for each slot of some days, and follow all to their end; exits with 1 when some fail.

    The slots are those of the pipeline's schedule, or the days themselves. The same command again, also after Ctrl-C or a kill,
    goes on where it stopped: no slot runs twice with the same parameters.
    """
    command = session_command(context)
    request = BackfillRequest(
        pipeline=pipeline,
        days=days,
        params=tuple(param or ()),
        schedule=schedule,
        newest_first=order == "desc",
        only_missing=only_missing,
        concurrency=concurrency,
    )
    planned = plan_backfill(command.context, request)
    output = command.output
    if not output.as_json or not plan:
        output.lines(plan_lines(planned), to_stderr=not plan)
    if plan:
        if output.as_json:
            output.document(backfill_document(planned, planned.known.values()))
        return ExitCode.DONE
    if planned.to_start and not command.options.assume_yes and not output.confirm(_question(planned), flag="--yes"):
        output.say("nothing was started")
        return ExitCode.FAILED
    return _carry_out(command, planned, request)


def _carry_out(command: SessionCommand, planned: BackfillPlan, request: BackfillRequest) -> int:
    sessions = {session.id: session for session in planned.known.values()}
    try:
        for step in run_backfill(command.in_line(), planned):
            sessions[step.session.id] = step.session
            command.output.lines([step_line(step, width=len(str(step.total)))], to_stderr=True)
    except KeyboardInterrupt as error:
        raise Interrupted(
            "backfill-paused",
            "the backfill stands still; what was started runs on",
            hint=f"Go on:\n  {command_line('backfill', request.pipeline, request.days, *_options(request))}",
            pipeline=request.pipeline,
            started=len(sessions),
            slots=len(planned.intents),
        ) from error
    if command.output.as_json:
        command.output.document(backfill_document(planned, sessions.values()))
    else:
        command.output.lines([end_line(planned, sessions.values())])
    failed = [one for one in sessions.values() if one.standing is not SessionStatus.SUCCEEDED]
    if failed and not command.output.as_json:
        command.output.next_step(command_line("show", failed[0].id), "why the first of them failed")
        command.output.next_step(command_line("resume", failed[0].id), "go on after its completed jobs")
    return ExitCode.FAILED if failed else ExitCode.DONE


def _question(planned: BackfillPlan) -> str:
    count = len(planned.to_start)
    return f"Start {count} session{'' if count == 1 else 's'}?"


def _options(request: BackfillRequest) -> Sequence[object]:
    """Return the options of the command that goes on, confirmed already."""
    words: list[object] = ["--concurrency", request.concurrency]
    for param in request.params:
        words += ["-p", param]
    words += ["--schedule", request.schedule] if request.schedule else []
    words += ["--order", "desc"] if request.newest_first else []
    words += ["--only-missing"] if request.only_missing else []
    return [*words, "--yes"]
