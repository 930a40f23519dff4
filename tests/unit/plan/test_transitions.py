"""How many states a run enters, counted from the definition alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from bunsui.plan.transitions import Transitions, transitions

PASS = {"Type": "Pass", "End": True}


def chain(*names: str) -> dict[str, Any]:
    states: dict[str, Any] = {name: {"Type": "Pass", "Next": after} for name, after in pairwise(names)}
    return {"StartAt": names[0], "States": {**states, names[-1]: PASS}}


CHOICE = {
    "StartAt": "ask",
    "States": {
        "ask": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "a"}], "Default": "end"},
        "a": {"Type": "Pass", "Next": "b"},
        "b": {"Type": "Pass", "Next": "end"},
        "end": {"Type": "Succeed"},
    },
}
PARALLEL = {"StartAt": "p", "States": {"p": {"Type": "Parallel", "Branches": [chain("x", "y"), chain("z")], "End": True}}}
MAP = {"StartAt": "m", "States": {"m": {"Type": "Map", "ItemProcessor": chain("x", "y"), "Next": "z"}, "z": PASS}}
LOOP = {
    "StartAt": "call",
    "States": {
        "call": {"Type": "Task", "Next": "done?"},
        "done?": {"Type": "Choice", "Choices": [{"Next": "end"}], "Default": "wait"},
        "wait": {"Type": "Wait", "Seconds": 5, "Next": "call"},
        "end": {"Type": "Succeed"},
    },
}
CAUGHT = {"StartAt": "t", "States": {"t": {"Type": "Task", "Catch": [{"Next": "f"}], "End": True}, "f": {"Type": "Fail"}}}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (chain("a"), Transitions(low=1, high=1)),
        (chain("a", "b", "c"), Transitions(low=3, high=3)),
        (CHOICE, Transitions(low=2, high=4)),
        (PARALLEL, Transitions(low=4, high=4)),
        (MAP, Transitions(low=2, high=2, each_item=2)),
        (LOOP, Transitions(low=3, high=3)),
        (CAUGHT, Transitions(low=1, high=1)),
        ({}, Transitions(low=0, high=0)),
        ({"StartAt": "nowhere", "States": {}}, Transitions(low=0, high=0)),
    ],
)
def test_states_are_counted_along_every_way(definition: dict[str, Any], expected: Transitions) -> None:
    assert transitions(definition) == expected


def test_a_very_long_chain_is_counted() -> None:
    assert transitions(chain(*map(str, range(5000)))).high == 5000


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Transitions(low=3, high=3), "3"),
        (Transitions(low=2, high=4), "2-4"),
        (Transitions(low=2, high=2, each_item=5), "2 + 5 an item"),
    ],
)
def test_a_count_is_said_in_few_words(count: Transitions, text: str) -> None:
    assert str(count) == text
