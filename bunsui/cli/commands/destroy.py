"""`bunsui destroy`: removes what this project made in one environment, after asking for the environment's name."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bunsui.cli.acceptance import AcceptDriftOfOption, AcceptDriftOption, BreakGlassOption, ConfirmOption, ProtectedOption
from bunsui.cli.apply_flow import DEFAULT_LOCK_TIMEOUT, LockTimeout, bar, carried, need_plan, patience
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.composition import workspace as bootstrap
from bunsui.composition.settings import is_ci
from bunsui.errors import ExitCode
from bunsui.services.apply.request import Accepted, Answers, ApplyOperation, ApplyRequest, check_confirmation, read_reason
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=complete_pipeline, metavar="[PIPELINE]...", help="Only these; everything when none is named."
        ),
    ] = None,
    accept_drift: AcceptDriftOption = False,
    accept_drift_of: AcceptDriftOfOption = None,
    confirm: ConfirmOption = None,
    allow_protected: ProtectedOption = None,
    break_glass: BreakGlassOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Remove what this project made in one environment. Asks for the environment's name; --yes is enough only for local."""
    options = globals_of(context)
    output = options.output
    answers = Answers(environment=confirm, pipelines=frozenset(allow_protected or ()), agreed=options.assume_yes)
    accepted = Accepted(outside_changes=accept_drift, outside_changes_of=frozenset(accept_drift_of or ()))
    reason = read_reason(break_glass)
    repository, ports = bootstrap.reconcile(options)
    waits = patience(output, lock_timeout, ports.clock)
    check_confirmation(answers, repository.scope.environment)
    with bar(output, "reading AWS", total=len(ports.providers)) as move:
        wanted = PlanRequest(select=tuple(pipelines or ()), removal=Removal.DESTROY)
        plan = need_plan(output, plan_project(repository, ports, wanted, progress=move))
    request = ApplyRequest(
        plan=plan,
        operation=ApplyOperation.DESTROY,
        answers=answers,
        accepted=accepted,
        in_ci=is_ci(os.environ),
        break_glass=reason,
        patience=waits,
    )
    ended = carried(output, request, repository, ports)
    if ended.did_nothing:
        output.say("there is nothing to remove")
    elif ended.plan is not None and ended.code is not ExitCode.DONE:
        output.next_step(output.invocation.again, "continue; what is done is not done again")
    return ended.code
