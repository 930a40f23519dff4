"""Options of the commands that plan a branch: `--base` and `--untrusted`, compared with where it began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from bunsui.cli.apply_flow import bar
from bunsui.cli.options import Globals
from bunsui.composition import workspace as bootstrap
from bunsui.composition.workspace import Workspace
from bunsui.errors import InvalidInput
from bunsui.plugins.entry_points import operation_plugins
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.compile import Compiler
from bunsui.refresh.modes import Refresh
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.plan_fork import plan_untrusted
from bunsui.services.plan_request import PlanRequest, Removal
from bunsui.system_clock import SystemClock

BaseOption = Annotated[
    str | None,
    typer.Option("--base", metavar="REV", help="Only the pipelines that differ from the merge base with REV."),
]


def check_base(base: str | None, names: Sequence[str]) -> None:
    """Raise InvalidInput when pipelines are chosen both by a base and in another way."""
    if base is not None and names:
        raise InvalidInput(
            "base-and-names",
            "--base chooses the pipelines that the branch changes, so no others are named",
            hint="Leave out --base, or the names and --select.",
            given=" ".join(names),
        )


def plan_request(names: Sequence[str], refresh: Refresh | None, *, now: bool) -> PlanRequest:
    """Return what the options ask for; the branch is still to be found."""
    return PlanRequest(select=tuple(names), refresh=refresh, removal=Removal.AT_ONCE if now else Removal.RETIRE)


@contextmanager
def branch_since(workspace: Workspace, base: str | None) -> Iterator[ComparedBranch | None]:
    """Return where the branch began, as long as the block runs; None when nobody asked."""
    if base is None:
        yield None
        return
    with workspace.branch(workspace.repository, base) as branch:
        yield branch


def planned(
    options: Globals, workspace: Workspace, compiler: Compiler, *, request: PlanRequest, base: str | None
) -> PlanOutcome:
    """Plan what the command line asks for; with a base the pipelines that the branch changes."""
    ports = workspace.reconcile
    with (
        branch_since(workspace, base) as branch,
        bar(options.output, "reading AWS", total=len(ports.providers)) as move,
    ):
        wanted = replace(request, branch=branch)
        return plan_project(workspace.repository, ports, wanted, progress=move, compiler=compiler)


def untrusted_outcome(options: Globals, base: str | None, names: Sequence[str]) -> PlanOutcome:
    """Plan the checkout against its merge base, without an account and without running anything of it."""
    with bootstrap.untrusted(options, base) as (repository, before, basis):
        outcome = plan_untrusted(repository, before, basis, as_of=SystemClock().now(), select=names)
    if outcome.plan is None and (plugins := [point.name for point in operation_plugins()]):
        options.notice(f"operation types of plugins are code, and are not loaded for this plan: {', '.join(sorted(plugins))}")
    return outcome
