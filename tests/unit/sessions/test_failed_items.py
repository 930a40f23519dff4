"""Which items of an inline foreach failed, from the history: tolerated ones are counted as those that end the job."""

from __future__ import annotations

import json
from typing import Any

from bunsui.model.json import Json
from bunsui.model.session import FailedItem, HistoryEvent, JobProgress
from bunsui.sessions.analysis import origin_of
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import read_trace
from tests.unit.sessions.logs.test_invocations import at

BAD = json.dumps({"errorType": "ValueError", "errorMessage": "bad header"})


class History:
    """A foreach of the job `each`, whose items run side by side, as AWS records it."""

    def __init__(self) -> None:
        self.events: list[HistoryEvent] = []
        self.head = self.add(0, "ExecutionStarted")
        self.head = self.add(self.head, "MapStateEntered", name="each", input="{}")
        self.started = self.add(self.head, "MapStateStarted", length=12)
        self.items: dict[int, int] = {}

    def add(self, before: int, kind: str, **details: Any) -> int:
        number = len(self.events) + 1
        self.events.append(HistoryEvent(id=number, previous_id=before, type=kind, at=at(number), details=details))
        return number

    def begin(self, index: int, label: str | None, before: int | None = None) -> None:
        head = self.add(before or self.started, "MapIterationStarted", name="each", index=index)
        given = json.dumps({"item": index, **({"label": label} if label else {})})
        head = self.add(head, "TaskStateEntered", name="each.lambda", input=given)
        self.items[index] = self.add(head, "TaskScheduled", resourceType="lambda", resource="invoke")

    def fails(self, index: int) -> int:
        self.items[index] = self.add(self.items[index], "TaskFailed", error="ValueError", cause=BAD)
        return self.items[index]

    def tolerated(self, index: int) -> int:
        head = self.add(self.fails(index), "TaskStateExited", name="each.lambda", output="{}")
        head = self.add(head, "PassStateEntered", name="each.item-failed", input="{}")
        head = self.add(head, "PassStateExited", name="each.item-failed", output="{}")
        return self.add(head, "MapIterationSucceeded", name="each", index=index)

    def succeeds(self, index: int) -> int:
        head = self.add(self.items[index], "TaskSucceeded", output="{}")
        head = self.add(head, "TaskStateExited", name="each.lambda", output="{}")
        return self.add(head, "MapIterationSucceeded", name="each", index=index)

    def job(self) -> JobProgress:
        [found] = job_progress(shape(), self.events)
        return found


def shape() -> MachineShape:
    states: dict[str, Json] = {"each.lambda": {"Type": "Task"}, "each.item-failed": {"Type": "Pass"}}
    each: dict[str, Json] = {"Type": "Map", "ItemProcessor": {"StartAt": "each.lambda", "States": states}}
    return machine_shape({"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "each": each}})


def test_tolerated_items_are_counted_and_named() -> None:
    history = History()
    for index in range(4):
        history.begin(index, f"part-{index}")
    after = [history.succeeds(0), history.tolerated(3), history.succeeds(2), history.tolerated(1)]
    history.begin(4, "part-4", before=after[0])
    history.succeeds(4)
    job = history.job()
    assert (job.items_done, job.items_total, job.items_failed) == (5, 12, 2)
    assert job.failed_items == (
        FailedItem(label="part-3", error="ValueError", message="bad header"),
        FailedItem(label="part-1", error="ValueError", message="bad header"),
    )


def test_the_item_that_ends_the_job_is_named_and_counted() -> None:
    history = History()
    for index in range(3):
        history.begin(index, f"part-{index}")
    history.succeeds(0)
    head = history.add(history.fails(2), "MapIterationFailed", name="each", index=2)
    head = history.add(head, "MapStateFailed")
    history.add(head, "ExecutionFailed", error="ValueError", cause=BAD)
    assert history.job().failed_items == (FailedItem(label="part-2", error="ValueError", message="bad header"),)
    origin = origin_of(shape(), read_trace(history.events))
    assert (origin.state, origin.visit.item if origin.visit else "") == ("each.lambda", "part-2")


def test_an_item_that_came_through_at_its_second_try_has_not_failed() -> None:
    history = History()
    history.begin(0, "part-0")
    failed = history.fails(0)
    history.items[0] = history.add(failed, "TaskScheduled", resourceType="lambda", resource="invoke")
    history.succeeds(0)
    assert (history.job().items_failed, history.job().failed_items) == (0, ())


def test_an_item_without_a_label_has_its_index() -> None:
    history = History()
    history.begin(7, None)
    history.tolerated(7)
    assert [item.label for item in history.job().failed_items] == ["7"]


def test_an_item_that_failed_twice_is_told_with_what_it_failed_of_last() -> None:
    history = History()
    history.begin(0, "part-0")
    head = history.add(history.fails(0), "TaskStateEntered", name="each.lambda", input=json.dumps({"label": "part-0"}))
    head = history.add(head, "TaskScheduled", resourceType="lambda", resource="invoke")
    told = json.dumps({"errorType": "KeyError", "errorMessage": "no such region"})
    head = history.add(head, "TaskFailed", error="KeyError", cause=told)
    history.add(head, "PassStateEntered", name="each.item-failed", input=json.dumps({"label": "part-0"}))
    assert history.job().failed_items[0] == FailedItem(label="part-0", error="KeyError", message="no such region")
