from __future__ import annotations

from typing import Any

import pytest

from bunsui.model.address import Address
from bunsui.model.values import Reference
from bunsui.sessions.applied import differing_jobs

FUNCTION = Reference(Address("lambda_function", "daily", "load.call"), "version_arn")


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}}


def test_what_only_an_apply_knows_fits_anything() -> None:
    ours = machine(load={"Type": "Task", "Arguments": {"FunctionName": FUNCTION}, "Retry": [{"MaxAttempts": 2}]})
    theirs = machine(load={"Type": "Task", "Arguments": {"FunctionName": "arn:…:7"}, "Retry": [{"MaxAttempts": 2}]})
    assert differing_jobs(ours, theirs) == ()


@pytest.mark.parametrize(
    "theirs",
    [
        machine(load={"Type": "Task", "TimeoutSeconds": 61}),
        machine(load={"Type": "Task", "TimeoutSeconds": True}),
        machine(),
    ],
)
def test_a_job_whose_state_differs_or_is_missing_is_named(theirs: dict[str, Any]) -> None:
    assert differing_jobs(machine(load={"Type": "Task", "TimeoutSeconds": 60}), theirs) == ("load",)


def test_states_inside_branches_and_items_are_compared_by_their_own_jobs() -> None:
    def both(seconds: int) -> dict[str, Any]:
        branch = {"StartAt": "a", "States": {"a": {"Type": "Wait", "Seconds": seconds}}}
        items = {"StartAt": "b.item", "States": {"b.item": {"Type": "Wait", "Seconds": seconds}}}
        return machine(**{"_par-1": {"Type": "Parallel", "Branches": [branch]}, "b": {"Type": "Map", "ItemProcessor": items}})

    assert differing_jobs(both(1), both(1)) == ()
    assert differing_jobs(both(1), both(2)) == ("a", "b")


def test_what_stands_between_jobs_is_the_job_without_a_name() -> None:
    assert differing_jobs(machine(_end={"Type": "Pass"}), machine(_end={"Type": "Succeed"})) == ("",)


def test_a_comment_is_no_difference() -> None:
    ours, theirs = machine(load={"Type": "Task"}), machine(load={"Type": "Task", "Comment": "x"})
    assert differing_jobs(ours, theirs) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        ({"States": {"broken": "x", "load": {"Type": "Task"}}}, {"States": {"load": {"Type": "Pass"}}}, ("load",)),
        ({"States": "x"}, {"States": {"load": {"Type": "Pass"}}}, ("load",)),
        ({}, {}, ()),
        ("x", {}, ()),
        (machine(b={"Type": "Task"}), machine(**{"a.guard": {"Type": "Task"}}), ("a", "b")),
        (machine(a={"Type": "Task"}), machine(**{"a": {"Type": "Pass"}, "a.b": {"Type": "Pass"}}), ("a",)),
    ],
)
def test_what_is_no_state_is_left_out(ours: Any, theirs: Any, differ: tuple[str, ...]) -> None:
    assert differing_jobs(ours, theirs) == differ


@pytest.mark.parametrize(
    ("ours", "theirs", "fits"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        ("1", 1, False),
        (None, None, True),
        (None, 0, False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1}, [1], False),
        ([1, 2], (1, 2), True),
        ([1, 2], (2, 1), False),
        ([1], [1, 2], False),
        ([1], 1, False),
        (FUNCTION, {"any": "thing"}, True),
        ({"a": [FUNCTION]}, {"a": ["x"]}, True),
    ],
)
def test_a_value_fits_one_of_the_same_type_and_content(ours: Any, theirs: Any, fits: bool) -> None:
    assert (differing_jobs(machine(load={"Value": ours}), machine(load={"Value": theirs})) == ()) is fits


@pytest.mark.parametrize("key", ["Branches", "ItemProcessor", "Iterator"])
def test_what_is_inside_of_a_state_is_no_part_of_it(key: str) -> None:
    def around(seconds: int) -> dict[str, Any]:
        inner = {"States": {"b": {"Type": "Wait", "Seconds": seconds}}}
        return machine(a={"Type": "Map", key: (inner,) if key == "Branches" else inner})

    assert differing_jobs(around(1), around(2)) == ("b",)
