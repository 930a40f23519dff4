"""`--base` and `--untrusted`: a branch compared with where it began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.options import Globals
from bunsui.cli.reconciling import bar
from bunsui.errors import InvalidInput
from bunsui.plugins.entry_points import operation_plugins
from bunsui.services.compiled import Compiler
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.refresh import Refresh
from bunsui.services.since import Branch
from bunsui.services.untrusted import plan_untrusted

BaseOption = Annotated[
    str | None,
    typer.Option("--base", metavar="REV", help="Only the pipelines that differ from the merge base with REV."),
]


def extent(base: str | None, refresh: Refresh | None) -> Refresh:
    """Give how much of AWS is read when nothing else is said: of a branch, the pipelines that it changes."""
    if refresh is not None:
        return refresh
    return Refresh.TOUCHED if base is not None else Refresh.FULL


def check_base(base: str | None, names: Sequence[str]) -> None:
    """Raise InvalidInput when pipelines are chosen both by a base and in another way."""
    if base is not None and names:
        raise InvalidInput(
            "base-and-names",
            "--base chooses the pipelines that the branch changes, so no others are named",
            hint="Leave out --base, or the names and --select.",
            given=" ".join(names),
        )


@contextmanager
def branch_since(options: Globals, repository: Repository, base: str | None) -> Iterator[Branch | None]:
    """Give where the branch began, as long as the block runs; None when nobody asked."""
    if base is None:
        yield None
        return
    with bootstrap.branch(options, repository, base) as branch:
        if branch.base is None:
            options.notice("the base holds no project file that can be read: every pipeline counts as changed")
        yield branch


def planned(
    options: Globals,
    repository: Repository,
    edges: ReconcileEdges,
    compiler: Compiler,
    *,
    select: Sequence[str],
    base: str | None,
    refresh: Refresh | None,
    now: bool,
) -> PlanOutcome:
    """Plan what the command line asks for: the pipelines that a branch changes, those that are selected, or all."""
    with (
        branch_since(options, repository, base) as branch,
        bar(options.output, "reading AWS", total=len(edges.providers)) as move,
    ):
        return plan_project(
            repository,
            edges,
            select=select,
            branch=branch,
            refresh=extent(base, refresh),
            at_once=now,
            progress=move,
            compiler=compiler,
        )


def untrusted_outcome(options: Globals, base: str | None, names: Sequence[str]) -> PlanOutcome:
    """Plan the checkout against its merge base, without an account and without running anything of it."""
    with bootstrap.untrusted(options, base) as (repository, before, basis):
        outcome = plan_untrusted(repository, before, basis, as_of=bootstrap.SystemClock().now(), select=names)
    if outcome.plan is None and (plugins := [point.name for point in operation_plugins()]):
        options.notice(f"operation types of plugins are code, and are not loaded for this plan: {', '.join(sorted(plugins))}")
    return outcome
