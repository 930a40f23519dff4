"""`bunsui destroy`: removes what this project made in one environment, after asking for the environment's name."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.confirming import BreakGlassOption, ConfirmOption, Given, ProtectedOption, check_given, glass, is_sure
from bunsui.cli.options import globals_of
from bunsui.cli.reconciling import DEFAULT_LOCK_TIMEOUT, LockTimeout, bar, carry_out, nothing_done, patience, show_plan
from bunsui.errors import ExitCode
from bunsui.services.apply import check_applicable, check_frozen
from bunsui.services.destroy import plan_destroy


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE]...", help="Only these; everything when none is named.")
    ] = None,
    confirm: ConfirmOption = None,
    allow_protected: ProtectedOption = None,
    break_glass: BreakGlassOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Remove what this project made in one environment. Asks for the environment's name; --yes is enough only for local."""
    options = globals_of(context)
    output = options.output
    given = Given(environment=confirm, pipelines=frozenset(allow_protected or ()))
    reason = glass(break_glass)
    repository, edges = bootstrap.reconcile(options)
    waits = patience(output, lock_timeout, edges.clock)
    check_given(given, repository.scope.environment)
    with bar(output, "reading AWS", total=len(edges.providers)) as move:
        plan = plan_destroy(repository, edges, select=pipelines or [], progress=move)
    if not output.as_json:
        show_plan(output, plan)
    check_applicable(plan)
    if not plan.pending:
        nothing_done(output)
        output.say("there is nothing to remove")
        return ExitCode.DONE
    check_frozen(edges, reason)
    stakes = f"This removes {len(plan.pending)} resources, with everything that is lost with them."
    if not is_sure(options, repository, plan, given, stakes=stakes):
        output.say("nothing was changed")
        return ExitCode.FAILED
    code = carry_out(output, plan, edges, waits=waits, operation="destroy", break_glass=reason)
    if code is not ExitCode.DONE:
        output.next_step(" ".join(["bunsui destroy", *(pipelines or [])]), "continue; what is done is not done again")
    return code
