"""A machine's graph before a plan beside that after it: the jobs that somebody edited are marked."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.author import edited_jobs
from bunsui.model.address import Address
from bunsui.plan.model import Plan, ResourceChange
from bunsui.view.plan.code import callers
from bunsui.view.plan.edits import is_told
from bunsui.view.plan.graph import changed_nodes, plan_mermaid


def machine_graph(machine: ResourceChange, plan: Plan, renewed: Mapping[str, Address]) -> str:
    """Return the flowchart of a machine's change; `renewed` are the functions that get a new version."""
    before = machine.actual.attributes.get("definition") if machine.actual is not None else None
    after = machine.desired.attributes.get("definition") if machine.desired is not None else None
    return plan_mermaid(before, after, edited=edited_names(machine, plan, renewed))


def edited_names(machine: ResourceChange, plan: Plan, renewed: Mapping[str, Address]) -> frozenset[str]:
    """Return the jobs, or states of a raw machine, of which the text or the code changes; by changed states where no text of
    the pipeline tells."""
    diff = plan.edits.get(machine.address.pipeline)
    if diff is None or not is_told(machine, diff):
        return changed_nodes(machine)
    return edited_jobs(diff.edits) | {state.partition(".")[0] for state in callers(machine.diff.items, renewed)}
