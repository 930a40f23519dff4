"""Roles of task definitions: what ECS tells takes the place of what the file leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.document.rules import Rules
from bunsui.errors import AccessDenied, CloudError
from bunsui.model.address import Address
from bunsui.model.values import Reference
from bunsui.operations.ecs.codes import ROLES_UNSAID
from bunsui.operations.ecs_task import TYPE
from bunsui.plan.build import with_looked_up
from bunsui.plan.model import Plan
from bunsui.ports.account import TaskRoles
from bunsui.refresh.task_roles import task_roles
from tests.unit.operations.harness import operation
from tests.unit.plan.test_checks import a_plan, machine, wanting

ROLE = Address("role", "orders")
OURS = Reference(ROLE, "arn")
PULL, WORK = "arn:aws:iam::111111111111:role/pull", "arn:aws:iam::111111111111:role/work"
BOTH = TaskRoles(task=WORK, execution=PULL)
OPEN = Diagnostic(
    code=ROLES_UNSAID, severity=Severity.WARNING, summary="nothing says", position=Position("pipelines/orders.yaml", 3, 1)
)


@dataclass
class Definitions:
    """ECS, with what it says of each definition."""

    known: dict[str, TaskRoles | None | CloudError] = field(default_factory=dict)

    def roles(self, definition: str) -> TaskRoles | None:
        found = self.known[definition]
        if isinstance(found, CloudError):
            raise found
        return found


def running(*passed: str, role_arn: Any = OURS, **arguments: Any) -> Plan:
    call = {"Resource": "arn:aws:states:::ecs:runTask.sync", "Arguments": {"TaskDefinition": "load:7", **arguments}}
    statement = {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": list(passed)}
    plan = a_plan(
        wanting(definition=machine(None, run=call), role_arn=role_arn), wanting(ROLE, policy={"Statement": [statement]})
    )
    return replace(plan, diagnostics=(OPEN,))


def told(plan: Plan, answer: TaskRoles | None | CloudError) -> list[str]:
    known = task_roles(plan, Definitions({"load:7": answer}))
    return [
        one.hint if one.code == "BS536" else one.code for one in with_looked_up(plan, Rules(), task_roles=known).diagnostics
    ]


def test_what_the_machine_may_not_hand_over_is_told_with_the_line_to_write() -> None:
    assert told(running(), BOTH) == [f"Write roles: [{WORK}, {PULL}] in the operation."]
    assert told(running(WORK), BOTH) == [f"Write roles: [{WORK}, {PULL}] in the operation."]


@pytest.mark.parametrize("passed", [(WORK, PULL), ("arn:aws:iam::111111111111:role/*",)])
def test_what_ecs_told_and_the_role_covers_leaves_nothing_open(passed: tuple[str, ...]) -> None:
    assert told(running(*passed), BOTH) == []
    assert told(running(), TaskRoles()) == []


def test_a_role_that_the_call_gives_instead_is_not_handed_over() -> None:
    assert told(running(PULL, Overrides={"TaskRoleArn": "arn:aws:iam::111111111111:role/other"}), BOTH) == []


def test_a_definition_that_is_not_there_is_told() -> None:
    assert told(running(), None) == ["Register it first, or correct task_definition."]


def test_without_the_permission_the_question_stays() -> None:
    assert told(running(), AccessDenied("access-denied", "no")) == [ROLES_UNSAID]


def test_of_a_role_that_others_make_nobody_can_tell() -> None:
    assert told(running(role_arn="arn:aws:iam::111111111111:role/theirs"), BOTH) == [ROLES_UNSAID]


def test_a_definition_that_only_a_run_knows_is_not_asked_about() -> None:
    plan = running(TaskDefinition="{% $params.definition %}")
    assert told(plan, BOTH) == [ROLES_UNSAID]
    assert task_roles(plan, Definitions()) == {}


def test_the_compiler_asks_by_the_code_that_an_answer_takes_away() -> None:
    data = {"type": "ecs_task", "cluster": "c", "task_definition": "load:7", "network": {"subnets": ["subnet-1"]}}
    asked = operation(data)
    assert TYPE.findings is not None
    assert [found.code for found in TYPE.findings(asked.params, asked)] == [ROLES_UNSAID]
