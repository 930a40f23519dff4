"""The graph of a machine before a plan beside that after it, for one page of it."""

from __future__ import annotations

from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.view.drawing.comparison import GraphComparison, compare_graphs
from bunsui.view.plan.code import renewed_functions
from bunsui.view.plan.definition_shape import definition_shape, machine_comparison


def drawn_machine(machine: ResourceChange, plan: Plan) -> GraphComparison | None:
    """Return the graph before and after in one placement; None where no definition is known, as of what a saved plan changes.

    What is retired, or stays as it is, is drawn as it is.
    """
    side = machine.actual or machine.desired
    if side is None or not definition_shape(side.attributes.get("definition")).names:
        return None
    if machine.action in (Action.RETIRE, Action.NO_OP):
        shape = definition_shape(side.attributes.get("definition"))
        return compare_graphs(shape, shape)
    return machine_comparison(machine, plan, renewed_functions(plan))
