"""What histories and inputs tell of items that succeeded, and each reason why they may be wrong now."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.fingerprints import ToldFingerprints, fingerprint_comment
from bunsui.compile.foreach.kept import RESUMED
from bunsui.model.json import Json
from bunsui.model.pipeline import Job
from bunsui.model.session import HistoryEvent
from bunsui.sessions.items.choice import NO_ITEMS, ItemChoice, ItemHistory, _why_in_doubt
from bunsui.sessions.items.reading import ItemCheckpoints, ItemPlan, outer_map, read_items, told_kept, told_results
from bunsui.sessions.payload import json_bytes
from bunsui.sessions.shape import machine_shape
from tests.unit.sessions.logs.test_invocations import at

PLAN = ItemPlan(total=5, done=3, results={4: {"b": 1}, 0: {"a": 1}})


def test_a_plan_counts_what_is_kept_and_tells_it_in_order() -> None:
    assert (PLAN.kept, PLAN.to_run) == (2, 3)
    assert json.dumps(PLAN.payload) == '{"count": 5, "kept": {"0": {"a": 1}, "4": {"b": 1}}}'
    assert (PLAN.size, json_bytes({"a": "é"})) == (len(json.dumps(PLAN.payload)), 11)
    assert PLAN.without_kept("why") == ItemPlan(total=5, done=3, why_again="why")
    assert (NO_ITEMS.found, NO_ITEMS.definition) == ({}, {})
    assert ItemHistory() == NO_ITEMS


@pytest.mark.parametrize(
    ("told", "results"),
    [
        ({"count": 3, "kept": {"0": {"a": 1}, "2": {}}}, {0: {"a": 1}, 2: {}}),
        ({"count": 3, "kept": {"3": {}, "-1": {}, "x": {}, "1": {}}}, {1: {}}),
        ({"count": 3, "kept": {}}, {}),
        ({"count": "3", "kept": {}}, None),
        ({"count": 3, "kept": []}, None),
        ({"kept": {}}, None),
        ("x", None),
    ],
)
def test_what_an_input_tells_to_keep(told: Json, results: dict[int, Json] | None) -> None:
    found = told_kept({"resume": {"items": {"each": told}}})
    expected = {} if results is None else {"each": ItemPlan(total=3, done=len(results), results=results)}
    assert found == expected


@pytest.mark.parametrize("payload", [None, [], {}, {"resume": 3}, {"resume": {"items": []}}, {"resume": {}}])
def test_an_input_without_items_tells_of_none(payload: Json) -> None:
    assert told_kept(payload) == {}


INNER: Json = {"States": {"each.in": {"Type": "Map", "ItemProcessor": {"States": {"each.work": {"Type": "Task"}}}}}}


def machine(comment: str = "") -> dict[str, Json]:
    states: dict[str, Json] = {
        "_start": {"Type": "Pass", "Comment": comment},
        "each.guard": {"Type": "Choice"},
        "each": {"Type": "Map", "ItemProcessor": INNER},
        "load": {"Type": "Task"},
    }
    return {"StartAt": "_start", "States": states}


def test_a_jobs_items_are_those_of_its_outermost_map() -> None:
    shape = machine_shape(machine())
    assert [outer_map(shape, job) for job in ("each", "load", "gone")] == ["each", "", ""]


def history(*found: tuple[Any, ...], given: Json = None) -> list[HistoryEvent]:
    made = []
    for number, step in enumerate((("ExecutionStarted", {"input": json.dumps(given)}), *found), 1):
        *before, kind, details = step
        previous = before[0] if before else number - 1
        made.append(HistoryEvent(id=number, previous_id=previous, type=kind, at=at(number), details=details))
    return made


def result(number: int, status: str = "succeeded") -> dict[str, Json]:
    return {"label": str(number), "status": status, "output": {"n": number}}


def entered(**data: Json) -> tuple[str, dict[str, Json]]:
    return "MapStateEntered", {"name": "each", "input": json.dumps(data)}


def gave(index: Json, output: Json, name: str = "each") -> list[tuple[Any, ...]]:
    """Return the last state of an item, and that the item succeeded."""
    return [
        ("PassStateExited", {"name": "each.last", "output": output if isinstance(output, str) else json.dumps(output)}),
        ("MapIterationSucceeded", {"name": name, "index": index}),
    ]


STARTED = ("MapStateStarted", {"length": 3})
RUN_STARTED = ("MapRunStarted", {"mapRunArn": "run"})
KEPT: Json = {"resume": {"items": {"each": {"count": 5, "kept": {"1": result(1)}}}}}
NOTHING: dict[str, ItemCheckpoints] = {}
Told = tuple[int, dict[int, int], int]
"""How many items there are, which result each index has, and of how many it is not known."""


@pytest.mark.parametrize(
    ("events", "given", "expected"),
    [
        ([entered(), STARTED, *gave(0, result(0)), *gave(2, result(2))], None, (3, {0: 0, 2: 2}, 0)),
        ([entered(), STARTED, *gave(0, result(0, "failed")), *gave(1, result(1))], None, (3, {1: 1}, 0)),
        ([entered(), STARTED, *gave(0, '{"cut')], None, (3, {}, 1)),
        ([entered(), STARTED, *gave("x", result(0))], None, (3, {}, 1)),
        ([entered(), STARTED, *gave(0, [1])], None, (3, {}, 1)),
        ([entered(), STARTED, *gave(0, result(0), "each.in")], None, None),
        ([entered(), STARTED], None, None),
        ([entered()], None, None),
        ([], None, None),
        ([], KEPT, (5, {1: 1}, 0)),
        ([entered(**{RESUMED: True})], KEPT, (5, {1: 1}, 0)),
        ([entered(**{RESUMED: True}), STARTED, *gave(0, result(0)), *gave(1, result(2))], KEPT, (5, {0: 0, 1: 1, 2: 2}, 0)),
        ([entered(**{RESUMED: True}), STARTED, *gave(9, result(9))], KEPT, (5, {1: 1}, 0)),
        ([entered(**{RESUMED: False}), STARTED, *gave(0, result(0))], KEPT, (3, {0: 0}, 0)),
        ([entered(), STARTED, *gave(0, result(0))], KEPT, (3, {0: 0}, 0)),
        ([entered(), RUN_STARTED], None, (0, {}, 0, "run")),
        ([entered(), RUN_STARTED], KEPT, (0, {}, 0, "run")),
        ([entered(**{RESUMED: True}), RUN_STARTED], KEPT, (5, {1: 1}, 0, "run")),
    ],
)  # fmt: skip
def test_what_a_history_tells_of_items(events: list[Any], given: Json, expected: tuple[Any, ...] | None) -> None:
    found = read_items(machine(fingerprint_comment({"each": "1"})), history(*events, given=given))
    if expected is None:
        assert found == NOTHING
        return
    total, results, untold, *run = expected
    told = {index: result(number) for index, number in results.items()}
    at = next((event.at for event in history(*events, given=given) if event.type == "MapStateEntered"), None) if run else None
    expected_items = ItemCheckpoints(total=total, results=told, fingerprint="1", untold=untold, run="".join(run), run_at=at)
    assert found == {"each": expected_items}


def test_an_earlier_visit_and_a_raw_machine_tell_of_no_item() -> None:
    again = history(
        entered(), STARTED, *gave(0, result(0)), ("MapStateExited", {"name": "each"}), entered(), STARTED, *gave(1, result(1))
    )
    assert read_items(machine(), again)["each"].results == {1: result(1)}
    assert read_items({**machine(), "StartAt": "each"}, history(entered(), STARTED, *gave(0, result(0)))) == NOTHING
    foreign = machine(fingerprint_comment({"each": "1"}).replace("version ", "version 9"))
    (found,) = read_items(foreign, history(entered(), STARTED, *gave(0, result(0)))).values()
    assert (found.fingerprint, found.is_foreign) == ("", True)


FOREIGN = "another version of bunsui compiled it, so that nobody can tell whether it changed"
EACH = Job(name="each", operations=())
DONE = ItemCheckpoints(total=3, results={0: {}}, fingerprint="1.2")


@pytest.mark.parametrize(
    ("done", "applied", "nested", "why"),
    [
        (DONE, ToldFingerprints(jobs={"each": "1.2"}), {}, ""),
        (DONE, ToldFingerprints(jobs={"each": "1.2"}), {"each": "its pipeline changed"}, "its pipeline changed"),
        (DONE, ToldFingerprints(jobs={"each": "1.3"}), {"each": "its pipeline changed"}, "its code changed"),
        (DONE, ToldFingerprints(jobs={"other": "1.2"}), {}, "nobody can tell whether it changed"),
        (replace(DONE, fingerprint=""), ToldFingerprints(jobs={"each": "1"}), {}, "nobody can tell whether it changed"),
        (DONE, ToldFingerprints(jobs={"each": "1.2"}, is_foreign=True), {}, FOREIGN),
        (replace(DONE, is_foreign=True), ToldFingerprints(jobs={"each": "1.2"}), {}, FOREIGN),
    ],
)
def test_items_are_in_doubt_when_what_they_gave_may_be_wrong(
    done: ItemCheckpoints, applied: ToldFingerprints, nested: dict[str, str], why: str
) -> None:
    nobody: frozenset[str] = frozenset()
    choice = ItemChoice(same=nobody, begin=nobody, keep=nobody, nested=nested, applied=applied, every=frozenset({"each"}))
    assert _why_in_doubt(EACH, done, choice) == why


def test_what_nobody_reads_does_not_travel_and_what_is_not_known_is_not_told() -> None:
    results: dict[int, Json] = {0: {"n": 1}, 1: {}}
    assert told_results(results, is_read=False) == {0: {}, 1: {}}
    assert told_results(results, is_read=True) == {0: {"n": 1}}
