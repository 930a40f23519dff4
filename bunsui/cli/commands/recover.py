"""`bunsui recover`: recovers failed sessions by cause, after a confirmation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.named_files import read_named_file, write_named_file
from bunsui.cli.output import Output
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.command_line import command_line
from bunsui.errors import ExitCode, InvalidInput
from bunsui.services.recovery.carrying import RecoveryOutcome, RecoveryStatus, RecoveryStep, carry_recovery
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.session_filter import read_filter
from bunsui.sessions.recovery.plan import RecoveryPlan
from bunsui.sessions.recovery.strategies import read_strategy
from bunsui.view.documents.running.recovery import RecoveryDocument, RecoveryPlanDocument, read_recovery_plan
from bunsui.view.sessions.recovery import outcome_line, plan_lines, step_line
from bunsui.view.spans import Role

_PLAN_BYTES = 64 * 1_048_576


def run(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILTER|FILE]...",
            help="Such as pipeline:orders since:3d key:2026-01-31 f1-0123abcd, or a plan that --out saved. Of the last day,"
            " where neither since:, key: nor commit: stands, nor a text.",
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            metavar="STRATEGY",
            help="redrive, resume or restart for all of them, whatever policies say.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Save the plan, for `bunsui recover FILE`.")] = None,
) -> int:
    """Recover failed sessions: group them by cause, show what would be done about each, ask, then do it.

    Nothing starts before the confirmation (--yes). A session that moved since it was planned is not touched, so that a plan can
    be carried out again: nothing is recovered twice.
    """
    wish = read_strategy(strategy) if strategy is not None else None
    command = session_command(context)
    output = command.output
    given = words or []
    if len(given) == 1 and given[0].endswith(".json"):
        if out is not None or wish is not None:
            raise InvalidInput(
                "plan-and-options", "a saved plan says itself what is done", hint="Leave --out and --strategy out."
            )
        plan = _read(Path(given[0]))
    else:
        request = RecoveryRequest(wanted=read_filter(given), asked=" ".join(given), strategy=wish)
        plan = plan_recovery(command.context, request)
    if not output.as_json:
        output.lines(plan_lines(plan, zone=command.zone))
    if out is not None:
        return _save(output, plan, out)
    if not any(True for _ in plan.work):
        return _nothing_to_start(output, plan)
    if output.as_json and not command.options.assume_yes:
        output.document(RecoveryPlanDocument.of(plan))
        return ExitCode.DONE
    starts = any(part.strategy.starts for part, _ in plan.work)
    question = "Start them?" if starts else "Hand them over?"
    if not command.options.assume_yes and not output.confirm(question, flag="--yes"):
        output.say("nothing was started")
        return ExitCode.FAILED
    return _carry(command, plan)


def _carry(command: SessionCommand, plan: RecoveryPlan) -> int:
    output, total = command.output, sum(1 for _ in plan.work)
    told: list[RecoveryStep] = []

    def tell(step: RecoveryStep) -> None:
        told.append(step)
        if not output.as_json:
            output.lines([step_line(step, number=len(told), total=total)])

    outcome = carry_recovery(command.context, plan, tell)
    if output.as_json:
        output.document(RecoveryDocument.of(outcome))
    else:
        output.lines([outcome_line(outcome)])
        output.next_step(command_line("sessions"), "how they stand")
    return _code(outcome)


def _code(outcome: RecoveryOutcome) -> ExitCode:
    return ExitCode.FAILED if outcome.count(RecoveryStatus.REFUSED) else ExitCode.DONE


def _nothing_to_start(output: Output, plan: RecoveryPlan) -> int:
    if output.as_json:
        output.document(RecoveryPlanDocument.of(plan))
    elif plan.left:
        output.next_step(command_line("show", plan.groups[0].sample), "explain the latest of the first cause")
    else:
        output.say("no session that fits ended badly", role=Role.MUTED)
    return ExitCode.DONE


def _save(output: Output, plan: RecoveryPlan, out: Path) -> int:
    from bunsui.codec.writing import to_json  # deferred: `--help` prints none

    document = RecoveryPlanDocument.of(plan)
    write_named_file(out, json.dumps(to_json(document), indent=2) + "\n", what="the recovery plan", mode=0o600)
    if output.as_json:
        output.document(document)
    else:
        output.next_step(command_line("recover", out), "carry it out")
    return ExitCode.DONE


def _read(path: Path) -> RecoveryPlan:
    try:
        return read_recovery_plan(json.loads(read_named_file(path, limit_bytes=_PLAN_BYTES)))
    except OSError as error:
        raise InvalidInput("cannot-read", "the plan file cannot be read", path=path, reason=error.strerror) from error
    except ValueError as error:
        raise InvalidInput("no-recovery-plan", "the file holds no recovery plan", path=path, reason="it is no JSON") from error
