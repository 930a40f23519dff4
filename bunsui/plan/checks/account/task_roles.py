"""BS536: a task of ECS that is not there, or whose roles the machine may not hand over.

Source: ECS developer guide, "Amazon ECS task execution IAM role"; RunTask needs `iam:PassRole` for both roles of the
definition, or for those that the call gives instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.operations.ecs.codes import ROLES_UNSAID
from bunsui.plan.model import Plan
from bunsui.plan.roles.task_runs import TaskRun, changed_task_runs, is_among, may_pass
from bunsui.ports.account import TaskRoles

CODE = "BS536"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find what RunTask would be refused for, of the task definitions that ECS told about."""
    for change, runs in changed_task_runs(plan):
        allowed = may_pass(plan, change)
        for run in {run.definition: run for run in runs if run.definition in plan.task_roles}.values():
            assert run.definition is not None, "nothing is told of what has no name"
            roles = plan.task_roles[run.definition]
            if roles is None:
                yield Diagnostic(
                    code=CODE,
                    severity=Severity.WARNING,
                    summary=f"the task definition {run.definition} does not exist in this account and region",
                    hint="Register it first, or correct task_definition.",
                    subject=str(change.address),
                )
                continue
            needed = handed_over(run, roles)
            missing = [role for role in needed if allowed is not None and not is_among(role, allowed)]
            if missing:
                yield Diagnostic(
                    code=CODE,
                    severity=Severity.WARNING,
                    summary=f"{run.definition} has the role {', '.join(missing)}, which the machine may not hand over",
                    detail="ECS refuses the task with AccessDenied.",
                    hint=f"Write roles: [{', '.join(needed)}] in the operation.",
                    subject=str(change.address),
                )


def handed_over(run: TaskRun, roles: TaskRoles) -> tuple[str, ...]:
    """Return the roles of a definition that a call hands over, without those that it gives another for."""
    named = {"TaskRoleArn": roles.task, "ExecutionRoleArn": roles.execution}
    return tuple(dict.fromkeys(role for key, role in named.items() if role and key not in run.overrides))


def without_answered(plan: Plan) -> tuple[Diagnostic, ...]:
    """Return the plan's findings without those that asked which roles a task has, where ECS told it of all tasks of a file."""
    answered: set[str] = set()
    for change, runs in changed_task_runs(plan):
        facts = plan.pipelines.get(change.address.pipeline)
        if facts is not None and all(run.definition in plan.task_roles for run in runs) and may_pass(plan, change) is not None:
            answered.add(facts.path)
    return tuple(
        found
        for found in plan.diagnostics
        if found.code != ROLES_UNSAID or found.position is None or found.position.file not in answered
    )
