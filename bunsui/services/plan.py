"""Plan: what would change, and why. The whole product in one function.

| stage | enters | leaves |
|---|---|---|
| compile (`project/compile.py`) | the files, what the request selects | the resources that they want, findings |
| check the checkout (`project/incomplete_checkout.py`) | both | a refusal where files were left out rather than removed |
| know (`refresh/known.py`) | the state, the journal, the lock | `Facts` without what AWS has, narrowed to what is compared |
| read (`refresh/actual.py`) | the names that files and state know | what AWS has, read again where it is not consistent yet |
| build (`plan/build.py`, `plan/checks/`) | wanted, actual, applied | the plan: changes in order, and its checks' findings |
| look up (`project/code_files.py`, `refresh/lookups.py`) | the plan's changes | the same plan, with what is known beside them |

The state, and what it names in AWS, is read while the files are compiled (`refresh/prefetch.py`). Nothing is written, but by a
hinted plan what it verified. Who makes a plan true is `services/apply/admission.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bunsui.diagnostics import Diagnostic
from bunsui.model.address import is_pipeline
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.edits import FormerTexts, asked_texts, believed_texts, machines_as_applied, with_author_edits
from bunsui.plan.model import Plan
from bunsui.plan.references import dependencies
from bunsui.project.branch_diff import changed_pipelines, compile_base
from bunsui.project.code_files import with_code_files
from bunsui.project.compile import Applied, CompiledProject, Compiler, compile_for_plan
from bunsui.project.incomplete_checkout import check_checkout
from bunsui.project.repository import Repository
from bunsui.refresh.actual import actual_resources, believe_once_consistent
from bunsui.refresh.full import Progress, no_progress
from bunsui.refresh.known import known_facts, narrow_facts
from bunsui.refresh.lookups import looked_up
from bunsui.refresh.modes import Refresh
from bunsui.refresh.narrowing import plan_narrowing
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.prefetch import prefetch
from bunsui.services.destroy import plan_destroy
from bunsui.services.plan_request import EVERYTHING, PlanRequest, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """A plan, or the reasons why there is none."""

    plan: Plan | None
    """None when the files have errors: nothing is ever planned from half of a repository."""
    diagnostics: tuple[Diagnostic, ...]
    """Every finding, those of the plan's checks included."""


def plan_project(
    repository: Repository,
    ports: ReconcilePorts,
    request: PlanRequest = EVERYTHING,
    *,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> PlanOutcome:
    """Compare what the repository wants with what AWS has and with what was last applied.

    Raises:
        Refused: the checkout lacks files, or a protected environment is to be destroyed.
        NotFound: `unknown-pipeline`, for a name that is selected.

    """
    if request.removal is Removal.DESTROY:  # nothing is wanted, so that no file is looked at
        return outcome_of(plan_destroy(repository, ports, request, progress=progress))
    everything, depth = request.reads is Refresh.FULL, request.depth
    with prefetch(
        repository.scope, ports, everything=everything, depth=depth, all_routes=request.refresh is not None, progress=progress
    ) as prefetched:
        compiled = compiler(repository, request.names, lambda: prefetched.remembered().applied)
        if errors := compiled.errors(lambda: prefetched.remembered().applied):
            return PlanOutcome(plan=None, diagnostics=errors)
        known = prefetched.remembered()
        check_checkout(repository, compiled, known.applied, plans_everything=request.plans_everything)
        facts = known_facts(repository, ports, compiled, known, refresh=request.reads, at_once=request.at_once)
        base = compile_base(request.branch)
        exactly = _exactly(request, compiled, base, known.applied)
        facts, touched = narrow_facts(facts, request.reads, asks_for_touched=request.asks_for_touched, exactly=exactly)
        actual = actual_resources(facts, touched, prefetched)
    if not repository.reads_what_it_wrote:
        actual = believe_once_consistent(actual, facts, ports, progress)
    as_of = ports.clock.now()
    facts = replace(facts, actual=actual, as_of=as_of, pipelines=compiled.facts(as_of, repository.registry))
    plan = plan_narrowing(build_plan(facts), facts, ports.execution)
    kept = ports.state.texts(names) if (names := asked_texts(plan)) else {}
    plan = with_author_edits(plan, kept, _former_texts(request, base, facts, {*names} - {*believed_texts(plan, kept)}))
    plan = looked_up(with_code_files(plan, repository.source), facts.rules, repository, ports)
    unread = request.branch.unread if request.branch is not None else ()
    return outcome_of(replace(plan, diagnostics=(*plan.diagnostics, *unread)))


def outcome_of(plan: Plan) -> PlanOutcome:
    """Return the outcome that is this plan."""
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _former_texts(request: PlanRequest, base: CompiledProject | None, facts: Facts, names: Collection[str]) -> FormerTexts:
    """Return what the files of these pipelines said where the branch began."""
    if base is None or request.branch is None or not names:
        return FormerTexts()
    texts = {pipeline.name: pipeline.text for pipeline in base.documents.pipelines if pipeline.name in names and pipeline.text}
    as_it_was = build_plan(replace(facts, desired=base.resources, pipelines={}))
    return FormerTexts(commit=request.branch.commit, texts=texts, applied=machines_as_applied(as_it_was))


def _exactly(
    request: PlanRequest, compiled: CompiledProject, base: CompiledProject | None, applied: Applied
) -> tuple[str, ...] | None:
    """Return the names of the pipelines that are compared and no others; None when that is not how they are chosen."""
    if request.branch is None:
        return request.exactly
    changed = changed_pipelines(compiled, base, applied=applied)
    return tuple(sorted(changed | _lacking(changed, compiled, applied)))


def _lacking(names: Collection[str], compiled: CompiledProject, applied: Applied) -> set[str]:
    """Return what stands for a pipeline where something is that these pipelines need, and that no apply has made yet."""
    resources = (resource for name in names if name in compiled.pipelines for resource in compiled.pipelines[name].resources)
    needs = (need for resource in resources for need in dependencies(resource))
    return {need.pipeline for need in needs if not is_pipeline(need.pipeline) and need not in applied}
