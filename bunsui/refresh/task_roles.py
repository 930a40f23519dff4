"""Which roles the task definitions name that changed machines run on ECS."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.errors import CloudError
from bunsui.plan.model import Plan
from bunsui.plan.roles.task_runs import changed_task_runs
from bunsui.ports.account import TaskDefinitions, TaskRoles

_ASKED = 20
"""How many task definitions are asked about in a plan."""


def task_roles(plan: Plan, definitions: TaskDefinitions | None) -> Mapping[str, TaskRoles | None]:
    """Return the roles by the task definition as machines name it, None for one that is not there; those of which nobody could
    tell are left out. Nothing is decided by this."""
    if definitions is None:
        return {}
    named = dict.fromkeys(run.definition for _, runs in changed_task_runs(plan) for run in runs if run.definition is not None)
    result: dict[str, TaskRoles | None] = {}
    for definition in list(named)[:_ASKED]:
        try:
            result[definition] = definitions.roles(definition)
        except CloudError:
            continue
    return result
