"""Tries a draft as if it were written: its graph, what a plan would change, a run with mocks, its tests.

Everything goes through the services that do the same for files, over the files with the draft laid over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.draft import Draft
from bunsui.document.form.outline import read_outline
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.plan.model import Plan
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.drafting.checking import with_drafts
from bunsui.services.graph import GraphOutcome, graph
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.services.simulate import Simulation, input_of, prepare_pipeline, simulate
from bunsui.services.testing.pipeline_tests import Judgement, run_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan:
    """What an apply would change if the draft were written: to be looked at, never to be applied."""

    plan: Plan | None
    """None when the files have errors."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRun:
    """A run of a draft on the virtual clock, or why there is none."""

    simulation: Simulation | None
    diagnostics: tuple[Diagnostic, ...] = ()


def pipeline_of(draft: Draft) -> str:
    """Return the name that the draft gives its pipeline.

    Raises:
        InvalidInput: `draft-has-no-name`, when it has none or cannot be read.

    """
    outline = read_outline(draft.file, draft.content)
    if outline is None or not outline.name:
        raise InvalidInput(
            "draft-has-no-name",
            "the draft names no pipeline, so there is nothing to try",
            hint="Correct what is wrong with it, or give it a `name:`.",
            file=draft.file,
        )
    return outline.name


def draft_graph(repository: Repository, draft: Draft) -> GraphOutcome:
    """Return the graph of the draft's pipeline, or what keeps it from having one. InvalidInput as `pipeline_of`."""
    return graph(with_drafts(repository, draft), pipeline_of(draft))


def plan_draft(repository: Repository, ports: ReconcilePorts, draft: Draft) -> DraftPlan:
    """Compare the draft's pipeline, and what it starts, with what is in AWS. InvalidInput as `pipeline_of`."""
    request = PlanRequest(select=(pipeline_of(draft),))
    outcome = plan_project(with_drafts(repository, draft), ports, request)
    return DraftPlan(plan=outcome.plan, diagnostics=outcome.diagnostics)


def simulate_draft(
    repository: Repository,
    draft: Draft,
    *,
    params: Sequence[str] = (),
    payload: Json = None,
    mocks: Json = None,
    objects: Json = None,
) -> DraftRun:
    """Run the draft's pipeline with mocks; `params` are `NAME=VALUE`, the rest as in `bunsui.services.simulate`.

    Raises:
        InvalidInput: as `pipeline_of`; `mock-missing` with mocks to copy, when a task was asked that nobody answers.

    """
    prepared = prepare_pipeline(with_drafts(repository, draft), pipeline_of(draft))
    if prepared.machine is None:
        return DraftRun(simulation=None, diagnostics=prepared.diagnostics)
    whole = input_of(prepared.machine, whole=payload, params=params)
    return DraftRun(simulation=simulate(prepared.machine, whole, mocks=mocks, objects=objects))


def run_draft_tests(repository: Repository, draft: Draft) -> Judgement:
    """Run the tests of the draft's pipeline, those of the draft itself included. InvalidInput as `pipeline_of`."""
    return run_tests(with_drafts(repository, draft), [pipeline_of(draft)])
