"""`bunsui plan`: what apply would change, state by state. Writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.apply_flow import NowOption, RefreshOption, Selection, need_plan, save, show_plan
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.cli.output import Output
from bunsui.cli.plan_comment import comment_of_failure
from bunsui.cli.plan_options import BaseOption, check_base, plan_request, planned, untrusted_outcome
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.errors import ExitCode, InvalidInput
from bunsui.plan.model import Plan
from bunsui.plan.partial import can_apply
from bunsui.refresh.modes import Refresh


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=complete_pipeline, metavar="[PIPELINE]...", help="Only these, and the pipelines that they start."
        ),
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
    states: Annotated[
        bool, typer.Option("--states", help="Show every changed state, also those that follow from an edit.")
    ] = False,
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
        with comment_of_failure(options, wanted=markdown) as found:
            outcome = untrusted_outcome(options, base, names)
            found.extend(outcome.diagnostics)
            plan = need_plan(output, outcome)
        show_in(output, plan, markdown=markdown, context=around, states=states)
        return _exit_code(plan, detailed=detailed_exitcode)
    check_base(base, names)
    with comment_of_failure(options, wanted=markdown) as found:
        workspace = bootstrap.Workspace(options)
        with workspace.planning() as (_, ports, compiler):
            outcome = planned(options, workspace, compiler, request=plan_request(names, refresh, now=now), base=base)
        found.extend(outcome.diagnostics)
        plan = need_plan(output, outcome)
    if out is not None:
        save(plan, out, plan_id=ports.new_id(), made_by=ports.actor.who)
    show_in(output, plan, markdown=markdown, context=around, states=states)
    if can_apply(plan):
        options_too = _extent(select or [], base, refresh, now=now)
        again = command_line("apply", out) if out is not None else command_line("apply", *(pipelines or []), *options_too)
        output.next_step(again, "make it so")
    return _exit_code(plan, detailed=detailed_exitcode)


def show_in(output: Output, plan: Plan, *, markdown: bool, context: int, states: bool) -> None:
    """Print the plan in the form that was asked for."""
    if output.as_json:
        from bunsui.view.documents.plan import plan_document

        output.document(plan_document(plan))
    elif markdown:
        from bunsui.view.plan.comment import plan_markdown
        from bunsui.view.plan.model import plan_view

        output.raw(plan_markdown(plan_view(plan, context=context, states=states), output.invocation))
    else:
        show_plan(output, plan, context=context, states=states)


def _extent(select: list[str], base: str | None, refresh: Refresh | None, *, now: bool) -> list[str]:
    """Return the options with which apply plans the same again."""
    words = [f"--select={what}" for what in select]
    words += [f"--base={base}"] if base is not None else []
    words += [f"--refresh={refresh.value}"] if refresh is not None else []
    return [*words, "--now"] if now else words


def _exit_code(plan: Plan, *, detailed: bool) -> ExitCode:
    if plan.refused or any(found.is_error for found in plan.diagnostics):
        return ExitCode.STALE
    return ExitCode.CHANGES if detailed and plan.pending else ExitCode.DONE
