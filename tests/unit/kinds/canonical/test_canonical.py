from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bunsui.kinds.canonical.definition import canonical_definition, placed_states
from bunsui.kinds.canonical.json import (
    canonical_json,
    canonical_set,
    encoded,
    fingerprint,
    form_fingerprint,
    sharing,
    surely_same,
)
from bunsui.kinds.canonical.policy import canonical_policy
from bunsui.kinds.kind import Attribute, Comparison, canonical
from bunsui.model.address import Address
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value
from tests.unit.kinds.canonical.strategies import DEFINITIONS, JSON, POLICIES, reworded_policy, shuffled_keys

RANDOMS = st.randoms(use_true_random=False)


@given(st.sampled_from(Comparison), JSON | DEFINITIONS | POLICIES)
def test_a_canonical_value_stays_as_it_is(comparison: Comparison, value: Any) -> None:
    attribute = Attribute(name="x", comparison=comparison)
    once = canonical(attribute, value)
    assert encoded(canonical(attribute, once)) == encoded(once)
    assert canonical(attribute, once) == once


@given(st.sampled_from(Comparison), JSON | DEFINITIONS | POLICIES)
def test_a_canonical_value_has_its_fingerprint_without_being_made_canonical_again(comparison: Comparison, value: Any) -> None:
    form = canonical(Attribute(name="x", comparison=comparison), value)
    assert form_fingerprint(form) == fingerprint(form)


@given(JSON, RANDOMS)
def test_key_order_and_whole_floats_do_not_count(value: Any, random: Random) -> None:
    assert fingerprint(shuffled_keys(value, random)) == fingerprint(value)


@given(DEFINITIONS, RANDOMS, st.sampled_from([None, 1, 4]))
def test_a_definition_written_another_way_is_the_same(definition: Any, random: Random, indent: int | None) -> None:
    text = json.dumps(shuffled_keys(definition, random), indent=indent)
    assert canonical_definition(text) == canonical_definition(definition)


@given(POLICIES, RANDOMS)
def test_a_policy_written_another_way_is_the_same(policy: Any, random: Random) -> None:
    assert canonical_policy(reworded_policy(policy, random)) == canonical_policy(policy)


@given(JSON, JSON)
def test_fingerprints_agree_exactly_when_json_does(one: Any, other: Any) -> None:
    same = json.dumps(canonical_json(one), sort_keys=True) == json.dumps(canonical_json(other), sort_keys=True)
    assert (fingerprint(one) == fingerprint(other)) is same


def test_true_is_not_one() -> None:
    assert fingerprint(True) != fingerprint(1)
    assert not surely_same([True], [1])
    assert json.dumps(sharing([True], [1])) == "[true]"


@given(JSON, JSON)
def test_what_is_surely_the_same_means_the_same(one: Any, other: Any) -> None:
    assert surely_same(one, deepcopy(one))
    assert not surely_same(one, other) or encoded(one) == encoded(other)


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_does_not_count_for_what_is_surely_the_same(value: dict[str, Any]) -> None:
    assert surely_same(value, dict(reversed(value.items())))


@given(JSON | DEFINITIONS, JSON | DEFINITIONS, RANDOMS)
def test_a_value_that_shares_parts_of_another_stays_as_it_is(value: Any, other: Any, random: Random) -> None:
    for held in (other, deepcopy(value), shuffled_keys(value, random), {"a": value}, [value, other]):
        assert json.dumps(sharing(value, held)) == json.dumps(value)


@given(JSON | DEFINITIONS)
def test_what_is_the_same_to_the_letter_is_held_once(value: Any) -> None:
    held = deepcopy(value)
    assert sharing(value, held) is held
    shared: Any = sharing({"new": 1, "old": value}, {"new": 2, "old": held})
    assert shared["old"] is held


def test_what_holds_a_reference_shares_the_rest() -> None:
    held: Any = {"a": {"b": [1, 2]}, "c": "arn"}
    value: Any = {"a": {"b": [1, 2]}, "c": Reference(Address("role", "p"), "arn")}
    shared: Any = sharing(value, held)
    assert shared == value
    assert shared["a"] is held["a"]


def test_the_order_of_a_list_counts_and_that_of_a_set_does_not() -> None:
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])
    assert canonical_set(["b", "a", "b"]) == canonical_set(["a", "b"])


def test_leaves_that_are_not_json_have_fingerprints_of_their_own() -> None:
    address = Address("role", "p")
    values: list[Value] = [
        Expression("a"),
        Reference(address, "arn"),
        Reference(address, "version_arn"),
        Unknown(),
        Sensitive("a"),
        Sensitive("b"),
        "a",
        {"text": "a"},
    ]
    assert len({fingerprint(value) for value in values}) == len(values)


def test_the_order_of_error_names_does_not_count_but_that_of_retries_does() -> None:
    def machine(*errors: list[str]) -> Any:
        return {"States": {"A": {"Retry": [{"ErrorEquals": names} for names in errors]}}}

    assert canonical_definition(machine(["b", "a"])) == canonical_definition(machine(["a", "b"]))
    assert canonical_definition(machine(["a"], ["b"])) != canonical_definition(machine(["b"], ["a"]))


def test_an_argument_called_retry_keeps_its_order() -> None:
    machine: Any = {"States": {"A": {"Arguments": {"Retry": [{"ErrorEquals": ["b", "a"]}]}}}}
    assert canonical_definition(machine) == machine


def test_states_are_found_wherever_they_are_nested() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass"}}}
    definition: Any = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [inner, {"States": {"M": {"Type": "Map", "ItemProcessor": {"States": {"X": {}}}}}}],
            },
            "O": {"Type": "Map", "Iterator": {"States": {"Y": {}}}},
        },
    }
    found = {state.name: state.scope for state in placed_states(definition)}
    assert found == {
        "P": (),
        "In": ("P", "Branches", "0"),
        "M": ("P", "Branches", "1"),
        "X": ("P", "Branches", "1", "M", "ItemProcessor"),
        "O": (),
        "Y": ("O", "Iterator"),
    }


def test_an_account_is_the_same_as_its_root_arn() -> None:
    def trust(principal: Any) -> Any:
        return canonical_policy({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}})

    assert trust("111122223333") == trust(["arn:aws:iam::111122223333:root"]) == trust("arn:aws-cn:iam::111122223333:root")
    assert trust("111122223333") != trust("arn:aws:iam::111122223333:role/x")
