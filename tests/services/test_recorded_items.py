"""Sessions with items of their own executions, recorded as tests that run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.document.yaml.writer import yaml_text
from bunsui.engine.run import ExecutionResult
from bunsui.engine.status import Status
from bunsui.errors import InvalidInput
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.session import HistoryEvent, MapRunCounts, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.services.testing.machine_under_test import MachineUnderTest, history_event
from bunsui.services.testing.pipeline_tests import run_machine, run_test, run_tests
from bunsui.services.testing.recorded import record, redacted_suite, replay
from bunsui.services.testing.recorded_items import MOST_CHILDREN
from bunsui.testkit.sessions import MemorySessionRepository
from tests.faults.amount import amount
from tests.services.test_pipeline_tests import project, shown
from tests.services.test_recorded import Past, a_session, machine_of

STATUSES = {
    Status.SUCCEEDED: SessionStatus.SUCCEEDED,
    Status.FAILED: SessionStatus.FAILED,
    Status.ABORTED: SessionStatus.CANCELLED,
}


@dataclass
class PastRuns:
    """The map runs of a simulated execution."""

    result: ExecutionResult

    def counts(self, map_run_arn: str) -> MapRunCounts:
        counts = next(run for run in self.result.map_runs if run.arn == map_run_arn).item_counts()
        return MapRunCounts(
            arn=map_run_arn, total=counts["total"], done=counts["succeeded"], failed=counts["failed"], is_final=True
        )

    def children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        run = next(run for run in self.result.map_runs if run.arn == map_run_arn)
        found = [
            ExecutionSummary(
                arn=child.names.arn,
                name=child.names.name,
                status=STATUSES[child.status],
                started_at=child.started_at or run.started_at,
                stopped_at=child.stopped_at,
            )
            for _, child in sorted(run.children.items())
        ]
        return list(reversed(found))[:limit]

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        return [one for one in self.children(map_run_arn, limit=10_000) if one.status is SessionStatus.SUCCEEDED]

    def holder(self, map_run_arn: str) -> str:
        return "arn:01A"

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        return [one for one in self.children(map_run_arn, limit=10_000) if one.status is SessionStatus.FAILED][:limit]


def past_of(machine: MachineUnderTest, test: PipelineTest) -> tuple[Past, PastRuns]:
    result = run_machine(machine, test)
    events: dict[str, list[HistoryEvent]] = {"arn:01A": [history_event(event) for event in result.events]}
    for run in result.map_runs:
        for child in run.children.values():
            events[child.names.arn] = [history_event(event) for event in child.events]
    return Past(machine.definition, events), PastRuns(result)


def told(mocks: dict[str, Any], **more: Any) -> PipelineTest:
    return PipelineTest(name="t", pipeline="sales", mocks=mocks, **more)


def recorded(machine: MachineUnderTest, test: PipelineTest) -> PipelineTest:
    past, runs = past_of(machine, test)
    failed = past.events["arn:01A"][-1].type != "ExecutionSucceeded"
    session = a_session(status=SessionStatus.FAILED if failed else SessionStatus.SUCCEEDED)
    return record(machine, session, past.port, runs)


LISTED = """\
version: 1
name: sales
parameters: {n: {type: integer, default: 3}}
jobs:
  each:
    foreach: {items: "{% [1..$params.n] %}", as: row, mode: distributed, tolerate: 1}
    operations: [{type: lambda, function: "each:1", retry: {attempts: 2, jitter: false, errors: [Slow]}}]
    outputs: {all: "{% $result.output %}"}
  after:
    depends_on: [each]
    operations: [{type: lambda, function: "after:1"}]
"""
ROWS = """\
version: 1
name: sales
jobs:
  names:
    operations: [{type: lambda, function: "names:1"}]
    outputs: {key: "{% $result.key %}"}
  each:
    depends_on: [names]
    foreach: {items: {s3: "s3://lake/{% $jobs.names.key %}", format: FORMAT}, as: row, mode: distributed}
    operations: [{type: lambda, function: "each:1", payload: {kind: "{% $row.kind %}"}}]
    outputs: {all: "{% $result.output %}"}
"""


def test_items_of_a_list_are_recorded_with_what_each_was_answered(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=LISTED)
    each = [{"item": 0, "return": "A"}, {"item": 1, "attempt": 1, "error": "Slow"}, {"item": 1, "return": "B"}]
    test = recorded(
        machine,
        told({"each": [*each, {"item": 2, "error": "Bad", "cause": "no"}], "after": {"return": 1}}, input={"n": 3}),
    )
    assert test.mocks["each.lambda"] == [
        {"item": 0, "return": "A"},
        {"item": 1, "attempt": 1, "error": "Slow"},
        {"item": 1, "attempt": 2, "return": "B"},
        {"item": 2, "error": "Bad", "cause": "no"},
    ]
    verdict = run_test(machine, test)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("csv", "in.csv", "kind,n\na,1\nb,2\n"),
        ("json", "in.json", [{"kind": "a"}, {"kind": "b"}]),
        ("jsonl", "in.jsonl", [{"kind": "a"}, {"kind": "b"}]),
        ("jsonl", "in.txt", '{"kind": "a"}\n{"kind": "b"}\n'),
    ],
)
def test_the_object_that_the_items_came_from_is_made_again(tmp_path: Path, kind: str, name: str, content: Any) -> None:
    machine = machine_of(tmp_path, pipeline=ROWS.replace("FORMAT", kind))
    mocks = {"names": {"return": {"key": name}}, "each": [{"item": 0, "return": "A"}, {"item": 1, "return": "B"}]}
    test = recorded(machine, told(mocks, objects={f"s3://lake/{name}": content}))
    assert test.objects == {f"s3://lake/{name}": content}
    verdict = run_test(machine, test)
    assert verdict.passed, verdict


def test_batches_and_two_maps_side_by_side_are_recorded(tmp_path: Path) -> None:
    text = """\
version: 1
name: sales
jobs:
  left:
    foreach: {items: {s3: s3://lake/left.csv, format: csv}, as: rows, mode: distributed, batch: 2}
    operations: [{type: lambda, function: "left:1", payload: {rows: "{% $rows %}"}}]
    outputs: {all: "{% $result.output %}"}
  right:
    foreach: {items: {s3: s3://lake/right.json, format: json}, as: row, mode: distributed, label: "{% $row.name %}"}
    operations: [{type: lambda, function: "right:1"}]
    outputs: {all: "{% $result.label %}"}
"""
    machine = machine_of(tmp_path, pipeline=text)
    objects: dict[str, Any] = {"s3://lake/left.csv": "kind\na\nb\nc\n", "s3://lake/right.json": [{"name": "x"}, {"name": "y"}]}
    mocks = {"left": [{"item": 0, "return": 1}, {"item": 1, "return": 2}], "right": {"return": 3}}
    test = recorded(machine, told(mocks, objects=objects))
    assert test.objects == objects
    assert run_test(machine, test).passed


def test_keys_under_a_prefix_are_recorded_as_objects_of_that_name(tmp_path: Path) -> None:
    text = """\
version: 1
name: sales
jobs:
  each:
    foreach: {items: {s3: "s3://lake/in/", format: objects}, as: file, mode: distributed}
    operations: [{type: lambda, function: "each:1", payload: {key: "{% $file.Key %}"}}]
    outputs: {all: "{% $result.output %}"}
"""
    machine = machine_of(tmp_path, pipeline=text)
    objects: dict[str, Any] = {"s3://lake/in/a.txt": "", "s3://lake/in/b.txt": ""}
    mocks = {"each": [{"item": 0, "return": "A"}, {"item": 1, "return": "B"}]}
    test = recorded(machine, told(mocks, objects=objects))
    assert test.objects == objects
    assert run_test(machine, test).passed


def test_a_recorded_test_of_items_is_written_without_secrets_and_read_back(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=ROWS.replace("FORMAT", "csv"))
    objects: dict[str, Any] = {"s3://lake/in.csv": "kind,password\na,hunter2\n"}
    mocks = {"names": {"return": {"key": "in.csv"}}, "each": {"return": {"token": "hunter2"}}}
    text = yaml_text(redacted_suite(recorded(machine, told(mocks, objects=objects))))
    assert "hunter2" not in text
    assert yaml.safe_load(text)["tests"][0]["objects"] == {"s3://lake/in.csv": "kind,password\na,redacted\n"}
    again = project(tmp_path, pipeline=ROWS.replace("FORMAT", "csv"), **{"pipelines/sales.test.yaml": text})
    outcome = run_tests(again)
    assert "hunter2" not in shown(outcome)
    assert len(outcome.verdicts) == 1


@settings(max_examples=amount(16, 40, 400), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=True))
def test_whatever_became_of_the_items_the_recorded_test_passes(chance: Random) -> None:
    def answer(item: int) -> dict[str, Any]:
        result = {"error": "Bad", "cause": "no"} if chance.random() < 0.3 else {"return": f"result {item}"}
        return {"item": item, **result, "after": f"{chance.choice([0, 1, 30, 600])}s"}

    count = chance.randint(0, 6)
    with TemporaryDirectory() as folder:
        machine = machine_of(Path(folder), pipeline=LISTED)
        mocks = {"each": [answer(item) for item in range(count)], "after": {"return": 1}}
        test = recorded(machine, told(mocks, input={"n": count}))
        verdict = run_test(machine, test)
    assert verdict.passed, verdict


def test_so_many_items_are_cut_and_the_name_says_of_how_many(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=LISTED)
    count = MOST_CHILDREN + 150
    mocks = {"each": [{"item": 170, "error": "Bad"}, {"return": "A"}], "after": {"return": 1}}
    test = recorded(machine, told(mocks, input={"n": count}))
    assert test.name == f"as on 2026-01-31: succeeded (each: {MOST_CHILDREN} of {count} items)"
    each: Any = test.mocks["each.lambda"]
    assert sum("error" in mock for mock in each) == 1
    assert [one.name for one in test.expect] == ["status", "path"]
    assert run_test(machine, test).passed


def test_what_was_cut_so_that_it_ends_otherwise_makes_no_test(tmp_path: Path) -> None:
    text = LISTED.replace("tolerate: 1", "tolerate: 10%")
    machine = machine_of(tmp_path, pipeline=text)
    failing = [{"item": item, "error": "Bad"} for item in range(15)]
    objects: dict[str, Any] = {}
    rows = text.replace('items: "{% [1..$params.n] %}"', "items: {s3: s3://lake/in.json, format: json}")
    machine = machine_of(tmp_path, pipeline=rows)
    objects["s3://lake/in.json"] = list(range(300))
    mocks = {"each": [*failing, {"return": "A"}], "after": {"return": 1}}
    with pytest.raises(InvalidInput) as refused:
        recorded(machine, told(mocks, objects=objects))
    assert refused.value.code == "items-apart"


def test_a_replay_runs_the_items_too(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=LISTED)
    past, runs = past_of(
        machine,
        told({"each": {"return": "A"}, "after": {"return": 1}}, input={"n": 2}),
    )
    sessions = MemorySessionRepository()
    sessions.add(replace(a_session(), params={"n": 2}))
    (same,) = replay(machine, sessions, past.port, runs, count=3)
    assert same.passed, same
