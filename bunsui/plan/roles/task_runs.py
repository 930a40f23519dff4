"""Which task definitions of ECS a machine runs with which roles, from what is wanted alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.values import Reference, Value
from bunsui.model.wildcards import fits
from bunsui.plan.definitions import every_state
from bunsui.plan.model import Action, Plan, ResourceChange

_RUN = ":states:::ecs:runTask"
_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRun:
    """One Task that runs a task definition."""

    state: str
    definition: str | None
    """As the machine names it; None where only a run can tell."""
    overrides: frozenset[str]
    """`TaskRoleArn` and `ExecutionRoleArn`, where the call gives another role than the definition does."""


def changed_task_runs(plan: Plan) -> Iterator[tuple[ResourceChange, Sequence[TaskRun]]]:
    """Return the machines that are written and run tasks, with what they run."""
    for change in plan.pending:
        if change.address.kind == MACHINE and change.desired is not None and change.action in _WRITTEN:
            runs = tuple(_runs(change.desired.attributes.get("definition")))
            if runs:
                yield change, runs


def _runs(definition: Value) -> Iterator[TaskRun]:
    for name, state in every_state(definition):
        resource, arguments = state.get("Resource"), state.get("Arguments", state.get("Parameters"))
        if isinstance(resource, str) and _RUN in resource and isinstance(arguments, Mapping):
            named, overrides = arguments.get("TaskDefinition"), arguments.get("Overrides")
            is_written = isinstance(named, str) and not named.startswith(("{%", "$"))
            given = overrides if isinstance(overrides, Mapping) else {}
            yield TaskRun(
                state=name,
                definition=named if isinstance(named, str) and is_written else None,
                overrides=frozenset(key.removesuffix(".$") for key in given),
            )


def may_pass(plan: Plan, machine: ResourceChange) -> Sequence[str] | None:
    """Return the roles that a machine's role may hand over, with stars; None where its role is somebody else's, or its policy
    names what only apply knows."""
    held = machine.desired.attributes.get("role_arn") if machine.desired is not None else None
    role = next((one for one in plan.changes if isinstance(held, Reference) and one.address == held.address), None)
    policy = role.desired.attributes.get("policy") if role is not None and role.desired is not None else None
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    if not isinstance(statements, (list, tuple)):
        return None
    return tuple(resource for one in statements if isinstance(one, Mapping) for resource in _roles_in(one))


def _roles_in(statement: Mapping[str, Value]) -> Iterator[str]:
    actions, resources = statement.get("Action"), statement.get("Resource")
    listed = actions if isinstance(actions, (list, tuple)) else [actions]
    if statement.get("Effect") == "Allow" and any(action in ("iam:PassRole", "iam:*", "*") for action in listed):
        yield from (one for one in (resources if isinstance(resources, (list, tuple)) else [resources]) if isinstance(one, str))


def is_among(role: str, patterns: Sequence[str]) -> bool:
    """Tell whether one of the patterns stands for the role's ARN."""
    return any(fits(pattern.split("*"), role, single="?") for pattern in patterns)
