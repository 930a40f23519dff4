"""`bunsui diff`: what two environments, or two revisions, compile to. Asks no account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bunsui.cli.apply_flow import Selection, need_plan
from bunsui.cli.commands.plan import show_in
from bunsui.cli.options import Globals, globals_of
from bunsui.errors import ExitCode, InvalidInput
from bunsui.system_clock import SystemClock

if TYPE_CHECKING:
    from bunsui.services.plan import PlanOutcome

_FORMS = (
    "Two environments:  bunsui diff dev prod\nTwo revisions:  bunsui diff --from main --to HEAD, or  bunsui diff main..HEAD"
)


def run(
    context: typer.Context,
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ENV ENV | REV..REV]", help="Two environments, or two revisions; REV...REV from their merge base."
        ),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="REV", help="The revision to compare with; HEAD when nothing is said.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="REV", help="The revision to compare; else the checkout.")] = None,
    select: Selection = None,
    detailed_exitcode: Annotated[bool, typer.Option("--detailed-exitcode", help="Exit with 2 when they differ.")] = False,
    around: Annotated[
        int, typer.Option("--context", min=0, metavar="N", help="Show N unchanged fields around each changed one.")
    ] = 0,
    states: Annotated[
        bool, typer.Option("--states", help="Show every changed state, also those that follow from an edit.")
    ] = False,
) -> int:
    """Show in what two environments, or two revisions of the files, differ once they are compiled. Asks no account."""
    options = globals_of(context)
    output, named = options.output, what or []
    if len(named) == 2 and from_ is None and to is None and not any(".." in one for one in named):
        outcome = _compare_environments(options, named[0], named[1], select or [])
    else:
        outcome = _compare_revisions(options, *_revisions(named, from_, to), select or [])
    plan = need_plan(output, outcome)
    show_in(output, plan, markdown=False, context=around, states=states)
    if any(found.is_error for found in plan.diagnostics):
        return ExitCode.STALE
    return ExitCode.CHANGES if detailed_exitcode and plan.pending else ExitCode.DONE


def _revisions(named: list[str], before: str | None, after: str | None) -> tuple[str, str | None, bool]:
    """Return from which revision to which, None for the checkout, and whether from their merge base."""
    if not named:
        return before or "HEAD", after, False
    if len(named) > 1 or before is not None or after is not None or ".." not in named[0]:
        said = " ".join(named)
        raise InvalidInput("diff-of-what", "these are not two environments, and not two revisions", hint=_FORMS, said=said)
    mark = "..." if "..." in named[0] else ".."
    first, _, last = named[0].partition(mark)
    if ".." in last:
        raise InvalidInput("diff-of-what", "a range has two revisions", hint=_FORMS, said=named[0])
    return first or "HEAD", last or "HEAD", mark == "..."


def _compare_environments(options: Globals, before: str, after: str, names: list[str]) -> PlanOutcome:
    from bunsui.composition.compared import two_environments
    from bunsui.services.comparison.environments import compare_environments

    first, second = two_environments(options, before, after)
    return compare_environments(first, second, as_of=SystemClock().now(), select=names)


def _compare_revisions(
    options: Globals, before: str, after: str | None, from_merge_base: bool, names: list[str]
) -> PlanOutcome:
    from bunsui.composition.compared import two_revisions
    from bunsui.services.plan_fork import plan_untrusted

    with two_revisions(options, before, after, from_merge_base=from_merge_base) as (now, then, basis):
        return plan_untrusted(now, then, basis, as_of=SystemClock().now(), select=names)
