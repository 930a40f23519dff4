"""Laws of a plan's parts: each change is looked at by itself, and what belongs to others is written back as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bunsui.diagnostics import Diagnostic
from bunsui.diff.model import DiffItem
from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.registry import builtin_registry
from bunsui.plan.addressing import is_leftover, is_leftover_of, leftover
from bunsui.plan.checks import cost, given_roles, in_flight, prevented, timeouts, unbounded, unpinned
from bunsui.plan.checks.account import reserved
from bunsui.plan.digest import desired_digest
from bunsui.plan.ignore_rules import with_ignored_places as held
from bunsui.plan.ignore_rules import without
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.plan.partial import forbidden
from bunsui.plan.retirement import RetirementPolicy, in_two_steps
from bunsui.plan.roles.trust import also_trusting
from bunsui.plan.three_way import _overlap
from bunsui.project.closure import closed, started
from tests.unit.plan.test_check_bounds import there
from tests.unit.plan.test_checks import FUNCTION_ARN, MACHINE, a_plan, machine, wanting

TWO = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Pass"}}}
ROLE_ARN = "arn:aws:iam::111111111111:role/theirs"


def plain(number: int, **changes: Any) -> ResourceChange:
    return replace(wanting(Address("state_machine", f"other{number}"), Action.UPDATE, definition=TWO), **changes)


def quiet() -> list[ResourceChange]:
    """Return changes that no check has anything to say of."""
    express = wanting(Address("state_machine", "express"), definition=machine(None, a={"TimeoutSeconds": 1}), type="EXPRESS")
    return [
        plain(0, action=Action.NO_OP),
        plain(1, action=Action.DELETE, desired=None),
        plain(2),
        replace(express, action=Action.UPDATE),
        wanting(Address("role", "orders"), Action.UPDATE, path="/"),
        wanting(Address("state_machine", "bare"), Action.UPDATE),
        wanting(Address("state_machine", "text"), Action.UPDATE, definition="x", role_arn="arn:unknown"),
    ]


LOUD = wanting(
    action=Action.UPDATE,
    definition={
        "StartAt": "a",
        "States": {
            "a": {"Type": "Task", "Resource": FUNCTION_ARN, "TimeoutSeconds": 901, "Next": "b"},
            "b": {"Type": "Task", "Resource": FUNCTION_ARN, "Next": "m"},
            "m": {"Type": "Map", "MaxConcurrency": 9, "ItemProcessor": machine(None, c={"Resource": FUNCTION_ARN})},
        },
    },
    role_arn=ROLE_ARN,
)


CHECKS = (cost.check, given_roles.check, in_flight.check, reserved.check, timeouts.check, unbounded.check, unpinned.check)


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_looks_at_each_change_by_itself(check: Callable[[Plan], Iterable[Diagnostic]]) -> None:

    before = replace(there(LOUD), actual=replace(there(LOUD).actual, attributes={"definition": TWO}))  # type: ignore[type-var]
    looked_up: dict[str, Any] = {
        "running": {MACHINE: ("one",), Address("state_machine", "other2"): ()},
        "reserved": {FUNCTION_ARN: 3},
        "given_roles": {ROLE_ARN: frozenset()},
    }
    (alone,) = check(replace(a_plan(before), **looked_up))
    assert list(check(replace(a_plan(*quiet(), before), **looked_up))) == [alone]
    assert list(check(replace(a_plan(before, *quiet()), **looked_up))) == [alone]
    assert not list(check(replace(a_plan(*quiet()), **looked_up)))


OURS: dict[str, Any] = {"tags": {"team": "data"}, "definition": TWO}
TAG, STATE, FIELD = (
    IgnoredPlace(attribute="tags", path=("cost",)),
    IgnoredPlace(attribute="definition", path=("b",)),
    IgnoredPlace(attribute="definition", path=("b", "Comment")),
)


def test_what_belongs_to_others_is_as_they_have_it() -> None:
    theirs: dict[str, Any] = {
        "tags": {"team": "x", "cost": "7"},
        "definition": {"StartAt": "a", "States": {"b": {"Type": "Pass", "Comment": "theirs"}}},
    }
    kept = held("state_machine", OURS, theirs, (TAG, FIELD))
    assert kept["tags"] == {"team": "data", "cost": "7"}
    definition: Any = kept["definition"]
    assert definition["States"]["b"] == {"Type": "Pass", "Comment": "theirs"}
    assert definition["States"]["a"] == TWO["States"]["a"]  # type: ignore[index]
    for places in ((TAG, STATE), (TAG, FIELD), (STATE,), (FIELD, STATE)):
        assert held("state_machine", OURS, {}, places) == OURS
    gone = without("state_machine", kept, (TAG, FIELD))
    assert gone["tags"] == {"team": "data"}
    assert gone == without("state_machine", OURS, (TAG, FIELD))
    deep = IgnoredPlace(attribute="logging", path=("a", "b"))
    assert held("state_machine", {"logging": {}}, {"logging": {}}, (deep,)) == {"logging": {}}
    assert held("state_machine", {"logging": {}}, {"logging": {"a": {"b": 1}}}, (deep,)) == {"logging": {"a": {"b": 1}}}
    assert held("state_machine", {"logging": {"a": {"b": 1, "c": 2}}}, {}, (deep,)) == {"logging": {"a": {"c": 2}}}


def test_a_place_overlaps_what_lies_in_it_and_what_it_lies_in() -> None:
    def at(*path: str, attribute: str = "tags") -> DiffItem:
        return SimpleNamespace(section="", attribute=attribute, subject="", path=path)  # type: ignore[return-value]

    assert _overlap(at("a"), at("a", "b"))
    assert _overlap(at("a", "b"), at("a"))
    assert _overlap(at(), at("a"))
    assert not _overlap(at("a", "b"), at("a", "c"))
    assert not _overlap(at("a"), at("a", attribute="path"))


def test_a_refusal_tells_why_of_the_first_resource() -> None:
    first, second = (
        replace(wanting(Address("role", "orders", name), Action.REFUSE), reason=reason, note=name)
        for name, reason in (("a", Reason.UNREADABLE), ("b", Reason.NOT_OURS))
    )
    assert (forbidden(a_plan(first, second))["orders"].hint, forbidden(a_plan(second, first))["orders"].hint) == ("a", "b")


def starts(name: str) -> Operation:
    return Operation(id=name, type="pipeline", params=SimpleNamespace(pipeline=name))


def test_a_partial_plan_needs_all_that_its_pipelines_start() -> None:
    def pipeline(name: str, *others: str) -> Pipeline:
        return Pipeline(name=name, path="p", jobs=tuple(Job(name=other, operations=(starts(other),)) for other in others))

    known = {one.name: one for one in (pipeline("a", "b", "gone"), pipeline("b", "c"), pipeline("c", "a"), pipeline("d"))}
    registry = builtin_registry()
    assert started(known["a"], registry) == {"b", "gone"}
    assert closed(["a"], known, registry) == {"a", "b", "c"}
    assert closed(["d", "x"], known, registry) == {"d"}


def test_a_leftover_lies_beside_the_address_that_it_had() -> None:
    address = Address("role", "orders", "load")
    found = leftover(address, "old-name")
    assert (str(found), is_leftover(found), is_leftover(address)) == ("role.orders.load@old-name", True, False)
    assert is_leftover_of(found, address)
    assert not is_leftover_of(address, address)
    assert not is_leftover_of(found, Address("role", "orders"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"ArnLike": {"aws:SourceArn": "arn:a"}}, ["arn:a", "arn:old", "arn:old:*", "arn:old/*"]),
        ({"ArnLike": {"aws:SourceArn": ["arn:a"]}}, ["arn:a", "arn:old", "arn:old:*", "arn:old/*"]),
        ({"ArnLike": {"aws:Other": "x"}}, None),
        ({"ArnLike": "x"}, None),
        ({"StringEquals": {}}, None),
        ("x", None),
    ],
)
def test_a_role_trusts_a_renamed_machine_too_where_it_names_machines(condition: Any, expected: list[str] | None) -> None:
    statement = {"Effect": "Allow", "Condition": condition}
    role = wanting(Address("role", "orders"), trust={"Statement": [statement]}).desired
    assert role is not None
    trust: Any = also_trusting(role, ["arn:old"]).attributes["trust"]
    (found,) = trust["Statement"]
    assert found == statement if expected is None else found["Condition"]["ArnLike"]["aws:SourceArn"] == expected
    assert also_trusting(role, []) is role
    bare = replace(role, attributes={"trust": "x"})
    assert also_trusting(bare, ["arn:old"]) is bare


def test_what_is_wanted_says_nothing_of_what_goes() -> None:
    going = replace(wanting(Address("role", "old"), Action.DELETE), desired=None)
    assert desired_digest(a_plan(LOUD, going)) == desired_digest(a_plan(going, LOUD)) == desired_digest(a_plan(LOUD))
    assert desired_digest(a_plan(LOUD)) != desired_digest(a_plan())


@pytest.mark.parametrize("around", ["Branches", "ItemProcessor", "Iterator"])
def test_a_state_of_others_is_found_however_deep_it_lies(around: str) -> None:
    def nested(seconds: int) -> dict[str, Any]:
        scope = {"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": seconds}}}
        return {"definition": {"StartAt": "a", "States": {"a": {around: [scope] if around == "Branches" else scope}}}}

    place = IgnoredPlace(attribute="definition", path=("w", "Seconds"))
    assert held("state_machine", nested(1), nested(2), (place,)) == nested(2)
    assert without("state_machine", nested(1), (place,)) == without("state_machine", nested(2), (place,)) != nested(1)


def test_only_what_is_protected_is_told_as_protected() -> None:
    refused = [
        replace(wanting(Address("state_machine", name), Action.REFUSE), reason=reason)
        for name, reason in (("a", Reason.NOT_OURS), ("b", Reason.PREVENTED))
    ]
    (found,) = prevented.check(a_plan(*refused))
    assert (found.subject, found.is_error) == ("state_machine.b", True)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.UPDATE, "they go on with the version and the code that they started with"),
        (Action.RETIRE, "they go on, and the machine stays until they have ended"),
    ],
)
def test_sessions_that_go_on_are_told_with_what(action: Action, words: str) -> None:
    (found,) = in_flight.check(replace(a_plan(wanting(action=action)), running={MACHINE: ("one",)}))
    assert found.summary == f"sessions in flight, {words}: one"


@pytest.mark.parametrize(
    ("machine_change", "action"),
    [
        (plain(0, address=MACHINE), Action.RETIRE),
        (there(plain(0, address=MACHINE, desired=None)), Action.RETIRE),
        (plain(0, address=MACHINE, desired=None), Action.DELETE),
        (plain(0), Action.DELETE),
    ],
)
def test_a_function_waits_for_sessions_where_its_machine_is_or_will_be(machine_change: ResourceChange, action: Action) -> None:
    left = replace(there(wanting(Address("lambda_function", "orders", "load"), Action.DELETE)), desired=None)
    changes = {one.address: one for one in (left, machine_change)}
    policy = RetirementPolicy(as_of=a_plan().as_of, holds={}, moved={})
    assert in_two_steps(changes, {}, policy)[left.address].action is action


def test_of_a_definition_every_place_of_others_is_kept_not_only_the_last() -> None:
    def waits(**seconds: int) -> dict[str, Any]:
        states = {name: {"Type": "Wait", "Seconds": value} for name, value in seconds.items()}
        return {"definition": {"StartAt": "a", "States": states}}

    places = [IgnoredPlace(attribute="definition", path=(name, "Seconds")) for name in ("a", "b")]
    assert held("state_machine", waits(a=1, b=1, c=1), waits(a=2, b=2, c=2), places) == waits(a=2, b=2, c=1)
