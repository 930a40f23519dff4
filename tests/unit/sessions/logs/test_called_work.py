"""What an execution called, with its items and its children; and which calls of others may be mistaken for its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bunsui.errors import CloudError, Missing
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.sessions.logs.called_work import DEEPEST, MOST_ITEMS, CalledWork, WorkReader
from bunsui.sessions.logs.calls import CallKind, TaskCall
from bunsui.testkit.execution import MemoryExecutionClient
from tests.unit.sessions.logs.test_invocations import at

ARN = "arn:aws:states:eu-west-1:111111111111:execution:m:{}"
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
LAMBDA = {"resourceType": "lambda", "resource": "invoke"}
CHILD = {"resourceType": "states", "resource": "startExecution.sync:2"}
DEFINITION: Mapping[str, Json] = {
    "StartAt": "_start",
    "States": {"_start": {"Type": "Pass"}, "load": {"Type": "Task"}, "each": {"Type": "Map"}},
}


def events(*found: tuple[str, Mapping[str, Any]], given: str = "{}", ended: bool = True) -> list[HistoryEvent]:
    whole = [("ExecutionStarted", {"input": given}), *found]
    whole += [("ExecutionSucceeded", {"output": "{}"})] if ended else []
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(whole, 1)
    ]


def called(function: str, **more: Any) -> list[HistoryEvent]:
    parameters = json.dumps({"FunctionName": function})
    return events(
        ("TaskStateEntered", {"name": "load", "input": "{}"}), ("TaskScheduled", {**LAMBDA, "parameters": parameters}), **more
    )


def started(child: str) -> list[HistoryEvent]:
    return events(
        ("TaskStateEntered", {"name": "load", "input": "{}"}),
        ("TaskScheduled", {**CHILD, "parameters": "{}"}),
        ("TaskSubmitted", {**CHILD, "output": json.dumps({"ExecutionArn": child})}),
    )


def mapped(run: str) -> list[HistoryEvent]:
    return events(("MapStateEntered", {"name": "each", "input": "{}"}), ("MapRunStarted", {"mapRunArn": run}))


@dataclass
class Histories(MemoryExecutionClient):
    """Executions whose histories are given."""

    found: dict[str, list[HistoryEvent]]
    forgotten: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    listed: Sequence[ExecutionSummary] = ()
    asked: list[tuple[str, int]] = field(default_factory=list)

    def definition(self, execution_arn: str) -> Mapping[str, Json]:
        if execution_arn in self.forgotten:
            raise Missing("missing", "forgotten")
        if execution_arn in self.forbidden:
            raise CloudError("denied", "forbidden")
        return DEFINITION

    def history(self, execution_arn: str, *, after: int = 0, limit: int | None = None, newest_first: bool = False) -> Any:
        self.asked.append((execution_arn, after))
        return [event for event in self.found[execution_arn] if event.id > after]

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Any:
        assert (machine_arn, limit, status) == (MACHINE, MOST_ITEMS, None)
        if "list" in self.forbidden:
            raise CloudError("denied", "forbidden")
        return self.listed[:limit]


@dataclass
class Runs:
    """Map runs, with their children."""

    found: Mapping[str, Sequence[str]]

    def children(self, map_run_arn: str, *, limit: int) -> Any:
        assert limit == MOST_ITEMS
        if map_run_arn not in self.found:
            raise CloudError("denied", "forbidden")
        return [summary(arn) for arn in self.found[map_run_arn]][:limit]


def summary(arn: str, start: float = 0, stop: float | None = 9) -> ExecutionSummary:
    ended = at(stop) if stop is not None else None
    status = SessionStatus.RUNNING if stop is None else SessionStatus.SUCCEEDED
    return ExecutionSummary(arn=arn, name=arn, status=status, started_at=at(start), stopped_at=ended)


def told(work: Sequence[CalledWork]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [(one.execution_arn, [(call.job, call.item, call.function) for call in one.calls]) for one in work]


def test_the_jobs_of_a_child_are_named_below_that_which_started_it_as_deep_as_is_followed() -> None:
    depth = DEEPEST + 2
    found = {f"e{number}": started(f"e{number + 1}") for number in range(depth)}
    found[f"e{depth}"] = called("last")
    work = WorkReader(Histories(found)).work("e0")
    assert [one.execution_arn for one in work] == [f"e{number}" for number in range(DEEPEST + 1)]
    assert [call.job for one in work for call in one.calls] == ["/".join(["load"] * count) for count in range(1, DEEPEST + 2)]
    two = WorkReader(Histories({"e0": started("e1"), "e1": called("inner")}))
    assert told(two.work("e0")) == [("e0", [("load", "", "")]), ("e1", [("load/load", "", "inner")])]


def test_a_child_that_nobody_may_read_leaves_what_its_parent_called() -> None:
    both = {"e0": started("e1"), "e1": called("inner")}
    for client in (Histories(both, forgotten=frozenset({"e1"})), Histories(both, forbidden=frozenset({"e1"}))):
        reader = WorkReader(client)
        assert told(reader.work("e0")) == [("e0", [("load", "", "")])]
    assert WorkReader(Histories({}, forgotten=frozenset({"e0"}))).work("e0") == ()
    with pytest.raises(CloudError):
        WorkReader(Histories({}, forbidden=frozenset({"e0"}))).work("e0")


def test_the_items_of_a_distributed_foreach_are_named_by_their_labels_and_their_job() -> None:
    found = {
        "e0": mapped("run"),
        "i1": called("clean", given='{"label": "one"}'),
        "i2": called("clean", given='{"label": 2}'),
        "i3": called("clean", given="[]"),
    }
    reader = WorkReader(Histories(found), Runs({"run": ["i1", "i2", "i3"]}))  # type: ignore[arg-type]
    assert told(reader.work("e0")) == [
        ("e0", []),
        ("i1", [("each", "one", "clean")]),
        ("i2", [("each", "", "clean")]),
        ("i3", [("each", "", "clean")]),
    ]
    assert not reader.has_more_items
    assert told(WorkReader(Histories(found)).work("e0")) == [("e0", [])]
    assert told(WorkReader(Histories(found), Runs({})).work("e0")) == [("e0", [])]  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "has_more"), [(MOST_ITEMS - 1, False), (MOST_ITEMS, True), (MOST_ITEMS + 1, True)])
def test_a_hundred_items_are_looked_at_and_that_there_may_be_more_is_said(count: int, has_more: bool) -> None:
    items = [f"i{number}" for number in range(count)]
    found = {"e0": mapped("run"), **{item: called("clean") for item in items}}
    reader = WorkReader(Histories(found), Runs({"run": items}))  # type: ignore[arg-type]
    assert len(reader.work("e0")) == 1 + min(count, MOST_ITEMS)
    assert reader.has_more_items is has_more
    reader.work("e0")
    assert reader.has_more_items is has_more


def test_that_there_may_be_more_items_is_said_whichever_foreach_has_them() -> None:
    items = [f"i{number}" for number in range(MOST_ITEMS)]
    both = events(
        ("MapStateEntered", {"name": "each", "input": "{}"}),
        ("MapRunStarted", {"mapRunArn": "many"}),
        ("MapStateExited", {"name": "each"}),
        ("MapStateEntered", {"name": "each", "input": "{}"}),
        ("MapRunStarted", {"mapRunArn": "few"}),
    )
    found = {"e0": both, **{item: called("clean") for item in items}}
    reader = WorkReader(Histories(found), Runs({"many": items, "few": items[:1]}))  # type: ignore[arg-type]
    assert len(reader.work("e0")) == 2 + MOST_ITEMS
    assert reader.has_more_items


def test_what_has_ended_is_read_once_and_of_what_runs_only_what_is_new() -> None:
    client = Histories({"done": called("a"), "runs": called("a", ended=False)})
    reader = WorkReader(client)
    for _ in range(2):
        reader.work("done")
        reader.work("runs")
    last = client.found["runs"][-1].id
    assert client.asked == [("done", 0), ("runs", 0), ("runs", last)]
    assert reader.shape("done") is reader.shape("done")


def work_of(name: str) -> CalledWork:
    call = TaskCall(job="load", state="load", item="", kind=CallKind.FUNCTION, target="a", started_at=at(0))
    return CalledWork(execution_arn=ARN.format(name), calls=(call,))


def test_a_works_machine_is_that_of_its_execution_of_an_item_that_around_it() -> None:
    assert work_of("x").machine_arn == MACHINE
    assert CalledWork(execution_arn=ARN.format("x").replace(":m:", ":m/each:"), calls=()).machine_arn == MACHINE
    assert CalledWork(execution_arn="arn:of:nothing", calls=()).machine_arn == ""


def test_rivals_are_the_other_executions_that_ran_at_that_time() -> None:
    rows = {
        "mine": summary(ARN.format("mine"), 0, 9),
        "before": summary(ARN.format("before"), 0, 4.9),
        "until": summary(ARN.format("until"), 0, 5),
        "within": summary(ARN.format("within"), 6, 7),
        "runs": summary(ARN.format("runs"), 0, None),
        "from": summary(ARN.format("from"), 8, 20),
        "after": summary(ARN.format("after"), 8.1, 20),
    }
    client = Histories({row.arn: called(name) for name, row in rows.items()}, listed=tuple(rows.values()))
    found = WorkReader(client).rivals(work_of("mine"), [ARN.format("mine")], start=at(5), end=at(8))
    assert [call.function for call in found.calls] == ["until", "within", "runs", "from"]
    assert found.is_whole


@pytest.mark.parametrize(("count", "listed", "is_whole"), [(10, 10, True), (11, 11, False), (0, 99, True), (0, 100, False)])
def test_more_rivals_than_are_read_may_have_called_more(count: int, listed: int, is_whole: bool) -> None:
    rows = [summary(ARN.format(number), 0 if number < count else 90, 99) for number in range(listed)]
    client = Histories({row.arn: called("a") for row in rows}, listed=rows)
    found = WorkReader(client).rivals(work_of("mine"), [], start=at(5), end=at(8))
    assert (len(found.calls), found.is_whole) == (min(count, 10), is_whole)


def test_rivals_that_cannot_be_read_are_not_whole() -> None:
    row = summary(ARN.format("a"))
    client = Histories({row.arn: called("a")}, listed=[row])
    for forgotten, forbidden in (("", "list"), ("", row.arn), (row.arn, "")):
        client.forgotten, client.forbidden = frozenset({forgotten}), frozenset({forbidden})
        found = WorkReader(client).rivals(work_of("mine"), [], start=at(0), end=at(8))
        assert (found.calls, found.is_whole) == ((), False)
