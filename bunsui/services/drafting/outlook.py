"""What writing a draft changes: the resources that its pipeline compiles to, the cost of a run, beside those of the file."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.document.edit.draft import Draft
from bunsui.errors import NotFound
from bunsui.model.address import Address
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.resource import DesiredResource
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import with_drafts
from bunsui.services.drafting.trying import pipeline_of
from bunsui.services.running.expected_cost import foreseen_cost
from bunsui.services.testing.machine_under_test import machines_under_test


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOutlook:
    """The draft beside the file."""

    created: tuple[Address, ...]
    updated: tuple[Address, ...]
    removed: tuple[Address, ...]
    cost_before: CostEstimate | None
    """Of a run by the file, foreseen from its definition; None for a new pipeline, and for one with errors."""
    cost_after: CostEstimate | None

    @property
    def is_same(self) -> bool:
        """True when the draft compiles to what the file compiles to."""
        return not (self.created or self.updated or self.removed)


def draft_outlook(repository: Repository, draft: Draft) -> DraftOutlook | None:
    """Return what the draft would change; None where it, or the file, cannot be compiled. InvalidInput as `pipeline_of`."""
    name = pipeline_of(draft)
    after, cost_after = _compile(with_drafts(repository, draft), name)
    if after is None:
        return None
    before, cost_before = _compile(repository, name) if draft.base is not None else ({}, None)
    if before is None:
        return None
    return DraftOutlook(
        created=tuple(address for address in after if address not in before),
        updated=tuple(address for address, one in after.items() if address in before and before[address] != one),
        removed=tuple(address for address in before if address not in after),
        cost_before=cost_before,
        cost_after=cost_after,
    )


def _compile(repository: Repository, name: str) -> tuple[dict[Address, DesiredResource] | None, CostEstimate | None]:
    """Return the pipeline's resources, and what a run costs; no resources where it has errors."""
    try:
        machines, project = machines_under_test(repository, [name])
    except NotFound:
        return {}, None  # the draft gives it another name
    if name not in machines:
        return None, None
    found = {one.address: one for one in project.resources if one.address.pipeline == name}
    pipeline, definition = machines[name].pipeline, machines[name].definition
    if pipeline is None:
        return found, None
    return found, foreseen_cost(pipeline, definition, {job.name for job in pipeline.jobs}, repository=repository)
