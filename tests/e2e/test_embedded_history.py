"""Histories of the embedded AWS: what happens inside Parallel and Map is told as AWS tells it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.test_embedded import finished, make_machine
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded


def branch(*states: tuple[str, Mapping[str, object]]) -> dict[str, object]:
    """Chain the states; the last one ends the branch."""
    chained: dict[str, object] = {}
    for number, (name, state) in enumerate(states):
        last = number == len(states) - 1
        following = {} if state["Type"] == "Fail" else {"End": True} if last else {"Next": states[number + 1][0]}
        chained[name] = {**state, **following}
    return {"StartAt": states[0][0], "States": chained}


def run(account: EmbeddedAccount, definition: Mapping[str, object]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run a JSONata definition; give the execution and its events."""
    machine = make_machine(account, f"m{time.monotonic_ns()}", {"QueryLanguage": "JSONata", **definition})
    execution = finished(account, machine["stateMachineArn"])
    pages = account.client("stepfunctions").get_paginator("get_execution_history")
    events = [event for page in pages.paginate(executionArn=execution["executionArn"]) for event in page["events"]]
    return execution, events


def path_of(events: list[dict[str, Any]], event: dict[str, Any]) -> list[str]:
    """Return the types from the beginning to the event, by the chain of previous ids."""
    by_id = {each["id"]: each for each in events}
    path = []
    while event["previousEventId"]:
        path.append(event["type"])
        event = by_id[event["previousEventId"]]
    return [event["type"], *path[::-1]]


PASS = {"Type": "Pass"}


def test_states_inside_a_parallel_are_told_and_chained(embedded_account: EmbeddedAccount) -> None:
    parallel = {"Type": "Parallel", "Branches": [branch(("a", PASS), ("b", PASS)), branch(("c", PASS))]}
    execution, events = run(embedded_account, branch(("both", parallel), ("after", PASS)))

    assert execution["status"] == "SUCCEEDED"
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    exited = {event["stateExitedEventDetails"]["name"]: event for event in events if "stateExitedEventDetails" in event}
    assert set(exited) == {"a", "b", "c", "both", "after"}
    # The first state follows event 0, not the event that tells of the start, as on AWS.
    begin = ["ParallelStateEntered", "ParallelStateStarted"]
    passed = ["PassStateEntered", "PassStateExited"]
    assert path_of(events, exited["b"]) == begin + passed + passed
    assert path_of(events, exited["c"]) == begin + passed
    assert [event["type"] for event in events][-5:] == [
        "ParallelStateSucceeded",
        "ParallelStateExited",
        *passed,
        "ExecutionSucceeded",
    ]


def test_iterations_of_a_map_are_told_with_their_index(embedded_account: EmbeddedAccount) -> None:
    each = {"Type": "Map", "Items": [10, 20, 30], "ItemProcessor": branch(("item", PASS)), "MaxConcurrency": 2}
    execution, events = run(embedded_account, branch(("each", each)))

    started = [event["mapIterationStartedEventDetails"] for event in events if event["type"] == "MapIterationStarted"]
    assert json.loads(execution["output"]) == [10, 20, 30]
    assert sorted(details["index"] for details in started) == [0, 1, 2]
    assert {details["name"] for details in started} == {"each"}
    assert [event["mapStateStartedEventDetails"] for event in events if event["type"] == "MapStateStarted"] == [{"length": 3}]
    assert [event["type"] for event in events].count("MapIterationSucceeded") == 3


def test_a_parallel_inside_a_map_is_no_iteration(embedded_account: EmbeddedAccount) -> None:
    both = {"Type": "Parallel", "Branches": [branch(("a", PASS)), branch(("b", PASS))]}
    each = {"Type": "Map", "Items": [1, 2], "ItemProcessor": branch(("both", both))}
    _, events = run(embedded_account, branch(("each", each)))

    types = [event["type"] for event in events]
    assert types.count("MapIterationStarted") == 2
    assert types.count("ParallelStateSucceeded") == 2
    assert types.count("PassStateExited") == 4


def test_a_failed_branch_ends_the_others_with_its_own_error(embedded_account: EmbeddedAccount) -> None:
    slow = [(f"wait-{number}", {"Type": "Wait", "Seconds": 1}) for number in range(8)]
    failing = ("fail", {"Type": "Fail", "Error": "TooFew", "Cause": "no rows"})
    parallel = {"Type": "Parallel", "Branches": [branch(*slow), branch(("first", PASS), failing)]}
    execution, events = run(embedded_account, branch(("both", parallel)))

    assert sum(event["type"] == "WaitStateExited" for event in events) < len(slow)
    assert (execution["status"], execution["error"], execution["cause"]) == ("FAILED", "TooFew", "no rows")
    assert [event["type"] for event in events][-2:] == ["ParallelStateFailed", "ExecutionFailed"]


def test_a_failed_iteration_is_told(embedded_account: EmbeddedAccount) -> None:
    each = {"Type": "Map", "Items": [1], "ItemProcessor": branch(("no", {"Type": "Fail", "Error": "E"}))}
    execution, events = run(embedded_account, branch(("each", each)))

    assert execution["error"] == "E"
    assert [event["type"] for event in events][-4:] == [
        "FailStateEntered",
        "MapIterationFailed",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_branches_keep_their_variables_to_themselves(embedded_account: EmbeddedAccount) -> None:
    def remembers(name: str) -> dict[str, object]:
        first = {"Type": "Pass", "Assign": {"mine": name}}
        return branch(
            (f"{name}-1", first),
            (f"{name}-2", {"Type": "Wait", "Seconds": 1}),
            (f"{name}-3", {**PASS, "Output": "{% $mine %}"}),
        )

    parallel = {"Type": "Parallel", "Branches": [remembers("x"), remembers("y")]}
    execution, _ = run(embedded_account, branch(("both", parallel)))

    assert json.loads(execution["output"]) == ["x", "y"]


def test_arguments_output_and_assign_of_a_parallel_are_applied(embedded_account: EmbeddedAccount) -> None:
    parallel = {
        "Type": "Parallel",
        "Arguments": {"n": 5},
        "Branches": [branch(("a", {**PASS, "Output": "{% $states.input.n + 1 %}"}))],
        "Output": {"first": "{% $states.result[0] %}"},
        "Assign": {"kept": "{% $states.result[0] * 2 %}"},
    }
    last = {"Type": "Pass", "Output": {"in": "{% $states.input %}", "kept": "{% $kept %}"}}
    execution, _ = run(embedded_account, branch(("both", parallel), ("last", last)))

    assert json.loads(execution["output"]) == {"in": {"first": 6}, "kept": 12}


def test_a_caught_parallel_goes_on(embedded_account: EmbeddedAccount) -> None:
    catch = [{"ErrorEquals": ["E"], "Next": "caught", "Output": {"error": "{% $states.errorOutput.Error %}"}}]
    parallel = {
        "Type": "Parallel",
        "Branches": [branch(("no", {"Type": "Fail", "Error": "E"}))],
        "Catch": catch,
        "Next": "caught",
    }
    definition = {"StartAt": "try", "States": {"try": parallel, "caught": {"Type": "Pass", "End": True}}}
    execution, events = run(embedded_account, definition)

    assert json.loads(execution["output"]) == {"error": "E"}
    assert "ParallelStateExited" in [event["type"] for event in events]
