"""A list says the same as a tuple: the compiler writes tuples, AWS and the state give lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference
from bunsui.plan.definitions import every_state
from bunsui.plan.digest import after_hash
from bunsui.plan.fan_out import fan_outs
from bunsui.plan.ignore_rules import without
from bunsui.plan.references import as_written, dependencies, may_become
from bunsui.plan.roles.trust import also_trusting
from bunsui.plan.transitions import Transitions, transitions

ROLE = Address("role", "orders")
CALL = {"StartAt": "c", "States": {"c": {"Type": "Task", "Resource": "arn:aws:lambda:eu:1:function:f", "End": True}}}
DEFINITION: Any = {
    "StartAt": "ask",
    "States": {
        "ask": {"Type": "Choice", "Choices": ["bad", {"Next": "side"}, {"Next": "end"}], "Default": "end"},
        "side": {"Type": "Parallel", "Branches": ["bad", CALL, CALL], "Next": "map"},
        "map": {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": {"StartAt": "p", "States": {
            "bad": 3, "p": {"Type": "Parallel", "Branches": [CALL, CALL], "Comment": "x"}}}, "Next": "end"},
        "end": {"Type": "Succeed"},
    },
}  # fmt: skip
TRUST: Any = {"Statement": ["bad", {"Condition": {"ArnLike": {"aws:SourceArn": ["arn:a", "arn:b"]}}}], "Version": "1"}


def in_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_tuples(item) for key, item in value.items()}
    return tuple(in_tuples(item) for item in value) if isinstance(value, list) else value


def a_role(trust: Any) -> DesiredResource:
    return DesiredResource(address=ROLE, physical_name="x", attributes={"trust": trust})


def states(definition: Any) -> list[str]:
    return [name for name, _ in every_state(definition)]


def calls(definition: Any) -> list[tuple[str, str, int]]:
    return [(call.map, call.state, call.at_once) for call in fan_outs(definition)]


def left(definition: Any) -> Any:
    place = IgnoredPlace(attribute="definition", path=("c", "Resource"))
    return as_written(without("state_machine", {"definition": definition}, (place,))["definition"])


def needs(definition: Any) -> tuple[Address, ...]:
    said = {"definition": [definition, [Reference(ROLE, "arn")]]}
    return dependencies(DesiredResource(address=Address("state_machine", "orders"), physical_name="x", attributes=said))


BARE = {"c": {"Type": "Task", "End": True}}
SAME: list[tuple[Callable[[Any], Any], Any]] = [
    (states, ["ask", "side", "c", "c", "map", "p", "c", "c", "end"]),
    (calls, [("map", "c", 2), ("map", "c", 2)]),
    (transitions, Transitions(low=2, high=6, each_item=3)),
    (needs, (ROLE,)),
    (as_written, DEFINITION),
]


@pytest.mark.parametrize(("reads", "expected"), SAME)
def test_a_definition_is_read_alike(reads: Callable[[Any], Any], expected: Any) -> None:
    assert reads(DEFINITION) == reads(in_tuples(DEFINITION)) == expected


def test_places_of_others_are_left_out_of_either() -> None:
    assert left(DEFINITION) == left(in_tuples(DEFINITION))
    assert left(DEFINITION)["States"]["side"]["Branches"] == ["bad", *[{**CALL, "States": BARE}] * 2]
    inner = left(DEFINITION)["States"]["map"]["ItemProcessor"]["States"]
    assert inner == {"bad": 3, "p": {"Type": "Parallel", "Branches": [{**CALL, "States": BARE}] * 2, "Comment": "x"}}


def test_a_value_may_become_what_was_written_of_either() -> None:
    for value in (DEFINITION, in_tuples(DEFINITION)):
        assert may_become(value, DEFINITION) is True
        assert may_become(value, {**DEFINITION, "StartAt": "end"}) is False
        assert may_become([value], [DEFINITION, DEFINITION]) is False
        assert may_become([value], {"0": DEFINITION}) is False
        assert may_become(value, [DEFINITION]) is False
        assert may_become({"a": value}, {"b": DEFINITION}) is False
    assert may_become(Reference(ROLE, "arn"), 3) is False
    assert may_become(3, "3") is False


@pytest.mark.parametrize("written", [lambda value: value, in_tuples])
def test_a_role_goes_on_to_trust_what_it_trusted(written: Callable[[Any], Any]) -> None:
    found: Any = also_trusting(a_role(written(TRUST)), ["arn:m"])
    more = ["arn:a", "arn:b", "arn:m", "arn:m:*", "arn:m/*"]
    assert found.attributes["trust"] == {
        "Statement": ["bad", {"Condition": {"ArnLike": {"aws:SourceArn": more}}}],
        "Version": "1",
    }
    one = {"Statement": [{"Condition": {"ArnLike": {"aws:SourceArn": "arn:a", "x": "y"}, "Bool": {}}, "Effect": "Allow"}]}
    widened: Any = also_trusting(a_role(written(one)), ["arn:m"])
    assert widened.attributes["trust"]["Statement"] == [
        {
            "Condition": {"ArnLike": {"aws:SourceArn": ["arn:a", "arn:m", "arn:m:*", "arn:m/*"], "x": "y"}, "Bool": {}},
            "Effect": "Allow",
        }
    ]
    for role in (a_role(written(TRUST)), a_role("bad"), a_role({"Statement": "bad"}), a_role(None)):
        assert also_trusting(role, []) is role
    for other in (a_role("bad"), a_role({"Statement": "bad"}), a_role({})):
        assert also_trusting(other, ["arn:m"]) is other
    bare = a_role(written({"Statement": [{"Effect": "Allow"}, {"Condition": {"ArnLike": {"aws:SourceArn": 3}}}]}))
    assert as_written(also_trusting(bare, ["arn:m"]).attributes["trust"]) == as_written(bare.attributes["trust"])
    assert after_hash(a_role(TRUST)) == after_hash(a_role(in_tuples(TRUST)))
