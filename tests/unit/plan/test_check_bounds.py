"""Checks of a plan at their bounds: what is counted, what is named and what is only counted, and which severity it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.diagnostics import Severity
from bunsui.diff.model import ResourceDiff
from bunsui.errors import InvalidInput
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.checks import (
    behind,
    cost,
    destructive,
    frozen,
    given_roles,
    in_flight,
    mass_deletion,
    outside_change,
    permissions,
    quotas,
    reserved,
    timeouts,
    unbounded,
    under_way,
    unpinned,
)
from bunsui.plan.definitions import every_state, is_function
from bunsui.plan.fan_out import fan_outs
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Behind, Reason, ResourceChange, Retirement, Risk
from bunsui.plan.order import order_by_needs
from bunsui.plan.risk import risk_of
from bunsui.plan.transitions import Transitions, transitions
from bunsui.ports.ledger import Actor, LockRecord
from tests.unit.plan.test_checks import FUNCTION_ARN, MACHINE, a_plan, machine, summaries, updated, wanting

INVOKE = "arn:aws:states:::lambda:invoke"
YEAR = 365 * 24 * 3600


def there(change: ResourceChange) -> ResourceChange:
    return replace(change, actual=ActualResource(address=change.address, physical_name="x", attributes={}))


def some(kind: str, count: int, action: Action = Action.NO_OP) -> list[ResourceChange]:
    return [there(wanting(Address(kind, f"{kind}{number:03}"), action)) for number in range(count)]


@pytest.mark.parametrize(
    ("kept", "deleted", "is_found"),
    [(0, 3, False), (0, 4, True), (35, 4, True), (36, 4, False), (45, 5, False), (44, 5, True)],
)
def test_three_deletions_or_a_tenth_are_usual(kept: int, deleted: int, is_found: bool) -> None:
    wanted = wanting(Address("role", "new"))
    gone = [replace(one, desired=None) for one in some("log_group", deleted, Action.DELETE)]
    plan = a_plan(wanted, *some("role", kept), *gone)
    found = list(mass_deletion.check(plan))
    assert bool(found) is is_found
    assert all(one.hint == f"In CI this needs  --allow-deletes {deleted}" for one in found)
    assert not list(mass_deletion.check(replace(plan, changes=tuple(gone))))


def test_deletions_are_counted_once_and_those_of_a_moved_pipeline_not_at_all() -> None:
    began, goes_on = Retirement(), Retirement(since=a_plan().as_of)
    retired = replace(wanting(action=Action.RETIRE), retirement=began)
    assert mass_deletion.deletions(a_plan(retired)) == 1
    assert mass_deletion.deletions(a_plan(replace(retired, retirement=goes_on, action=Action.NO_OP))) == 0
    assert mass_deletion.deletions(a_plan(replace(retired, retirement=goes_on, action=Action.DELETE))) == 0
    assert mass_deletion.deletions(a_plan(replace(retired, reason=Reason.MOVED))) == 0
    assert mass_deletion.deletions(a_plan(wanting(action=Action.DELETE))) == 1


def test_what_is_lost_is_told_by_pipeline_the_weightiest_first() -> None:
    losses = [
        wanting(Address("log_group", "logs"), Action.DELETE),
        wanting(Address("log_group", "orders"), Action.DELETE),
        wanting(Address("state_machine", "orders"), Action.REPLACE),
        wanting(Address("role", "orders"), Action.DELETE),
        wanting(Address("log_group", "kept"), Action.RETIRE),
    ]
    found = list(destructive.check(a_plan(*losses)))
    assert [one.subject for one in found] == ["state_machine.orders", "log_group.logs"]
    assert [len(one.summary.split(", ")) > len(found[1].summary.split(", ")) for one in found] == [True, False]
    assert {one.severity for one in found} == {Severity.WARNING}


@pytest.mark.parametrize(
    ("percent", "words"), [(79, None), (80, "so it is nearly full"), (100, "so it is nearly full"), (101, "10,240")]
)
def test_a_size_is_told_from_four_fifths_of_its_limit_on(percent: int, words: str | None) -> None:
    letters = -(-10_240 * percent // 100) - len('{"a":""}')
    found = list(quotas.check(a_plan(wanting(Address("role", "orders"), policy={"a": "x" * letters}))))
    assert bool(found) is (words is not None)
    for one in found:
        assert (words or "") in one.summary
        assert bool(one.hint) is (percent > 100)


@pytest.mark.parametrize(
    ("kind", "tags", "is_found"),
    [("role", 33, False), ("role", 34, True), ("lambda_function", 30, False), ("lambda_function", 31, True)],
)
def test_our_own_tags_count_six_and_of_a_function_nine(kind: str, tags: int, is_found: bool) -> None:
    change = wanting(Address(kind, "orders"), tags={f"t{number}": "x" for number in range(tags)})
    assert bool(list(quotas.check(a_plan(change)))) is is_found
    assert not list(quotas.check(a_plan(replace(change, action=Action.ADOPT))))


@pytest.mark.parametrize("seconds", [900, 901, YEAR, YEAR + 1])
def test_a_timeout_is_too_long_from_one_second_over(seconds: int) -> None:
    tasks = {"a": {"TimeoutSeconds": seconds, "Resource": INVOKE}, "b": {"TimeoutSeconds": True, "Resource": INVOKE}}
    found = list(timeouts.check(a_plan(wanting(definition=machine(seconds, **tasks)))))
    assert [one.summary.partition(" ")[0] for one in found] == ["the"] * (seconds > YEAR) + ["Lambda"] * (seconds > 900)


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (6, " and 1 more")])
def test_five_states_are_named_and_the_others_counted(count: int, more: str) -> None:
    names = [f"s{number}" for number in range(count)]
    definition = machine(None, **{name: {"Resource": FUNCTION_ARN} for name in names})
    listed = f": {', '.join(names[:5])}{more}"
    for check in (unbounded.check, unpinned.check):
        (found,) = check(a_plan(wanting(definition=definition)))
        assert found.summary.endswith(listed)
    slow = machine(None, **{name: {"Resource": INVOKE, "TimeoutSeconds": 901} for name in names})
    (found,) = timeouts.check(a_plan(wanting(definition=slow)))
    assert found.summary.endswith(listed)
    running = replace(a_plan(wanting(action=Action.UPDATE)), running={MACHINE: tuple(names)})
    (found,) = in_flight.check(running)
    assert found.summary.endswith(listed)


def test_a_task_is_bounded_by_any_timeout_of_its_own_or_the_machines() -> None:
    own: dict[str, Any] = {"a": {"TimeoutSeconds": 1}, "b": {"TimeoutSecondsPath": "$.t"}, "c": {}}
    assert [one.summary[-3:] for one in unbounded.check(a_plan(wanting(definition=machine(None, **own))))] == [": c"]
    assert not list(unbounded.check(a_plan(wanting(definition=machine(60, **own)))))
    express = wanting(definition=machine(None, **own), type="EXPRESS")
    assert not list(unbounded.check(a_plan(express)))
    assert not list(unbounded.check(a_plan(wanting(definition={"StartAt": "a", "States": {"a": {"Type": "Pass"}}}))))


@pytest.mark.parametrize(
    ("count", "words"), [(1, "a0 on *"), (3, "a2 on *"), (4, "a2 on * and 1 more"), (5, "a2 on * and 2 more")]
)
def test_three_permissions_are_named_and_the_others_counted(count: int, words: str) -> None:
    allowed = tuple((f"a{number}", "*") for number in range(count))
    (found,) = permissions.check(a_plan(replace(wanting(action=Action.UPDATE), newly_allowed=allowed)))
    assert found.summary.startswith("newly allowed: a0 on *")
    assert found.summary.endswith(words)


@pytest.mark.parametrize("action", [Action.UPDATE, Action.RETIRE, Action.DELETE, Action.REPLACE])
def test_sessions_in_flight_are_ended_by_a_removal_only(action: Action) -> None:
    ends = action in (Action.DELETE, Action.REPLACE)
    for names in (("one",), None):
        (found,) = in_flight.check(replace(a_plan(wanting(action=action)), running={MACHINE: names}))
        assert ("apply ends them" in found.summary) is ends
        assert (found.severity is Severity.WARNING) is ends
        assert bool(found.hint) is ends
    assert not list(in_flight.check(replace(a_plan(wanting(action=action)), running={MACHINE: ()})))


def test_an_outside_change_is_told_as_what_it_was() -> None:
    for reason, word in ((Reason.DRIFT, "changed"), (Reason.DELETED_OUTSIDE, "deleted")):
        (found,) = outside_change.check(a_plan(replace(wanting(action=Action.UPDATE), reason=reason)))
        assert found.summary == f"it was {word} outside bunsui, and apply undoes that"
        assert ("remove it from the YAML" in found.hint) is (word == "deleted")
    assert not list(outside_change.check(a_plan(replace(wanting(action=Action.REFUSE), reason=Reason.DRIFT))))


def test_a_frozen_environment_matters_when_something_changes() -> None:
    assert summaries(frozen.check(replace(a_plan(wanting()), frozen="year end"))) == ["this environment is frozen: year end"]
    assert not list(frozen.check(replace(a_plan(wanting(action=Action.NO_OP)), frozen="year end")))
    assert not list(frozen.check(a_plan(wanting())))


@pytest.mark.parametrize(
    ("known", "words", "severity"),
    [
        (None, "is unknown", Severity.INFO),
        (frozenset(), "does not exist", Severity.WARNING),
        (frozenset({"lambda.amazonaws.com"}), "does not trust states.amazonaws.com", Severity.WARNING),
        (frozenset({"states.amazonaws.com"}), None, None),
    ],
)
def test_a_given_role_must_trust_the_service(
    known: frozenset[str] | None, words: str | None, severity: Severity | None
) -> None:
    arn = "arn:aws:iam::111111111111:role/theirs"
    for action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE):
        plan = replace(a_plan(wanting(action=action, role_arn=arn)), given_roles={arn: known})
        found = list(given_roles.check(plan))
        assert len(found) == (words is not None and action is not Action.DELETE)
        assert all((words or "") in one.summary and one.severity is severity for one in found)


@pytest.mark.parametrize(
    ("most", "words"), [(None, "unknown"), (0, "switches the function off"), (9, "Set max_concurrency to 9"), (10, None)]
)
def test_a_map_may_call_as_often_at_once_as_is_reserved(most: int | None, words: str | None) -> None:
    inner = machine(None, call={"Resource": INVOKE, "Arguments": {"FunctionName": FUNCTION_ARN}})
    definition: Any = {"StartAt": "m", "States": {"m": {"Type": "Map", "MaxConcurrency": 10, "ItemProcessor": inner}}}
    plan = replace(a_plan(wanting(definition=definition)), reserved={FUNCTION_ARN: most})
    found = list(reserved.check(plan))
    assert bool(found) is (words is not None)
    assert all((words or "") in one.summary + one.hint for one in found)
    (call,) = fan_outs(definition)
    assert (call.map, call.state, call.function, call.at_once) == ("m", "call", FUNCTION_ARN, 10)


def test_maps_in_maps_and_branches_multiply_and_what_only_a_run_can_tell_is_left_out() -> None:
    call = machine(None, call={"Resource": FUNCTION_ARN}, other={"Resource": "arn:aws:states:::sns:publish"})

    def around(inner: Any, **more: Any) -> dict[str, Any]:
        return {"StartAt": "m", "States": {"m": {"Type": "Map", "ItemProcessor": inner, **more}}}

    both = {"StartAt": "p", "States": {"p": {"Type": "Parallel", "Branches": [call, call]}}}
    distributed = {**call, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    assert [one.at_once for one in fan_outs(around(around(call, MaxConcurrency=3), MaxConcurrency=4))] == [12]
    assert [one.at_once for one in fan_outs(around(both, MaxConcurrency=4))] == [4, 4]
    assert [one.at_once for one in fan_outs(around(call))] == [40]
    assert [one.at_once for one in fan_outs(around(distributed))] == [10_000]
    assert not list(fan_outs(around(call, MaxConcurrencyPath="$.n")))
    assert not list(fan_outs(around(call, MaxConcurrency="{% $n %}")))
    assert not list(fan_outs(call))
    expression = machine(None, call={"Resource": INVOKE, "Arguments": {"FunctionName": "{% $f %}"}})
    assert not list(fan_outs(around(expression)))


def test_pipelines_that_are_taken_back_are_named_and_the_unknown_ones_once() -> None:
    plan = a_plan(wanting(Address("role", "orders")), wanting())
    (found,) = behind.check(replace(plan, behind={"orders": Behind(commit="abc")}))
    assert found.subject == "state_machine.orders"
    assert found.hint == "Merge or rebase first:  git merge abc"
    (found,) = behind.check(replace(a_plan(wanting(Address("role", "orders"))), behind={"orders": Behind(commit="abc")}))
    assert found.subject == "role.orders"
    for count, words in ((1, "p0 was"), (2, "p0, p1 were"), (3, "p0, p1, p2 were"), (4, "p0, p1, p2 and 1 more were")):
        unknown = {f"p{number}": Behind(commit="abc", unknown="the clone is shallow") for number in range(count)}
        (found,) = behind.check(replace(plan, behind=unknown))
        assert f"contains abc, which {words} applied last from: the clone is shallow" in found.summary
        assert "--unshallow" in found.hint
    (found,) = behind.check(replace(plan, behind={"p": Behind(commit="abc", unknown="no such commit")}))
    assert "--unshallow" not in found.hint


@pytest.mark.parametrize(("seconds", "age"), [(-5, "0 s"), (119, "119 s"), (120, "2 min"), (179, "2 min"), (180, "3 min")])
def test_who_is_under_way_is_told_with_its_age(seconds: int, age: str) -> None:
    moment = a_plan().as_of
    actor = Actor(who="mika", host="ci-1", link="https://ci/1")
    record = LockRecord(id="1", fence=1, version="v", held=True, lease_seconds=60, operation="apply", actor=actor, since=moment)
    found = under_way.finding(record, moment + timedelta(seconds=seconds))
    assert found.summary == f"apply of mika on ci-1 is under way for {age}, or died"
    assert found.detail.endswith("as interrupted here. https://ci/1")
    bare = under_way.finding(replace(record, actor=Actor()), moment)
    assert bare.summary == "apply of somebody is under way for 0 s, or died"
    assert bare.detail.endswith("here.")


def test_a_price_is_told_only_where_the_count_changes_and_something_was_billed() -> None:
    one: Any = {"StartAt": "a", "States": {"a": {"Type": "Pass"}}}
    two: Any = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Pass"}}}
    assert len(updated(one, two)) == len(updated(two, one)) == 1
    assert not updated(one, one)
    assert not updated({}, two)
    change = wanting(action=Action.UPDATE, definition=two, type="EXPRESS")
    actual = ActualResource(address=MACHINE, physical_name="x", attributes={"definition": one})
    assert not list(cost.check(a_plan(replace(change, actual=actual))))
    assert not list(cost.check(a_plan(replace(wanting(definition=two), actual=actual))))


def test_a_run_is_counted_from_its_shortest_to_its_longest_way() -> None:
    states: dict[str, Any] = {
        "pick": {"Type": "Choice", "Choices": [{"Next": "long"}], "Default": "end"},
        "long": {"Type": "Map", "Next": "both", "ItemProcessor": machine(None, a={}, b={}) | {"StartAt": "a"}},
        "both": {"Type": "Parallel", "Branches": [machine(None, x={}), machine(None, y={})], "Next": "end"},
        "end": {"Type": "Wait", "Next": "pick"},
    }
    found = transitions({"StartAt": "pick", "States": states})
    assert found == Transitions(low=2, high=6, each_item=1)
    assert (str(found), str(Transitions(low=2, high=2))) == ("2-6 + 1 an item", "2")
    assert transitions({"StartAt": 3, "States": states}) == transitions("x") == Transitions(low=0, high=0)


def test_every_state_is_walked_and_calls_are_told_apart() -> None:
    inner = {"States": {"bad": 3, "b": {"Type": "Task"}}}
    states: Any = {
        "a": {"Branches": [inner, {"States": {"c": {}}}]},
        "m": {"Iterator": {"States": {"d": {}}}},
        "n": {"ItemProcessor": inner},
    }
    assert [name for name, _ in every_state({"States": states})] == ["a", "b", "c", "m", "d", "n", "b"]
    resources = {INVOKE: True, FUNCTION_ARN: True, f"{INVOKE}.waitForTaskToken": False, "arn:aws:states:::sns:publish": False}
    assert {resource: is_function(resource) for resource in resources} == resources
    assert not is_function(None)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("widened", [False, True])
def test_the_gravest_risk_is_told(action: Action, widened: bool) -> None:
    for reason in (Reason.CONFIGURED, *OUTSIDE_CHANGES):
        outside = Risk.OVERWRITES_OUTSIDE_CHANGE if reason in OUTSIDE_CHANGES else Risk.NONE
        update = max([outside, Risk.WIDENS_PERMISSIONS] if widened else [outside], key=tuple(Risk).index)
        expected = {
            Action.CREATE: Risk.GRANTS_POWER if widened and outside is Risk.NONE else outside,
            Action.UPDATE: update,
            Action.RETIRE: Risk.RETIRES,
            Action.DELETE: Risk.DESTROYS,
            Action.REPLACE: Risk.REPLACES,
        }.get(action, Risk.NONE)
        assert risk_of("role", action, reason, ResourceDiff(), widened=widened, by_sessions=True) is expected


ADDRESSES = [Address("role", name) for name in "abcdef"]


@given(st.lists(st.sampled_from(list(combinations(ADDRESSES, 2))), max_size=12), st.permutations(ADDRESSES))
def test_an_order_keeps_every_need_and_is_the_same_however_it_is_asked(
    pairs: list[tuple[Address, Address]], keys: list[Address]
) -> None:
    rank = {address: number for number, address in enumerate(keys)}
    needs: dict[Address, list[Address]] = {address: [address, Address("role", "elsewhere")] for address in keys}
    for one, other in pairs:
        low, high = sorted((one, other), key=rank.__getitem__)
        needs[high].append(low)
    found = order_by_needs(needs)
    assert sorted(found) == ADDRESSES
    assert all(found.index(need) < found.index(address) for address in keys for need in needs[address][2:])
    assert found == order_by_needs(dict(sorted(needs.items())))
    free = [address for address in ADDRESSES if not needs[address][2:]]
    assert found[0] == free[0]


def test_what_needs_each_other_is_named_and_nothing_else() -> None:
    a, b, c = ADDRESSES[:3]
    with pytest.raises(InvalidInput) as refused:
        order_by_needs({a: [b], b: [a], c: []})
    assert refused.value.facts == {"resources": "role.a, role.b"}
