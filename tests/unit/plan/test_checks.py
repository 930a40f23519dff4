"""The checks of a plan that look at what is wanted: each finds its case, and keeps still beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, DesiredResource, Scope
from bunsui.model.values import Reference
from bunsui.plan.checks import contract, cost, quotas, refused_values, run_checks, timeouts, unpinned
from bunsui.plan.model import Action, PipelineFacts, Plan, Reason, ResourceChange

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")
MACHINE = Address("state_machine", "orders")
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111111111111:function:work"


def wanting(address: Address = MACHINE, action: Action = Action.CREATE, **attributes: Any) -> ResourceChange:
    desired = DesiredResource(address=address, physical_name="x", attributes=attributes)
    return ResourceChange(address=address, physical_name="x", action=action, reason=Reason.NEW, desired=desired)


def a_plan(*changes: ResourceChange, jobs: int = 0) -> Plan:
    facts = PipelineFacts(name="orders", path="pipelines/orders.yaml", jobs=jobs)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Plan(scope=SCOPE, as_of=moment, commit="", changes=changes, pipelines={"orders": facts})


def machine(timeout: int | None = None, **tasks: dict[str, Any]) -> dict[str, Any]:
    states = {name: {"Type": "Task", "End": True, **task} for name, task in tasks.items()}
    whole = {"TimeoutSeconds": timeout} if timeout is not None else {}
    return {"StartAt": next(iter(states)), "States": states, **whole}


def summaries(found: Any) -> list[str]:
    return [one.summary for one in found]


@pytest.mark.parametrize(
    ("kind", "attribute", "size", "most"),
    [
        ("role", "policy", 10_300, "10,240"),
        ("role", "trust", 2_100, "2,048"),
        ("lambda_function", "environment", 4_100, "4,096"),
    ],
)
def test_what_is_too_large_for_aws_is_found_before_apply_is_refused(kind: str, attribute: str, size: int, most: str) -> None:
    change = wanting(Address(kind, "orders"), Action.CREATE, **{attribute: {"a": "x" * size}})
    (found,) = quotas.check(a_plan(change))
    assert f"AWS takes {most}" in found.summary
    assert found.hint
    small = wanting(Address(kind, "orders"), Action.CREATE, **{attribute: {"a": "x" * (size // 2)}})
    assert not list(quotas.check(a_plan(small)))


def test_what_is_nearly_full_is_said_to_be() -> None:
    (found,) = quotas.check(a_plan(wanting(Address("role", "orders"), policy={"a": "x" * 9_000})))
    assert found.summary.endswith("so it is nearly full")


def test_a_reference_counts_about_an_arn() -> None:
    many = [Reference(MACHINE, "arn")] * 90
    assert list(quotas.check(a_plan(wanting(Address("role", "orders"), policy={"Resource": many}))))


def test_a_project_that_fills_the_accounts_roles_is_told_so_once() -> None:
    roles = tuple(wanting(Address("role", f"p{number}")) for number in range(850))
    assert summaries(quotas.check(a_plan(*roles))) == ["850 roles of this project alone; AWS takes 1,000, so it is nearly full"]
    assert not list(quotas.check(a_plan(*(replace(role, action=Action.NO_OP) for role in roles))))


def test_a_task_that_outlasts_its_machine_is_found() -> None:
    definition = machine(60, a={"TimeoutSeconds": 61}, b={"TimeoutSeconds": 60})
    assert summaries(timeouts.check(a_plan(wanting(definition=definition)))) == [
        "a task's timeout is longer than the whole machine's, which ends first: a"
    ]


def test_a_call_of_a_function_that_outlasts_lambda_is_found() -> None:
    invoke = "arn:aws:states:::lambda:invoke"
    definition = machine(
        None,
        a={"TimeoutSeconds": 1000, "Resource": invoke},
        b={"TimeoutSeconds": 1000, "Resource": f"{invoke}.waitForTaskToken"},
        c={"TimeoutSeconds": 900, "Resource": FUNCTION_ARN},
    )
    assert summaries(timeouts.check(a_plan(wanting(definition=definition)))) == [
        "Lambda ends a function after 15 minutes, and the task's timeout is longer: a"
    ]


def test_a_machine_that_would_run_for_more_than_a_year_is_found() -> None:
    definition = machine(366 * 24 * 3600, a={})
    assert len(list(timeouts.check(a_plan(wanting(definition=definition))))) == 1


@pytest.mark.parametrize(
    ("state", "is_found"),
    [
        ({"Resource": FUNCTION_ARN}, True),
        ({"Resource": f"{FUNCTION_ARN}:7"}, False),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": FUNCTION_ARN}}, True),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "work"}}, True),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "work:live"}}, False),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "work", "Qualifier": "live"}}, False),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "{% $f %}"}}, False),
        ({"Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": {"TaskDefinition": "etl"}}, True),
        ({"Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": {"TaskDefinition": "etl:3"}}, False),
    ],
)
def test_a_raw_definition_that_pins_nothing_is_found(state: dict[str, Any], is_found: bool) -> None:
    change = wanting(definition=machine(None, a=state))
    assert bool(list(unpinned.check(a_plan(change)))) is is_found
    assert not list(unpinned.check(a_plan(change, jobs=3)))


def updated(before: dict[str, Any], after: dict[str, Any]) -> list[Diagnostic]:
    actual = ActualResource(address=MACHINE, physical_name="x", attributes={"definition": before})
    change = replace(wanting(action=Action.UPDATE, definition=after), actual=actual)
    return list(cost.check(a_plan(change)))


def test_a_run_that_enters_more_states_is_priced_before_and_after() -> None:
    before = {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}}
    after = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Pass", "End": True}}}
    (found,) = updated(before, after)
    assert found.severity is Severity.INFO
    assert found.summary == (
        "a run enters about 2 states, before 1: 0.05 USD in 1,000 runs, before 0.03 (an estimate, without retries)"
    )
    assert not updated(before, {"StartAt": "z", "States": {"z": {"Type": "Pass", "End": True}}})


def test_what_does_not_change_is_not_checked() -> None:
    definition = machine(60, a={"TimeoutSeconds": 61, "Resource": FUNCTION_ARN})
    change = replace(wanting(definition=definition), action=Action.NO_OP)
    assert not run_checks(a_plan(change))


def test_a_new_meaning_of_all_pipelines_is_told_once_and_only_for_machines_of_an_earlier_one() -> None:
    def compiled(number: int | None) -> dict[str, Any]:
        assign = {} if number is None else {"contract": number}
        return {"StartAt": "_start", "States": {"_start": {"Type": "Pass", "Assign": assign, "End": True}}}

    def changed(before: dict[str, Any], after: dict[str, Any]) -> ResourceChange:
        actual = ActualResource(address=MACHINE, physical_name="x", attributes={"definition": before})
        return replace(wanting(action=Action.UPDATE, definition=after), actual=actual)

    plan = a_plan(
        changed(compiled(None), compiled(2)), changed(compiled(2), compiled(2)), changed(machine(1, a={}), machine(2, a={}))
    )
    (found,) = contract.check(plan)
    assert found.summary == f"machines get contract 2, before 1: every pipeline changes once ({MACHINE.pipeline})"
    assert (found.code, found.severity) == (contract.CODE, Severity.INFO)
    assert found.detail.startswith("New: an output that is absent fails its job")
    assert [one.detail for one in contract.check(a_plan(changed(compiled(2), compiled(3))))] == [""], "nothing is told of it"
    (both,) = contract.check(a_plan(changed(compiled(None), compiled(3))))
    assert both.detail == found.detail
    quiet = (wanting(action=Action.UPDATE, definition=compiled(2)), replace(changed(compiled(None), compiled(2)), desired=None))
    created = replace(changed(compiled(None), compiled(2)), action=Action.REPLACE)
    assert not list(contract.check(a_plan(*quiet, created)))
    five = a_plan(*(changed(compiled(None), compiled(2)) for _ in range(5)))
    assert [one.summary.endswith(f"({', '.join([MACHINE.pipeline] * 5)})") for one in contract.check(five)] == [True]
    six = a_plan(*(changed(compiled(None), compiled(2)) for _ in range(6)))
    (many,) = contract.check(six)
    assert many.summary.endswith(f"({', '.join([MACHINE.pipeline] * 5)} and 1 more)")


def test_values_that_aws_refuses_stop_the_plan_once_a_pipeline() -> None:
    function = wanting(Address("lambda_function", "orders", "a"), tags={"team": "R&D"}, environment={"AWS_REGION": "x"})
    role = wanting(Address("role", "orders"), tags={"team": "R&D"})
    found = list(refused_values.check(a_plan(function, role)))
    assert [(one.code, one.severity) for one in found] == [("BS540", Severity.ERROR)] * 2
    assert {one.subject for one in found} == {str(function.address)}
    assert not list(refused_values.check(a_plan(replace(function, action=Action.ADOPT))))


def test_what_is_beyond_a_limit_that_stands_fast_stops_the_plan() -> None:
    large = wanting(Address("role", "orders"), policy={"a": "x" * 10_240})
    guessed = wanting(Address("role", "orders"), policy={"a": [Reference(MACHINE, "arn")] * 103})
    assert [one.severity for one in quotas.check(a_plan(large))] == [Severity.ERROR]
    assert [one.severity for one in quotas.check(a_plan(guessed))] == [Severity.WARNING]
