"""Which address an object belongs to: none is lost, none is told twice, and what a rename leaves gets a place of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.plan.addressing import Places, by_address, is_leftover, is_leftover_of, leftover, object_of, renamed_apart

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")
MACHINE, LOGS, RULE = (Address(kind, "orders") for kind in ("state_machine", "log_group", "alert_rule"))


def there(address: Address, name: str, group: str = "") -> ActualResource:
    attributes = {"group": group} if address.kind == "schedule" else {}
    return ActualResource(address=address, physical_name=name, attributes=attributes, tags=SCOPE.tags(address))


def wants(address: Address, name: str, group: str = "") -> DesiredResource:
    actual = there(address, name, group)
    return DesiredResource(address=address, physical_name=name, attributes=dict(actual.attributes))


def wrote(address: Address, name: str, group: str = "", needs: tuple[Address, ...] = ()) -> AppliedResource:
    attributes = there(address, name, group).attributes
    return AppliedResource(address=address, physical_name=name, attributes=attributes, depends_on=needs)


ADDRESSES = st.sampled_from([Address("schedule", pipeline, name) for pipeline in ("a", "b") for name in ("daily", "hourly")])
OBJECTS = st.tuples(ADDRESSES, st.sampled_from(["one", "two"]), st.sampled_from(["g", "h", "i"]))


@given(
    found=st.lists(OBJECTS, max_size=8, unique_by=lambda one: one[1:]),
    wanted=st.lists(OBJECTS, max_size=3, unique_by=(lambda one: one[0], lambda one: one[1:])),
    known=st.lists(OBJECTS, max_size=3, unique_by=(lambda one: one[0], lambda one: one[1:])),
)
def test_every_object_has_one_address_the_one_that_wants_it_or_remembers_it_or_its_own(
    found: list[tuple[Address, str, str]], wanted: list[tuple[Address, str, str]], known: list[tuple[Address, str, str]]
) -> None:
    actual = [there(*one) for one in found]
    desired = {one[0]: wants(*one) for one in wanted}
    applied = {one[0]: wrote(*one) for one in known}
    result = by_address(actual, desired, applied)
    assert sorted(map(object_of, result.values())) == sorted(map(object_of, actual))
    assert all(item.address == address for address, item in result.items())
    heirs = {object_of(item): address for address, item in desired.items()}
    memory = {object_of(item): address for address, item in applied.items()}
    tagged = {object_of(item): item.address for item in actual}
    for address, item in result.items():
        named = object_of(item)
        own = heirs.get(named) or memory.get(named) or tagged[named]
        assert address.name.partition("@")[0] == own.name
        assert (address.kind, address.pipeline) == (own.kind, own.pipeline)
        if is_leftover(address):
            assert named not in heirs
            assert is_leftover_of(address, own)
            assert own in result
    assert {address for one, address in heirs.items() if one in tagged} <= set(result)


def test_an_object_is_its_kind_its_name_and_what_it_lies_in_where_names_are_unique_only_there() -> None:
    daily = Address("schedule", "orders", "daily")
    assert object_of(there(daily, "daily", "g")) == ("schedule", "daily", "g")
    assert object_of(replace(there(daily, "daily"), attributes={})) == ("schedule", "daily", "")
    assert object_of(replace(there(MACHINE, "m"), attributes={"group": "g"})) == ("state_machine", "m", "")


@pytest.mark.parametrize(
    ("address", "keeps_data", "is_apart"),
    [
        (MACHINE, True, True),
        (MACHINE, False, False),
        (LOGS, True, True),
        (LOGS, False, False),
        (Address("role", "orders"), True, True),
        (Address("role", "orders"), False, True),
        (Address("lambda_function", "orders", "load"), False, True),
        (RULE, True, False),
        (RULE, False, False),
    ],
)
def test_what_sessions_need_and_what_holds_data_stays_beside_what_gets_its_place(
    address: Address, keeps_data: bool, is_apart: bool
) -> None:
    places = Places(actual={address: there(address, "old")}, applied={address: wrote(address, "old")})
    found = renamed_apart(places, {address: wants(address, "new")}, SCOPE, keeps_data=keeps_data)
    place = leftover(address, "old") if is_apart else address
    assert found.actual == {place: replace(there(address, "old"), address=place)}
    assert found.applied == {place: replace(wrote(address, "old"), address=place)}


@pytest.mark.parametrize(
    "stays",
    [
        there(MACHINE, "new"),
        replace(there(MACHINE, "old"), unreadable="denied"),
        replace(there(MACHINE, "old"), tags={}),
        replace(there(MACHINE, "old"), tags=replace(SCOPE, environment="prod").tags(MACHINE)),
    ],
)
def test_what_keeps_its_name_and_what_is_not_ours_or_not_known_stays_where_it_is(stays: ActualResource) -> None:
    places = Places(actual={MACHINE: stays}, applied={})
    assert renamed_apart(places, {MACHINE: wants(MACHINE, "new")}, SCOPE, keeps_data=True) == places
    assert renamed_apart(Places(actual={}, applied={}), {MACHINE: wants(MACHINE, "new")}, SCOPE, keeps_data=True) == Places(
        actual={}, applied={}
    )


def test_of_several_each_is_looked_at_by_itself_and_needs_follow_to_the_new_places() -> None:
    role, other = Address("role", "orders"), Address("role", "other")
    places = Places(
        actual={
            other: there(other, "kept"),
            RULE: there(RULE, "old"),
            role: there(role, "old"),
            MACHINE: there(MACHINE, "old"),
        },
        applied={MACHINE: wrote(MACHINE, "old", needs=(role, other)), role: wrote(role, "old"), other: wrote(other, "kept")},
    )
    desired = {address: wants(address, "kept" if address == other else "new") for address in (other, RULE, role, MACHINE)}
    found = renamed_apart(places, desired, SCOPE, keeps_data=True)
    machine, apart = leftover(MACHINE, "old"), leftover(role, "old")
    assert set(found.actual) == {other, RULE, apart, machine}
    assert found.applied[machine].depends_on == (apart, other)
    assert found.applied[other] == wrote(other, "kept")


def test_only_what_got_an_address_of_its_own_is_what_another_left() -> None:
    left = leftover(MACHINE, "old")
    assert str(left) == "state_machine.orders.@old"
    assert [is_leftover(one) for one in (left, MACHINE)] == [True, False]
    assert [is_leftover_of(left, one) for one in (MACHINE, LOGS, left)] == [True, False, False]
    assert not is_leftover_of(MACHINE, MACHINE)


def test_what_stays_goes_on_to_need_what_it_needed() -> None:
    function = Address("lambda_function", "orders", "load")
    places = Places(actual={function: there(function, "old")}, applied={MACHINE: wrote(MACHINE, "m", needs=(function,))})
    found = renamed_apart(places, {function: wants(function, "new")}, SCOPE, keeps_data=True)
    assert found.applied == places.applied
