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
