"""What can be copied about a row of the plan: names, and the commands that show or apply the same."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.command_line import Invocation, command_line
from bunsui.model.address import Address
from bunsui.plan.model import Plan
from bunsui.view.plan.review.marks import Marks
from bunsui.view.plan.review.tree import NodeKind, PlanNode


def plan_copies(node: PlanNode, plan: Plan, marks: Marks, invocation: Invocation) -> Iterator[tuple[str, str]]:
    """Yield what the row offers, each with what it is called; the values are as they are, not yet safe to show."""
    is_of_pipeline = node.kind is not NodeKind.IN_SYNC
    if is_of_pipeline:
        yield "pipeline", node.pipeline.name
    if node.row is not None:
        yield from _names(node.row.address, plan)
    named = (node.pipeline.name,) if is_of_pipeline else ()
    yield "command", invocation.complete(command_line("plan", *named))
    if marks.marked:
        targets = (f"--target={address}" for address in sorted(map(str, marks.marked)))
        yield "apply marked", invocation.complete(command_line("apply", *targets))


def _names(address: Address, plan: Plan) -> Iterator[tuple[str, str]]:
    change = next((change for change in plan.changes if change.address == address), None)
    if change is None:
        return
    yield "name", change.physical_name
    yield "address", str(address)
    arn = change.actual.outputs.get("arn", "") if change.actual else ""
    if arn:
        yield "ARN", arn
