"""`bunsui apply`: makes the account what the repository says, after showing the plan and asking."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.apply.events import ApplyFinished
from bunsui.cli.options import globals_of
from bunsui.cli.output import Output
from bunsui.cli.reconciling import DEFAULT_LOCK_TIMEOUT, LockTimeout, bar, carry_out, need_plan, patience, show_plan
from bunsui.errors import ExitCode
from bunsui.plan.model import Plan
from bunsui.services.apply import check_applicable
from bunsui.services.plan import plan_project
from bunsui.view.apply_view import events_json


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE]...", help="Only these, and the pipelines that they start.")
    ] = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Make the account what the repository says: show the plan, ask, apply. --yes (or --auto-approve) does not ask."""
    options = globals_of(context)
    output = options.output
    names = pipelines or []
    repository, edges = bootstrap.reconcile(options)
    waits = patience(output, lock_timeout, edges.clock)
    with bar(output, "reading AWS", total=len(edges.providers)) as move:
        outcome = plan_project(repository, edges, select=names, progress=move)
    plan = need_plan(output, outcome)
    if not output.as_json:
        show_plan(output, plan)
    check_applicable(plan)
    if not plan.pending:
        if output.as_json:
            output.document(events_json([ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0.0)]))
        _next(output, plan)
        return ExitCode.DONE
    where = f"{repository.scope.environment}, account {repository.scope.account}"
    if not options.assume_yes and not output.confirm(f"Apply these changes to {where}?", flag="--yes"):
        output.say("nothing was changed")
        return ExitCode.FAILED
    code = carry_out(output, plan, edges, waits=waits)
    if code is ExitCode.DONE:
        _next(output, plan)
    else:
        output.next_step(" ".join(["bunsui apply", *names]), "continue; what is done is not done again")
    return code


def _next(output: Output, plan: Plan) -> None:
    machines = [change.address.pipeline for change in plan.changes if change.address.kind == "state_machine"]
    changed = [change.address.pipeline for change in plan.pending if change.address.pipeline in machines]
    if machines:
        output.next_step(f"bunsui run {(changed or machines)[0]} --wait", "start a session")
