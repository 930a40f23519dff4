"""Plan: what would change, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.errors import Refused
from bunsui.model.resource import Address, AppliedResource
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.services.compiled import CompiledProject, compile_project
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.reading import Progress, no_progress, read_actual
from bunsui.services.settling import settled


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """A plan, or the reasons why there is none."""

    plan: Plan | None
    """None when the files have errors: nothing is ever planned from half of a repository."""
    diagnostics: tuple[Diagnostic, ...]
    """Every finding, those of the plan's checks included."""


def plan_project(
    repository: Repository,
    edges: ReconcileEdges,
    *,
    select: Sequence[str] = (),
    progress: Progress = no_progress,
) -> PlanOutcome:
    """Compare what the repository wants with what AWS has and with what was last applied.

    `select` names pipelines; then only those, and the pipelines that they start, are compared, and no other removals are
    looked for. Nothing is written.
    """
    compiled = compile_project(repository, select=select)
    if has_errors(compiled.diagnostics):
        return PlanOutcome(plan=None, diagnostics=compiled.diagnostics)
    edges.account_checked()
    desired = compiled.resources
    mark = edges.ledger.log.mark()  # before the state: an apply that ends in between makes the plan stale, not wrong
    applied = edges.state.applied()
    pending = edges.ledger.journal.pending()
    _refuse_an_empty_repository(compiled, applied)
    actual = read_actual(edges.providers, repository.scope, desired, applied=applied, progress=progress)
    if not repository.is_local:  # the embedded AWS reads what it wrote
        actual = settled(actual, applied, providers=edges.providers, clock=edges.clock, progress=progress)
    as_of = edges.clock.now()
    plan = build_plan(
        Facts(
            scope=repository.scope,
            as_of=as_of,
            desired=desired,
            actual=actual,
            applied=applied,
            commit=repository.commit,
            pipelines=compiled.facts(as_of),
            select=compiled.selected,
            rules=repository.project.rules,
            diagnostics=compiled.diagnostics,
            pending=pending,
            mark=mark,
        )
    )
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _refuse_an_empty_repository(compiled: CompiledProject, applied: Mapping[Address, AppliedResource]) -> None:
    """A checkout without any pipeline file is far more often a mistake than the wish to remove everything."""
    if applied and not compiled.documents.files:
        raise Refused(
            "no-pipeline-files",
            "no pipeline file was found, although this environment has resources of this project",
            hint="Look at `pipelines` in bunsui.yaml. To remove everything on purpose:\n  bunsui destroy",
            resources=len(applied),
        )
