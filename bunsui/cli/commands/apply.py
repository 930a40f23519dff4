"""`bunsui apply`: makes the account what the repository says, after showing the plan and asking."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.branching import BaseOption, check_base, planned
from bunsui.cli.confirming import BreakGlassOption, ConfirmOption, Given, ProtectedOption, check_given, glass, is_sure
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.cli.reconciling import (
    DEFAULT_LOCK_TIMEOUT,
    LockTimeout,
    NowOption,
    RefreshOption,
    Selection,
    bar,
    carry_out,
    need_plan,
    nothing_done,
    patience,
    show_plan,
)
from bunsui.errors import ExitCode, InvalidInput
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Plan
from bunsui.services.acceptance import Accepted, check_accepted
from bunsui.services.apply import check_applicable, check_frozen
from bunsui.services.refresh import Refresh
from bunsui.services.reviewed import check_digest, reviewed
from bunsui.services.saved import check_saved
from bunsui.settings import is_ci


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PIPELINE]... | PLAN.json", help="Only these, and the pipelines that they start; or a saved plan."
        ),
    ] = None,
    select: Selection = None,
    base: BaseOption = None,
    refresh: RefreshOption = None,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="In CI: overwrite or delete what was changed outside bunsui.")
    ] = False,
    allow_deletes: Annotated[
        int, typer.Option("--allow-deletes", min=0, metavar="N", help="In CI: delete up to N resources, if more than usual.")
    ] = 0,
    digest: Annotated[
        str | None,
        typer.Option(
            "--digest", metavar="HEX", help="Apply what was reviewed under this digest without asking, and nothing else."
        ),
    ] = None,
    now: NowOption = False,
    confirm: ConfirmOption = None,
    allow_protected: ProtectedOption = None,
    break_glass: BreakGlassOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Make the account what the repository says: show the plan, ask, apply. --yes (or --auto-approve) does not ask."""
    options = globals_of(context)
    output = options.output
    if digest is not None:
        check_digest(digest)
    given = Given(environment=confirm, pipelines=frozenset(allow_protected or ()))
    reason = glass(break_glass)
    accepted = Accepted(outside_changes=accept_drift, deletions=allow_deletes)
    if any(name.endswith(".json") for name in pipelines or []):
        _check_alone(digest=digest, now=now)
        since = ["--base", base] if base is not None else []
        return _apply_saved(options, [*(pipelines or []), *(select or []), *since], accepted, given, reason, lock_timeout)
    if refresh is Refresh.NONE:
        raise InvalidInput("apply-reads", "apply reads what it touches", hint="Use --refresh touched or full.")
    names = [*(pipelines or []), *(select or [])]
    check_base(base, names)
    with bootstrap.Workspace(options).planning() as (repository, edges, compiler):
        check_given(given, repository.scope.environment)
        waits = patience(output, lock_timeout, edges.clock)
        outcome = planned(options, repository, edges, compiler, select=names, base=base, refresh=refresh, now=now)
    plan = need_plan(output, outcome)
    if not output.as_json:
        show_plan(output, plan)
    check_applicable(plan)
    if digest is not None:
        plan = reviewed(plan, digest, edges.ledger.log)
    if is_ci(os.environ):
        check_accepted(plan, accepted)
    if not plan.pending:
        nothing_done(output)
        _next(output, plan)
        return ExitCode.DONE
    check_frozen(edges, reason)
    if not is_sure(options, repository, plan, given, reviewed=digest is not None):
        output.say("nothing was changed")
        return ExitCode.FAILED
    code = carry_out(output, plan, edges, waits=waits, break_glass=reason)
    again = ["bunsui apply", *(pipelines or []), *(f"--select {what}" for what in select or [])]
    again += ["--base", base] if base is not None else []
    again += ["--digest", digest] if digest is not None else []
    again += ["--now"] if now else []
    _after(output, plan, code, " ".join(again))
    return code


def _after(output: Output, plan: Plan, code: ExitCode, again: str) -> None:
    """Name the next command: what was applied is run, what moved is planned, what was left is continued."""
    if code is ExitCode.DONE:
        _next(output, plan)
    elif code is ExitCode.STALE:
        output.next_step("bunsui plan", "see what is left to do")
    else:
        output.next_step(again, "continue; what is done is not done again")


def _check_alone(*, digest: str | None, now: bool) -> None:
    """A saved plan holds what these would say."""
    if digest is not None:
        raise InvalidInput("digest-and-plan", "a saved plan has its own digest", hint="Leave --digest out.")
    if now:
        hint = "Save it so:\n  bunsui plan --now --out PLAN.json"
        raise InvalidInput("now-and-plan", "a saved plan says itself whether it deletes at once", hint=hint)


def _apply_saved(options: Globals, names: list[str], accepted: Accepted, given: Given, reason: str, lock_timeout: str) -> int:
    """Carry out, or continue, a saved plan. It was looked at when it was made, so only names are asked for."""
    from bunsui.plan.planfile import plan_document, saved_plan  # deferred: only saved plans need the models
    from bunsui.view.plan_json import check_shown

    output = options.output
    if len(names) > 1:
        raise InvalidInput("one-plan", "a saved plan is applied alone", hint=f"bunsui apply {names[0]}", given=" ".join(names))
    document = plan_document(_read(Path(names[0])))
    saved = saved_plan(document)
    with bootstrap.Workspace(options).planning() as (repository, edges, compiler):
        check_given(given, repository.scope.environment)
        waits = patience(output, lock_timeout, edges.clock)
        with bar(output, "reading AWS", total=len(edges.providers)) as move:
            outcome = check_saved(saved, repository, edges, progress=move, compiler=compiler)
    plan = need_plan(output, outcome)
    if change_digest(plan) == saved.digest:  # else some of it is done, and the rest may look different
        check_shown(document, plan)
    if not output.as_json:
        show_plan(output, plan)
    check_applicable(plan)
    if is_ci(os.environ):
        check_accepted(plan, accepted)
    check_frozen(edges, reason)
    if not is_sure(options, repository, plan, given, reviewed=True):
        output.say("nothing was changed")
        return ExitCode.FAILED
    code = carry_out(output, plan, edges, waits=waits, break_glass=reason)
    _after(output, plan, code, f"bunsui apply {names[0]}")
    return code


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput("cannot-read", "the plan file cannot be read", path=path, reason=error.strerror) from error


def _next(output: Output, plan: Plan) -> None:
    wanted = [change for change in plan.changes if change.desired is not None]
    machines = [change.address.pipeline for change in wanted if change.address.kind == "state_machine"]
    changed = [change.address.pipeline for change in plan.pending if change.address.pipeline in machines]
    if machines:
        output.next_step(f"bunsui run {(changed or machines)[0]} --wait", "start a session")
