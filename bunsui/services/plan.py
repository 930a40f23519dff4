"""Plan: what would change, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.diagnostics import Diagnostic, has_errors, sorted_diagnostics
from bunsui.document.globs import glob_pattern
from bunsui.errors import Refused
from bunsui.model.resource import ActualResource, Address, AppliedResource
from bunsui.plan.build import Facts, build_plan, with_looked_up
from bunsui.plan.checks import under_way
from bunsui.plan.model import Plan
from bunsui.plan.references import may_become
from bunsui.plan.retirement import Hold
from bunsui.services.ahead import Ahead, Remembered, begun
from bunsui.services.compiled import CompiledProject, Compiler, compile_for_plan
from bunsui.services.edges import ReconcileEdges, Repository, frozen_words
from bunsui.services.given_roles import trusted_services
from bunsui.services.hinted import read_hinted
from bunsui.services.reading import Progress, no_progress
from bunsui.services.refresh import Refresh, assumed, read_pipelines, touched_pipelines
from bunsui.services.reserved import reserved_concurrency
from bunsui.services.retiring import holds, with_former_names
from bunsui.services.running import running_sessions
from bunsui.services.selecting import TOUCHED
from bunsui.services.settling import settled, still_there
from bunsui.services.since import Branch, changed_pipelines


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
    exactly: Sequence[str] | None = None,
    branch: Branch | None = None,
    refresh: Refresh = Refresh.FULL,
    at_once: bool = False,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> PlanOutcome:
    """Compare what the repository wants with what AWS has and with what was last applied.

    `select` names or describes pipelines; then only those, and the pipelines that they start, are compared, and no other
    removals are looked for. `exactly` names pipelines that are compared and no others, those that the files no longer have
    included; with a `branch` these are the pipelines that it changes. `refresh` says how much of AWS is read. With `at_once`
    removed pipelines are deleted without being retired first, and retired ones now. Nothing is written, but by a hinted plan
    what it verified.
    """
    names = [name for name in select if name != TOUCHED]
    with begun(repository.scope, edges, everything=refresh is Refresh.FULL, progress=progress) as ahead:
        compiled = compiler(repository, names, lambda: ahead.remembered().applied)
        if has_errors(compiled.diagnostics):
            return _without_a_plan(compiled, compiled.refusals(compiled.pipelines))
        if branch is not None:
            exactly = sorted(changed_pipelines(compiled, branch.base))
        facts = replace(_facts(repository, edges, compiled, ahead.remembered()), refresh=refresh.value, at_once=at_once)
        refused = compiled.refusals(_unproven(compiled, facts.applied))
        if has_errors(refused):
            return _without_a_plan(compiled, refused)
        _refuse_an_empty_repository(compiled, facts.applied)
        if not select and exactly is None:
            _refuse_a_partial_checkout(repository)
        if refresh is not Refresh.NONE and not at_once:
            facts = replace(facts, holds=_holds(edges, facts))
        facts, touched = _selected(facts, refresh, asks_for_touched=TOUCHED in select, exactly=exactly)
        actual = _actual(edges, facts, touched, ahead)
    if not repository.is_local:  # the embedded AWS reads what it wrote
        actual = _believed(actual, facts, edges, progress)
    as_of = edges.clock.now()
    plan = build_plan(replace(facts, actual=actual, as_of=as_of, pipelines=compiled.facts(as_of)))
    plan = with_looked_up(
        plan,
        compiled.documents.rules,
        running=running_sessions(plan, edges.execution),
        reserved=reserved_concurrency(plan, edges.limits),
        given_roles=trusted_services(plan, edges.providers.get("role")),
    )
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _believed(
    actual: Sequence[ActualResource], facts: Facts, edges: ReconcileEdges, progress: Progress
) -> tuple[ActualResource, ...]:
    """Give what was read, once what may be old was read again."""
    now = settled(actual, facts.applied, providers=edges.providers, clock=edges.clock, progress=progress)
    known = {item.address for item in facts.desired} | facts.applied.keys()
    return still_there(now, known, providers=edges.providers)


def _selected(
    facts: Facts, refresh: Refresh, *, asks_for_touched: bool, exactly: Sequence[str] | None
) -> tuple[Facts, frozenset[str]]:
    """Give the facts with what is compared, and the names of the pipelines to read when not all are."""
    touched = touched_pipelines(facts) if refresh is Refresh.TOUCHED or asks_for_touched else frozenset()
    if asks_for_touched:
        return replace(facts, select=with_former_names(touched, facts.moved)), touched
    if exactly is None:
        return facts, touched
    chosen = replace(facts, select=with_former_names(exactly, facts.moved))
    return chosen, frozenset(exactly) if refresh is Refresh.TOUCHED else touched


def _without_a_plan(compiled: CompiledProject, refused: Sequence[Diagnostic]) -> PlanOutcome:
    return PlanOutcome(plan=None, diagnostics=sorted_diagnostics((*compiled.diagnostics, *refused)))


def _unproven(compiled: CompiledProject, applied: Mapping[Address, AppliedResource]) -> frozenset[str]:
    """Give the names of the pipelines whose definition Step Functions has not taken yet, as far as bunsui knows."""
    machines = {address.pipeline: item for address, item in applied.items() if address.kind == "state_machine"}
    taken = {name: item.attributes.get("definition") for name, item in machines.items()}
    return frozenset(name for name, one in compiled.pipelines.items() if not may_become(one.definition, taken.get(name)))


def _facts(repository: Repository, edges: ReconcileEdges, compiled: CompiledProject, known: Remembered) -> Facts:
    """Give everything that is known before AWS is looked at."""
    as_of = edges.clock.now()
    return Facts(
        scope=repository.scope,
        as_of=as_of,
        desired=compiled.resources,
        actual=(),
        applied=known.applied,
        commit=repository.commit,
        select=with_former_names(compiled.selected, compiled.moved) if compiled.selected is not None else None,
        frozen=frozen_words(edges),
        kept_for=timedelta(seconds=repository.project.environment.retire_seconds),
        moved=compiled.moved,
        rules=compiled.documents.rules,
        diagnostics=(*compiled.diagnostics, *_under_way(edges, known, as_of)),
        pending=known.pending,
        mark=known.mark,
    )


def _holds(edges: ReconcileEdges, facts: Facts) -> Mapping[Address, Hold]:
    wanted = {item.address for item in facts.desired}
    seen = {
        address: item for address, item in facts.applied.items() if facts.select is None or address.pipeline in facts.select
    }
    return holds(seen, wanted, edges.execution, as_of=facts.as_of, kept_for=facts.kept_for)


def _under_way(edges: ReconcileEdges, known: Remembered, as_of: datetime) -> tuple[Diagnostic, ...]:
    """Say that somebody is at work, or died at it: then the plan shows his unfinished resources as interrupted."""
    record = edges.ledger.locks.read() if known.pending else None
    return () if record is None or not record.held else (under_way.finding(record, as_of),)


def _actual(edges: ReconcileEdges, facts: Facts, touched: frozenset[str], ahead: Ahead) -> tuple[ActualResource, ...]:
    match Refresh(facts.refresh):
        case Refresh.FULL:
            return ahead.actual(facts.desired)
        case Refresh.TOUCHED:
            return read_pipelines(touched, facts, edges.providers, progress=ahead.progress)
        case Refresh.HINTED:
            return read_hinted(facts, edges, progress=ahead.progress)
        case Refresh.NONE:
            return assumed(facts.applied, facts.scope)


def _refuse_a_partial_checkout(repository: Repository) -> None:
    """Whoever did not get a pipeline's file did not remove it."""
    patterns = [glob_pattern(pattern) for pattern in repository.project.patterns]
    lacking = [path for path in repository.left_out if any(pattern.fullmatch(path) for pattern in patterns)]
    if lacking:
        raise Refused(
            "partial-checkout",
            "git leaves pipeline files out of this checkout, so a plan of everything would remove their pipelines",
            hint="Check everything out:\n  git sparse-checkout disable\nor name the pipelines to plan.",
            files=", ".join(lacking[:5]),
            count=len(lacking),
        )


def _refuse_an_empty_repository(compiled: CompiledProject, applied: Mapping[Address, AppliedResource]) -> None:
    """A checkout without any pipeline file is far more often a mistake than the wish to remove everything."""
    if applied and not compiled.documents.files:
        raise Refused(
            "no-pipeline-files",
            "no pipeline file was found, although this environment has resources of this project",
            hint="Look at `pipelines` in bunsui.yaml. To remove everything on purpose:\n  bunsui destroy",
            resources=len(applied),
        )
