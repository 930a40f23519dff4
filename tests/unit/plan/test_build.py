"""Whole plans: order, references, removals, partial plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.diagnostics import Acceptance
from bunsui.document.rules import FindingRule, Level, Rules
from bunsui.errors import InvalidInput
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference, Unknown, Value, leaves
from bunsui.plan.addressing import leftover
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Action, Plan, Reason
from bunsui.plan.order import order_by_needs
from bunsui.plan.partial import can_apply

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")


def wants(pipeline: str, *, size: int = 128) -> tuple[DesiredResource, ...]:
    """A pipeline of three resources, each needing the one before."""
    role, function, machine = (Address(kind, pipeline) for kind in ("role", "lambda_function", "state_machine"))

    def one(address: Address, **attributes: Value) -> DesiredResource:
        return DesiredResource(address=address, physical_name=f"sales--dev--{pipeline}", attributes={"tags": {}, **attributes})

    definition: Value = {
        "StartAt": "a",
        "States": {"a": {"Type": "Task", "TimeoutSeconds": 5, "Resource": Reference(function, "version_arn")}},
    }
    return (
        one(machine, definition=definition, role_arn=Reference(role, "arn")),
        one(function, memory_mb=size, role_arn=Reference(role, "arn")),
        one(role, path="/"),
    )


def exists(item: DesiredResource, version: str = "1") -> ActualResource:
    arn = f"arn:{item.address}"
    values = {"arn": arn, "version_arn": f"{arn}:{version}"}
    attributes = {
        name: value if not isinstance(value, Reference) else f"arn:{value.address}" for name, value in item.attributes.items()
    }
    if item.address.kind == "state_machine":
        target = f"arn:lambda_function.{item.address.pipeline}:{version}"
        attributes["definition"] = {"StartAt": "a", "States": {"a": {"Type": "Task", "TimeoutSeconds": 5, "Resource": target}}}
    return ActualResource(
        address=item.address,
        physical_name=item.physical_name,
        attributes=attributes,  # type: ignore[arg-type]
        outputs=values,
        tags=SCOPE.tags(item.address),
        revision="1",
    )


def remembers(actual: ActualResource, desired: DesiredResource) -> AppliedResource:
    needs = {leaf.address for leaf in leaves(desired.attributes) if isinstance(leaf, Reference)}
    return AppliedResource(
        address=actual.address,
        physical_name=actual.physical_name,
        attributes=actual.attributes,
        outputs=actual.outputs,
        revision=actual.revision,
        depends_on=tuple(sorted(needs)),
    )


def plan(
    desired: tuple[DesiredResource, ...],
    deployed: tuple[DesiredResource, ...] = (),
    *,
    select: frozenset[str] | None = None,
    forgotten: bool = False,
    at_once: bool = True,
) -> Plan:
    actual = tuple(exists(item) for item in deployed)
    applied = {item.address: remembers(exists(item), item) for item in deployed} if not forgotten else {}
    return build_plan(
        Facts(
            scope=SCOPE,
            as_of=datetime(2026, 1, 1, tzinfo=UTC),
            desired=desired,
            actual=actual,
            applied=applied,
            select=select,
            at_once=at_once,
        )
    )


def actions(value: Plan) -> dict[str, Action]:
    return {change.address.kind: change.action for change in value.changes}


def test_creates_come_after_what_they_need() -> None:
    value = plan(wants("orders"))
    assert [change.address.kind for change in value.changes] == ["role", "lambda_function", "state_machine"]
    assert all(change.action is Action.CREATE for change in value.changes)


def test_what_is_as_the_repository_says_is_in_sync() -> None:
    value = plan(wants("orders"), wants("orders"))
    assert set(actions(value).values()) == {Action.NO_OP}
    assert not can_apply(value)


def test_a_changed_function_changes_the_machine_that_names_its_version() -> None:
    value = plan(wants("orders", size=512), wants("orders"))
    assert actions(value) == {"role": Action.NO_OP, "lambda_function": Action.UPDATE, "state_machine": Action.UPDATE}
    machine = next(change for change in value.changes if change.address.kind == "state_machine")
    assert any(isinstance(leaf, Unknown) for item in machine.diff.items for leaf in leaves(item.after))


def test_removals_go_in_the_reverse_order() -> None:
    for forgotten in (False, True):
        value = plan((), wants("orders"), forgotten=forgotten)
        assert [change.address.kind for change in value.changes] == ["state_machine", "lambda_function", "role"]
        assert all(change.action is Action.DELETE for change in value.changes)


def test_a_function_is_removed_after_the_machine_let_go_of_it() -> None:
    machine, _, role = wants("orders")
    lonely = replace(
        machine, attributes={**machine.attributes, "definition": {"StartAt": "w", "States": {"w": {"Type": "Wait"}}}}
    )
    value = plan((lonely, role), wants("orders"))
    assert [(change.address.kind, change.action) for change in value.changes][-2:] == [
        ("state_machine", Action.UPDATE),
        ("lambda_function", Action.DELETE),
    ]


@pytest.mark.parametrize("still_used", [True, False])
def test_what_is_left_beside_its_successor_goes_after_all_who_used_it_have_moved(still_used: bool) -> None:
    machine, function, role = wants("orders")
    alone: Value = {"StartAt": "w", "States": {"w": {"Type": "Wait"}}}
    moves = machine if still_used else replace(machine, attributes={**machine.attributes, "definition": alone})
    facts = Facts(
        scope=SCOPE,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        desired=(moves, replace(function, physical_name="new"), role),
        actual=tuple(exists(item) for item in wants("orders")),
        applied={item.address: remembers(exists(item), item) for item in wants("orders")},
    )
    old = leftover(function.address, function.physical_name)
    changes = {change.address: change for change in build_plan(facts).changes}
    assert (changes[old].action, changes[old].depends_on) == (Action.RETIRE, (machine.address,))
    assert old not in changes[role.address].depends_on


def test_what_sessions_may_need_is_retired_before_it_goes() -> None:
    for forgotten in (False, True):
        value = plan((), wants("orders"), forgotten=forgotten, at_once=False)
        assert actions(value) == {"role": Action.NO_OP, "lambda_function": Action.NO_OP, "state_machine": Action.RETIRE}


def test_a_partial_plan_leaves_other_pipelines_alone() -> None:
    deployed = (*wants("orders"), *wants("gone"))
    value = plan((*wants("orders", size=512), *wants("new")), deployed, select=frozenset({"orders"}))
    assert {change.address.pipeline for change in value.changes} == {"orders"}
    assert not value.complete


def test_a_pipeline_renamed_under_a_kept_resource_name_moves_and_loses_nothing() -> None:
    moved = tuple(replace(item, physical_name="sales--dev--orders") for item in wants("sales"))
    value = plan(moved, wants("orders"))
    assert {change.action for change in value.changes if change.address.pipeline == "orders"} == {Action.FORGET}
    forgotten = next(change for change in value.changes if change.address == Address("state_machine", "orders"))
    assert Address("state_machine", "sales") in forgotten.depends_on
    assert not any(change.action in (Action.DELETE, Action.CREATE, Action.REFUSE) for change in value.changes)


def test_what_was_taken_over_goes_with_its_new_pipeline() -> None:
    """Its tags still name the old one."""
    role = wants("sales")[2]
    tagged = exists(wants("orders")[2])
    facts = Facts(
        scope=SCOPE,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        desired=(),
        actual=(tagged,),
        applied={role.address: replace(remembers(tagged, role), address=role.address)},
        select=frozenset({"sales"}),
    )
    assert [(change.address, change.action) for change in build_plan(facts).changes] == [(role.address, Action.DELETE)]


def test_the_leftover_of_a_rename_that_died_is_removed() -> None:
    role = wants("orders")[2]
    old = replace(exists(role), physical_name="old-name")
    value = build_plan(
        Facts(
            scope=SCOPE,
            as_of=datetime(2026, 1, 1, tzinfo=UTC),
            desired=(role,),
            actual=(old, exists(role)),
            applied={role.address: remembers(exists(role), role)},
        )
    )
    assert [(change.physical_name, change.action, change.reason) for change in value.pending] == [
        ("old-name", Action.DELETE, Reason.UNKNOWN_ORIGIN)
    ]


def schedule_of(pipeline: str) -> DesiredResource:
    """A schedule: its name is unique in its group only."""
    attributes: dict[str, Value] = {"group": f"sales--dev--{pipeline}", "expression": "rate(1 day)"}
    return DesiredResource(address=Address("schedule", pipeline, "daily"), physical_name="daily", attributes=attributes)


def test_schedules_of_one_name_in_several_groups_are_several() -> None:
    both = (schedule_of("orders"), schedule_of("refunds"))
    assert not plan(both, both).pending
    assert not plan(both, both, forgotten=True).refused


def test_a_removed_schedule_is_not_taken_for_that_of_another_pipeline() -> None:
    value = plan((schedule_of("orders"),), (schedule_of("orders"), schedule_of("refunds")))
    [removed] = value.pending
    assert (str(removed.address), removed.action) == ("schedule.refunds.daily", Action.DELETE)


def test_a_circle_is_named() -> None:
    one, other = Address("role", "a"), Address("role", "b")
    with pytest.raises(InvalidInput) as caught:
        order_by_needs({one: (other,), other: (one,)})
    assert caught.value.facts["resources"] == "role.a, role.b"


def test_findings_obey_the_rules_of_the_project() -> None:
    deployed = wants("orders")
    facts = Facts(
        scope=SCOPE,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        desired=(),
        actual=tuple(exists(item) for item in deployed),
        applied={item.address: remembers(exists(item), item) for item in deployed},
        at_once=True,
    )
    assert [found.code for found in build_plan(facts).diagnostics] == ["BS501"]
    rule = FindingRule(code="BS501", level=Level.ACCEPT, reason="it was a trial")
    accepted = build_plan(replace(facts, rules=Rules(of_project=(rule,)))).diagnostics
    assert [found.accepted for found in accepted] == [Acceptance(reason="it was a trial")]
    strict = build_plan(replace(facts, rules=Rules(of_project=(FindingRule(code="BS501", level=Level.ERROR),))))
    assert not can_apply(strict)
