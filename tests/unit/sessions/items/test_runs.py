"""What the executions of items tell of those that succeeded, and when they are not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.errors import CloudError
from bunsui.model.json import Json
from bunsui.model.session import MapRunCounts
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.sessions.items.reading import UNTOLD_RESULTS, ItemPlan, UnreadItems
from bunsui.sessions.items.runs import MOST_EXECUTIONS, ItemRuns
from bunsui.sessions.truth import of_summary
from tests.unit.sessions.logs.test_called_work import summary

RUN_AT = datetime(2026, 1, 31, tzinfo=UTC)
GAVE: Json = {"label": "b", "status": "succeeded", "output": 2}
APART = ItemPlan(total=0, done=0, unread=UnreadItems(run="run", run_at=RUN_AT, needs_results=True))
PLACES = ItemPlan(total=0, done=0, unread=UnreadItems(run="run", run_at=RUN_AT, needs_results=False))


@dataclass
class Children:
    """A map run of ten items; by the name of each child that succeeded its input and its output."""

    found: dict[str, tuple[Json, Json]] = field(default_factory=dict)
    succeeded: int | None = None
    denied: str = ""

    def counts(self, map_run_arn: str) -> MapRunCounts:
        if self.denied == "counts":
            raise CloudError("denied", "not allowed")
        done = len(self.found) if self.succeeded is None else self.succeeded
        return MapRunCounts(arn=map_run_arn, total=10, done=done + 1, failed=1, is_final=True)

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        return [summary(name) for name in self.found]

    def describe(self, execution_arn: str) -> Execution:
        if self.denied == "describe":
            raise CloudError("denied", "not allowed")
        given, gave = self.found[execution_arn]
        return replace(of_summary(summary(execution_arn), "arn:m"), input=given, output=gave)


def read(item: ItemPlan, children: Children, told: list[int] | None = None) -> ItemPlan | None:
    world: Any = children
    on_reading = (told if told is not None else []).append
    runs = ItemRuns(execution=world, map_runs=world, on_reading=on_reading)
    return runs.complete({"each": item}).get("each")


def test_each_result_is_found_by_the_place_that_its_execution_was_told() -> None:
    skipped: Json = {"label": "c", "status": "skipped"}
    odd: dict[str, tuple[Json, Json]] = {
        "e": ({}, GAVE),
        "f": ({"index": 12}, GAVE),
        "g": ("x", GAVE),
        "h": ({"index": "1"}, GAVE),
        "i": ({"index": 4}, None),
    }
    children = Children({"a": ({"index": 7}, GAVE), "b": ({"index": 0}, 1), "c": ({"index": 1}, skipped), **odd})
    told: list[int] = []
    assert read(APART, children, told) == ItemPlan(total=10, done=8, results={7: GAVE}, executions_read=8)
    assert read(PLACES, children) == ItemPlan(total=10, done=8, results={7: {}, 0: {}}, executions_read=8)
    assert told == [8]


def test_what_an_earlier_attempt_kept_is_kept_beside_it() -> None:
    before = replace(APART, total=20, done=1, results={3: {"n": 1}})
    both = ItemPlan(total=20, done=2, results={3: {"n": 1}, 7: GAVE}, executions_read=1)
    assert read(before, Children({"a": ({"index": 7}, GAVE)})) == both
    assert read(before, Children()) == ItemPlan(total=20, done=1, results={3: {"n": 1}})


@pytest.mark.parametrize(
    ("item", "children", "expected"),
    [
        (APART, Children(), None),
        (replace(APART, why_again="it changed"), Children(succeeded=4), ItemPlan(total=10, done=4, why_again="it changed")),
        (APART, Children({"a": ({}, GAVE)}), ItemPlan(total=10, done=1, why_again=UNTOLD_RESULTS, executions_read=1)),
        (
            APART,
            Children(succeeded=MOST_EXECUTIONS + 1),
            ItemPlan(
                total=10,
                done=10_001,
                why_again="10,000 executions are the most that are read, one call each, and 10,001 items succeeded",
            ),
        ),
        (
            APART,
            Children(denied="counts"),
            ItemPlan(total=0, done=0, why_again="their executions cannot be read: not allowed"),
        ),
        (
            APART,
            Children({"a": ({}, GAVE)}, denied="describe"),
            ItemPlan(total=0, done=0, why_again="their executions cannot be read: not allowed"),
        ),
        (replace(APART, why_again="changed"), Children(denied="counts"), ItemPlan(total=0, done=0, why_again="changed")),
    ],
)
def test_when_nothing_is_kept(item: ItemPlan, children: Children, expected: ItemPlan | None) -> None:
    assert read(item, children) == expected


def test_where_no_map_run_can_be_read_all_items_run_and_others_stay_as_they_are() -> None:
    inline = ItemPlan(total=3, done=1, results={0: GAVE})
    world: Any = Children()
    found = ItemRuns(execution=world, map_runs=None).complete({"apart": APART, "inline": inline})
    assert found == {"apart": ItemPlan(total=0, done=0, why_again=UNTOLD_RESULTS), "inline": inline}
