"""`bunsui plan`: what apply would change, state by state. Writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.branching import BaseOption, check_base, planned, untrusted_outcome
from bunsui.cli.options import globals_of
from bunsui.cli.output import Output
from bunsui.cli.reconciling import NowOption, RefreshOption, Selection, need_plan, save, show_plan
from bunsui.errors import ExitCode, InvalidInput
from bunsui.plan.model import Plan
from bunsui.services.refresh import Refresh


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE]...", help="Only these, and the pipelines that they start.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request.")] = False,
    detailed_exitcode: Annotated[bool, typer.Option("--detailed-exitcode", help="Exit with 2 when there are changes.")] = False,
    select: Selection = None,
    base: BaseOption = None,
    untrusted: Annotated[
        bool,
        typer.Option("--untrusted", help="For forks: compare the repository with its merge base. No account, no plugin."),
    ] = False,
    refresh: RefreshOption = None,
    now: NowOption = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-out", metavar="FILE", help="Save the plan, for `bunsui apply FILE`.")
    ] = None,
    around: Annotated[
        int, typer.Option("--context", min=0, metavar="N", help="Show N unchanged fields around each changed one.")
    ] = 0,
) -> int:
    """Show what apply would change, state by state. Writes nothing."""
    options = globals_of(context)
    output = options.output
    if markdown and output.as_json:
        raise InvalidInput("two-formats", "--markdown and --json exclude each other", hint="Choose one of them.")
    if out is not None and refresh is Refresh.NONE:
        raise InvalidInput(
            "plan-not-read", "a plan that is to be applied reads what it touches", hint="Use --refresh touched or full."
        )
    names = [*(pipelines or []), *(select or [])]
    if untrusted:
        if out is not None or refresh is not None or now:
            raise InvalidInput(
                "untrusted-plan",
                "an untrusted plan reads no account, and is never applied",
                hint="Leave out --out, --refresh and --now.",
            )
        plan = need_plan(output, untrusted_outcome(options, base, names))
        _show(output, plan, markdown=markdown, context=around)
        return _exit_code(plan, detailed=detailed_exitcode)
    check_base(base, names)
    with bootstrap.Workspace(options).planning() as (repository, edges, compiler):
        outcome = planned(options, repository, edges, compiler, select=names, base=base, refresh=refresh, now=now)
    plan = need_plan(output, outcome)
    if out is not None:
        save(plan, out, plan_id=edges.new_id())
    _show(output, plan, markdown=markdown, context=around)
    if plan.can_apply:
        output.next_step(_apply_command(pipelines or [], select or [], base, out), "make it so")
    return _exit_code(plan, detailed=detailed_exitcode)


def _show(output: Output, plan: Plan, *, markdown: bool, context: int) -> None:
    if output.as_json:
        from bunsui.view.plan_json import plan_json

        output.document(plan_json(plan))
    elif markdown:
        from bunsui.view.markdown import plan_markdown
        from bunsui.view.plan_view import plan_view

        output.raw(plan_markdown(plan_view(plan, context=context)))
    else:
        show_plan(output, plan, context=context)


def _apply_command(pipelines: list[str], select: list[str], base: str | None, out: Path | None) -> str:
    if out is not None:
        return f"bunsui apply {out}"
    since = [f"--base {base}"] if base is not None else []
    return " ".join(["bunsui apply", *pipelines, *(f"--select {what}" for what in select), *since])


def _exit_code(plan: Plan, *, detailed: bool) -> ExitCode:
    if plan.refused or any(found.is_error for found in plan.diagnostics):
        return ExitCode.STALE
    return ExitCode.CHANGES if detailed and plan.pending else ExitCode.DONE
