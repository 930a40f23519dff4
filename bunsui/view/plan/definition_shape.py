"""The graph of a definition as a shape to be drawn; of a planned machine that before beside that after."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.model.address import Address
from bunsui.model.values import Value
from bunsui.plan.model import Plan, ResourceChange
from bunsui.view.drawing.comparison import GraphComparison, compare_graphs
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.plan.graph import flow
from bunsui.view.plan.machine_graph import edited_names


def definition_shape(definition: Value) -> GraphShape:
    """Return the jobs of a compiled definition, or the states of a raw one, with what runs after what; else nothing."""
    found = flow(definition)
    number = {name: index for index, name in enumerate(found.nodes)}
    edges = sorted(found.edges, key=lambda edge: (number[edge[0]], number[edge[1]]))
    return GraphShape(names=tuple(found.nodes), edges=tuple(edges))


def machine_comparison(machine: ResourceChange, plan: Plan, renewed: Mapping[str, Address]) -> GraphComparison:
    """Return the graph of a machine before the plan beside that after it; `renewed` get a new version."""
    before = machine.actual.attributes.get("definition") if machine.actual is not None else None
    after = machine.desired.attributes.get("definition") if machine.desired is not None else None
    return compare_graphs(definition_shape(before), definition_shape(after), edited=edited_names(machine, plan, renewed))
