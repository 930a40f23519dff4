"""Nested pipelines of a session: read as far down as is looked, ended ones once, and shown as one tree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, JobStatus, SessionStatus
from bunsui.ports.execution import ExecutionClient
from bunsui.sessions.history.children import DEEPEST, MOST_CHILDREN, child_runs
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.snapshot import ChildRun, SessionSnapshot
from bunsui.sessions.trace import read_trace
from bunsui.view.sessions.job_rows import tree_rows
from bunsui.view.sessions.model import progress_lines
from bunsui.view.spans import plain
from tests.services.test_recorded import a_session

AT = datetime(2026, 1, 31, tzinfo=UTC)
CALL = {"resourceType": "states", "resource": "startExecution.sync:2"}
DEFINITION: Mapping[str, Json] = {
    "StartAt": "_start",
    "States": {"_start": {"Type": "Pass", "Next": "run"}, "run": {"Type": "Task", "Resource": "x", "End": True}},
}
ENDED = {SessionStatus.FAILED: "ExecutionFailed", SessionStatus.SUCCEEDED: "ExecutionSucceeded"}


@dataclass
class Nest:
    """Executions of one machine whose job `run` starts the next one; counts what is read."""

    starts: Mapping[str, Sequence[str]]
    """Execution -> those that it starts."""
    status: SessionStatus | None = SessionStatus.FAILED
    gone: frozenset[str] = frozenset()
    reads: list[str] = field(default_factory=list)

    def definition(self, arn: str) -> Mapping[str, Json]:
        if arn in self.gone:
            raise Missing("missing", "gone")
        return DEFINITION

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        self.reads.append(execution_arn)
        steps: list[tuple[str, Mapping[str, Json]]] = []
        for child in self.starts.get(execution_arn, ()):
            steps += [
                ("TaskStateEntered", {"name": "run"}),
                ("TaskScheduled", {**CALL, "parameters": json.dumps({"StateMachineArn": "m", "Input": {}})}),
                ("TaskSubmitted", {**CALL, "output": json.dumps({"ExecutionArn": child})}),
                ("TaskFailed", {**CALL, "error": "States.TaskFailed", "cause": json.dumps({"ExecutionArn": child})}),
            ]
        steps += [] if self.status is None else [(ENDED[self.status], {})]
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=AT + timedelta(seconds=number), details=details)
            for number, (kind, details) in enumerate(steps, start=1)
            if number > after
        ]

    def reader(self) -> HistoryReader:
        return HistoryReader(cast("ExecutionClient", self))


def name_of(arn: str) -> str:
    return f"pipeline-{arn}"


def children(nest: Nest, reader: HistoryReader, top: str = "0") -> tuple[ChildRun, ...]:
    shape: MachineShape = machine_shape(DEFINITION)
    return tuple(child_runs(reader, shape, read_trace(reader.events(top)), pipeline_of=name_of))


def test_children_are_followed_as_far_as_is_looked_and_named_by_their_path() -> None:
    nest = Nest({str(number): [str(number + 1)] for number in range(9)})
    found = children(nest, nest.reader())
    assert [(one.job, one.pipeline) for one in found] == [
        ("/".join(["run"] * depth), f"pipeline-{depth}") for depth in range(1, DEEPEST + 1)
    ]
    assert found[0].jobs is not None
    assert [job.status for job in found[0].jobs] == [JobStatus.FAILED]


def test_what_ended_is_read_once_and_what_runs_again() -> None:
    nest = Nest({"0": ["1"]})
    reader = nest.reader()
    children(nest, reader)
    children(nest, reader)
    assert nest.reads == ["0", "1"]
    running = Nest({"0": ["1"]}, status=None)
    reader = running.reader()
    children(running, reader)
    children(running, reader)
    assert running.reads == ["0", "1"] * 2


def test_of_retries_the_last_is_told_and_of_many_the_latest() -> None:
    nest = Nest({"0": ["1", "2"]})
    assert [one.execution_arn for one in children(nest, nest.reader())] == ["2"]
    assert MOST_CHILDREN == 10


def test_a_child_that_cannot_be_read_is_named_all_the_same() -> None:
    nest = Nest({"0": ["1"]}, gone=frozenset({"1"}))
    (found,) = children(nest, nest.reader())
    assert (found.execution_arn, found.jobs) == ("1", None)


def test_the_tree_shows_each_job_before_those_of_what_it_runs() -> None:
    nest = Nest({"0": ["1"], "1": ["2"]})
    reader = nest.reader()
    shape = machine_shape(DEFINITION)
    jobs = job_progress(shape, reader.events("0"))
    snapshot = SessionSnapshot(session=a_session(), jobs=jobs, taken_at=AT, children=children(nest, reader))
    rows = tree_rows(snapshot)
    assert [(row.path, row.depth) for row in rows] == [("run", 0), ("run/run", 1), ("run/run/run", 2)]
    assert "runs pipeline-1" in rows[0].note
    assert len(plain(progress_lines(snapshot)).splitlines()) == 4


@dataclass
class Broad(Nest):
    """An execution of many jobs, each of which starts one."""

    def definition(self, arn: str) -> Mapping[str, Json]:
        super().definition(arn)
        return {
            "StartAt": "_start",
            "States": {"_start": {"Type": "Pass"}, **{job: {"Type": "Task"} for job in self.starts["0"]}},
        }

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        steps = [
            step
            for child in self.starts.get(execution_arn, ())
            for step in (
                ("TaskStateEntered", {"name": child}),
                ("TaskScheduled", CALL),
                ("TaskSubmitted", {**CALL, "output": json.dumps({"ExecutionArn": f"arn:{child}"})}),
                ("TaskStateExited", {"name": child}),
            )
        ]
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=AT, details=details)
            for number, (kind, details) in enumerate([*steps, ("ExecutionSucceeded", {})], start=1)
            if number > after
        ]


def of(nest: Nest) -> list[ChildRun]:
    reader = nest.reader()
    return list(child_runs(reader, reader.shape("0"), read_trace(reader.events("0")), pipeline_of=name_of))


def test_of_many_children_the_latest_ten_are_read() -> None:
    names = [f"job{number}" for number in range(12)]
    assert [one.job for one in of(Broad({"0": names}))] == names[2:]
    assert [one.job for one in of(Broad({"0": names[:10]}))] == names[:10]


def test_a_child_that_cannot_be_read_hides_no_other() -> None:
    first, second = of(Broad({"0": ["a", "b"]}, gone=frozenset({"arn:a"})))
    assert first == ChildRun(job="a", execution_arn="arn:a", pipeline="pipeline-arn:a")
    assert (second.job, second.status, second.jobs is None) == ("b", SessionStatus.SUCCEEDED, False)


@dataclass
class Items(Nest):
    """An execution of a foreach each of whose items starts one."""

    def definition(self, arn: str) -> Mapping[str, Json]:
        super().definition(arn)
        inner: Json = {"StartAt": "each.kid", "States": {"each.kid": {"Type": "Task"}}}
        return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "each": {"Type": "Map", "ItemProcessor": inner}}}

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        children = self.starts.get(execution_arn, ())
        steps: list[tuple[str, Any]] = [
            step
            for index, child in enumerate(children)
            for step in (
                ("MapIterationStarted", {"name": "each", "index": index}),
                ("TaskStateEntered", {"name": "each.kid", "input": json.dumps({"label": f"of {child}", "item": child})}),
                ("TaskScheduled", CALL),
                ("TaskSubmitted", {**CALL, "output": json.dumps({"ExecutionArn": f"arn:{child}"})}),
                ("TaskStateExited", {"name": "each.kid"}),
            )
        ]
        begun: list[tuple[str, Mapping[str, Json]]] = [
            ("MapStateEntered", {"name": "each"}),
            ("MapStateStarted", {"length": 2}),
        ]
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=AT, details=details)
            for number, (kind, details) in enumerate([*begun, *steps] if children else [], start=1)
            if number > after
        ]


def test_what_items_started_is_told_by_their_labels_also_where_it_cannot_be_read() -> None:
    found = of(Items({"0": ["north", "south"]}, gone=frozenset({"arn:south"})))
    assert [(one.job, one.item, one.execution_arn, one.jobs is None) for one in found] == [
        ("each", "of north", "arn:north", False),
        ("each", "of south", "arn:south", True),
    ]
