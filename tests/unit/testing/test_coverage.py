from __future__ import annotations

from typing import Any

from bunsui.testing.coverage import Way, coverage

CHOICE = {
    "Type": "Choice",
    "Choices": [
        {"Comment": "Done in an earlier attempt", "Condition": "{% $exists($resume.status.a) %}", "Next": "b"},
        {"Condition": "{% $params.x > 1 %}", "Next": "a"},
    ],
    "Default": "b",
}
COMPILED: dict[str, Any] = {
    "StartAt": "_start",
    "States": {
        "_start": {"Type": "Pass", "Next": "a.guard"},
        "a.guard": CHOICE,
        "a": {"Type": "Map", "ItemProcessor": {"StartAt": "a.t", "States": {"a.t": {"Type": "Task"}}}, "Next": "b"},
        "b": {"Type": "Parallel", "Branches": [{"StartAt": "c", "States": {"c": {"Type": "Pass"}}}], "End": True},
    },
}


def test_what_no_run_took_is_named() -> None:
    found = coverage("p", COMPILED, entered=["_start", "a.guard", "b", "c"], decisions=[("a.guard", None)])
    assert (found.taken_states, found.states) == (3, 5)
    assert found.missed_states == ("a", "a.t")
    assert found.missed_ways == (Way(state="a.guard", place=1, label="to a"),)
    assert (found.taken_ways, found.ways) == (1, 2)


def test_runs_add_up() -> None:
    entered = ["a.guard", "a", "a.t", "b", "c"]
    found = coverage("p", COMPILED, entered=entered, decisions=[("a.guard", None), ("a.guard", 1)])
    assert (found.missed_states, found.missed_ways) == ((), ())


def test_in_a_raw_machine_everything_counts() -> None:
    raw = {**COMPILED, "StartAt": "a.guard"}
    found = coverage("p", raw, entered=[], decisions=[])
    assert found.states == 6
    assert [way.label for way in found.missed_ways] == ["Done in an earlier attempt", "to a", "default, to b"]
