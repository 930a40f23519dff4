from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.diff.generic import WhenUnknown
from bunsui.diff.model import ChangeOperation, ResourceDiff, Section
from bunsui.diff.resource import diff_resource
from bunsui.kinds.kind import Attribute, Comparison, Kind
from bunsui.kinds.registry import kind
from bunsui.model.address import Address
from bunsui.model.values import Expression, Reference, Sensitive, Unknown
from tests.unit.kinds.canonical.strategies import DEFINITIONS, JSON, POLICIES, SCALARS, reworded_policy, shuffled_keys

RANDOMS = st.randoms(use_true_random=False)
THING = Kind(
    name="thing",
    word="thing",
    title="thing",
    attributes=(
        Attribute(name="json", comparison=Comparison.JSON),
        Attribute(name="set", comparison=Comparison.SET),
        Attribute(name="definition", comparison=Comparison.DEFINITION),
        Attribute(name="policy", comparison=Comparison.POLICY),
        Attribute(name="secret", comparison=Comparison.JSON, sensitive=True),
    ),
    outputs=(),
    name_limit=64,
    rank=0,
    hand_over=lambda actual, tags: (),
)
THINGS = st.fixed_dictionaries(
    {},
    optional={
        "json": JSON,
        "set": st.lists(SCALARS, max_size=4),
        "definition": DEFINITIONS | JSON,
        "policy": POLICIES | JSON,
        "secret": JSON,
    },
)


def diff(before: Any, after: Any, found: Kind = THING, when_unknown: WhenUnknown = WhenUnknown.DIFFERENT) -> ResourceDiff:
    return diff_resource(found, before, after, when_unknown=when_unknown)


def places(found: ResourceDiff) -> list[tuple[Section, str, tuple[str, ...], ChangeOperation]]:
    return [(item.section, item.subject, item.path, item.operation) for item in found.items]


@given(THINGS)
def test_nothing_differs_from_itself(thing: Any) -> None:
    assert diff(thing, thing).is_empty


@given(THINGS, THINGS)
def test_a_difference_is_empty_exactly_when_the_canonical_forms_are_equal(one: Any, other: Any) -> None:
    same = json.dumps(THING.canonical(one), sort_keys=True) == json.dumps(THING.canonical(other), sort_keys=True)
    assert diff(one, other).is_empty is same
    assert diff(other, one).is_empty is same


@given(THINGS, RANDOMS)
def test_another_way_to_write_the_same_is_no_difference(thing: Any, random: Random) -> None:
    other = shuffled_keys(thing, random)
    if isinstance(other.get("set"), list):
        random.shuffle(other["set"])
    if isinstance(other.get("policy"), dict) and "Statement" in other["policy"]:
        other["policy"] = reworded_policy(thing["policy"], random)
    if isinstance(other.get("definition"), dict):
        other["definition"] = json.dumps(other["definition"], indent=2)
    assert diff(thing, other).is_empty


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        return [found for key, item in value.items() for found in _paths(item, (*path, key))]
    if isinstance(value, list) and value:
        return [found for index, item in enumerate(value) for found in _paths(item, (*path, index))]
    return [path]


@given(JSON, st.data())
def test_a_changed_leaf_is_reported_at_its_place_and_alone(value: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_paths(value)))
    holder = {"json": value}
    changed = json.loads(json.dumps(holder))
    here = changed
    for part in ("json", *path)[:-1]:
        here = here[part]
    here[("json", *path)[-1]] = "something else altogether"
    (item,) = diff(holder, changed).items
    assert item.path == tuple(str(part) for part in path)
    assert item.after == "something else altogether"
    assert item.operation is ChangeOperation.CHANGED


@given(DEFINITIONS, st.data())
def test_a_changed_field_of_a_state_is_reported_under_that_state(definition: Any, data: st.DataObject) -> None:
    changed = json.loads(json.dumps(definition))
    name = data.draw(st.sampled_from(sorted(changed["States"])))
    changed["States"][name]["Comment"] = "something else altogether"
    found = diff({"definition": definition}, {"definition": changed})
    assert [item.subject.split(" in ")[0] for item in found.items] == [name]
    assert [item.path for item in found.items] == [("Comment",)]


def test_a_retry_is_reported_down_to_the_number() -> None:
    def machine(attempts: float) -> Any:
        return {"definition": {"StartAt": "A", "States": {"A": {"Retry": [{"ErrorEquals": ["x"], "MaxAttempts": attempts}]}}}}

    found = diff(machine(2.0), machine(5), kind("state_machine"))
    assert places(found) == [(Section.STATE, "A", ("Retry", "0", "MaxAttempts"), ChangeOperation.CHANGED)]
    assert (found.items[0].before, found.items[0].after) == (2, 5)
    assert found.attributes == {"definition"}


def _parallel(name: str, *branches: dict[str, Any], beside: dict[str, Any] | None = None) -> Any:
    return {
        "definition": {
            "StartAt": name,
            "States": {
                name: {
                    "Type": "Parallel",
                    "Branches": [{"StartAt": next(iter(states)), "States": states} for states in branches],
                },
                **(beside or {}),
            },
        }
    }


A, B, C = {"A": {"Type": "Pass"}}, {"B": {"Type": "Pass"}}, {"C": {"Type": "Pass"}}


def test_a_state_that_enters_a_branch_has_moved() -> None:
    found = diff(_parallel("P", A, beside=B), _parallel("P", A, B), kind("state_machine"))
    assert (Section.STATE, "B", (), ChangeOperation.MOVED) in places(found)
    moved = next(item for item in found.items if item.operation is ChangeOperation.MOVED)
    assert (moved.before, moved.after) == ("", "P[1]")
    assert not [item for item in found.items if item.operation is ChangeOperation.ADDED and item.path == ()]


def test_states_stay_when_only_the_parallel_around_them_got_another_name() -> None:
    found = diff(_parallel("P", A, B), _parallel("Q", A, B), kind("state_machine"))
    assert places(found) == [
        (Section.MACHINE, "", ("StartAt",), ChangeOperation.CHANGED),
        (Section.STATE, "Q", (), ChangeOperation.ADDED),
        (Section.STATE, "P", (), ChangeOperation.REMOVED),
    ]


def test_states_stay_when_a_branch_was_put_before_theirs() -> None:
    found = diff(_parallel("P", A, B), _parallel("P", C, A, B), kind("state_machine"))
    assert [item.subject for item in found.items if item.operation is ChangeOperation.MOVED] == []
    assert (Section.STATE, "C", (), ChangeOperation.ADDED) in places(found)


def test_a_state_that_goes_from_branch_to_branch_has_moved() -> None:
    found = diff(_parallel("P", {**A, **C}, B), _parallel("P", A, {**B, **C}), kind("state_machine"))
    assert places(found) == [(Section.STATE, "C", (), ChangeOperation.MOVED)]


def test_states_come_in_the_order_of_the_new_definition_and_removed_ones_last() -> None:
    found = diff(
        {"definition": {"StartAt": "Z", "States": {"M": {"Type": "Pass"}}}},
        {"definition": {"StartAt": "Z", "States": {"Z": {"Type": "Pass"}, "Y": {"Type": "Pass"}, "A": {"Type": "Pass"}}}},
        kind("state_machine"),
    )
    assert [item.subject for item in found.items] == ["Z", "Y", "A", "M"]


def test_a_new_machine_has_its_states_as_additions() -> None:
    found = diff({}, {"definition": {"StartAt": "A", "States": A}, "role_arn": "r"}, kind("state_machine"))
    assert places(found) == [
        (Section.MACHINE, "", ("StartAt",), ChangeOperation.ADDED),
        (Section.STATE, "A", (), ChangeOperation.ADDED),
        (Section.ATTRIBUTE, "role_arn", (), ChangeOperation.CHANGED),
    ]


def test_an_action_added_to_a_statement_is_reported_alone() -> None:
    def role(*actions: str) -> Any:
        return {"policy": {"Statement": [{"Sid": "Read", "Effect": "Allow", "Action": list(actions), "Resource": "*"}]}}

    found = diff(role("s3:GetObject"), role("s3:PutObject", "s3:GetObject"), kind("role"))
    assert places(found) == [(Section.STATEMENT, "Read", ("Action",), ChangeOperation.ADDED)]
    assert found.items[0].after == "s3:PutObject"


def test_a_statement_without_a_sid_is_known_by_its_actions() -> None:
    def role(resource: str) -> Any:
        return {"policy": {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}]}}

    found = diff(role("arn:aws:s3:::a/*"), role("arn:aws:s3:::b/*"), kind("role"))
    assert [(item.subject, item.path, item.before, item.after) for item in found.items] == [
        ("Allow s3:GetObject", ("Resource",), "arn:aws:s3:::a/*", None),
        ("Allow s3:GetObject", ("Resource",), None, "arn:aws:s3:::b/*"),
    ]


LATER = [Unknown(), Reference(Address("role", "p"), "arn")]


@pytest.mark.parametrize("later", LATER, ids=["unknown", "reference"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"json": {"a": "x"}}, lambda later: {"json": {"a": later}}),
        ({"set": ["x", "y"]}, lambda later: {"set": ["y", later]}),
        ({"definition": {"States": {"A": {"R": "x"}}}}, lambda later: {"definition": {"States": {"A": {"R": later}}}}),
        (
            {"policy": {"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "x"}}},
            lambda later: {"policy": {"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": later}}},
        ),
    ],
    ids=["json", "set", "definition", "policy"],
)
def test_what_is_known_after_apply_differs_only_when_told_so(before: Any, after: Any, later: Any) -> None:
    assert diff(before, after(later), when_unknown=WhenUnknown.SAME).is_empty
    items = diff(before, after(later), when_unknown=WhenUnknown.DIFFERENT).items
    assert later in [item.after for item in items]


def test_a_known_difference_beside_an_unknown_one_is_reported() -> None:
    found = diff({"json": {"a": "x", "b": 1}}, {"json": {"a": Unknown(), "b": 2}}, when_unknown=WhenUnknown.SAME)
    assert [item.path for item in found.items] == [("b",)]


def test_expressions_are_compared_by_their_text() -> None:
    assert diff({"json": Expression("a")}, {"json": Expression("a")}).is_empty
    (item,) = diff({"json": {"x": Expression("a")}}, {"json": {"x": Expression("b")}}).items
    assert (item.path, item.before, item.after) == (("x",), Expression("a"), Expression("b"))


def test_values_of_a_sensitive_attribute_are_hidden() -> None:
    (item,) = diff({"secret": "old"}, {"secret": "new"}).items
    assert (item.before, item.after) == (Sensitive("old"), Sensitive("new"))
    assert "new" not in repr(item)


def test_keys_that_begin_with_underscores_are_seen() -> None:
    (item,) = diff({"json": {"__a": 1}}, {"json": {"__a": 2}}).items
    assert item.path == ("__a",)


def test_true_in_a_list_is_not_one() -> None:
    (item,) = diff({"json": [True, 2]}, {"json": [1, 2]}).items
    assert item.path == ("0",)
    assert item.before is True


def test_two_states_of_one_name_do_not_hide_each_other() -> None:
    def machine(first: int, second: int) -> Any:
        return _parallel("P", {"X": {"N": first}}, {"X": {"N": second}})

    found = diff(machine(1, 1), machine(1, 2), kind("state_machine"))
    assert [(item.subject, item.path) for item in found.items] == [("X in P/Branches/1", ("N",))]


@pytest.mark.parametrize(
    ("actions", "named"),
    [
        (["a:B"], "Allow a:B"),
        (["a:B", "a:C", "a:D"], "Allow a:B, a:C, a:D"),
        (["a:B", "a:C", "a:D", "a:E"], "Allow a:B, a:C and 2 more"),
    ],
)
def test_a_statement_is_called_by_its_first_actions(actions: list[str], named: str) -> None:
    found = diff({}, {"policy": {"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}}, kind("role"))
    assert [item.subject for item in found.items] == [named]


def noting(comment: str, function: str = "f:1") -> dict[str, Any]:
    states = {
        "_start": {"Type": "Pass", "Comment": comment, "Next": "a"},
        "a": {"Type": "Task", "Resource": function, "End": True},
    }
    return {"definition": {"StartAt": "_start", "States": states}}


def test_what_a_machine_notes_of_its_jobs_is_told_only_where_nothing_else_says_why() -> None:
    code = diff(noting("one"), noting("two", "f:2"))
    assert [(item.subject, item.path) for item in code.items] == [("a", ("Resource",))]
    alone = diff(noting("one"), noting("two"))
    assert [(item.subject, item.path) for item in alone.items] == [("_start", ("Comment",))]
