"""Tests made of sessions: recorded, redacted, replayed, and begun from nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import InvalidInput, Missing, NotFound
from bunsui.model.json import Json
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.session import Attempt, HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import ExecutionClient
from bunsui.services.testing.machine_under_test import MachineUnderTest, history_event, machines_under_test
from bunsui.services.testing.pipeline_tests import run_machine, run_test
from bunsui.services.testing.recorded import record, redacted_suite, replay
from bunsui.services.testing.scaffold import machine_with, scaffold
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.spans import plain
from bunsui.view.test_report import verdict_lines
from tests.faults.amount import amount
from tests.services.test_pipeline_tests import GOOD, PIPELINE, project

AT = datetime(2026, 1, 31, tzinfo=UTC)


@dataclass
class Past:
    """Step Functions, as far as it remembers."""

    definition_of: Mapping[str, Json]
    events: Mapping[str, Sequence[HistoryEvent]] = field(default_factory=dict)

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        if execution_arn not in self.events:
            raise Missing("missing", "gone")
        return self.events[execution_arn]

    def definition(self, execution_arn: str) -> Mapping[str, Json]:
        return self.definition_of

    @property
    def port(self) -> ExecutionClient:
        return cast("ExecutionClient", self)


def a_session(name: str = "01A", status: SessionStatus = SessionStatus.SUCCEEDED) -> Session:
    attempt = Attempt(number=1, execution_arn=f"arn:{name}", kind="run", status=status, started_at=AT, stopped_at=AT)
    return Session(
        id=name, pipeline="sales", status=status, slot=AT, date="2026-01-31", params={}, started_by="me", created_at=AT,
        attempts=(attempt,),
    )  # fmt: skip


def machine_of(folder: Path, **files: Any) -> MachineUnderTest:
    machines, _ = machines_under_test(project(folder, **files), [])
    return machines["sales"]


def past_of(machine: MachineUnderTest, test: PipelineTest, name: str = "01A") -> Past:
    result = run_machine(machine, test)
    return Past(machine.definition, {f"arn:{name}": [history_event(event) for event in result.events]})


def good(**changed: Any) -> PipelineTest:
    mocks: dict[str, Any] = {
        "fetch.list": [
            {"error": "Lambda.TooManyRequestsException", "cause": "slow"},
            {"return": {"count": 3, "files": ["a", "b", "c"]}},
        ],
        "left": [{"item": 1, "return": "B"}, {"item": 2, "return": {"key": "C"}, "after": "10m"}, {"return": "A"}],
        "right": {"return": {"usd": 150, "password": "hunter2"}, "after": "2m"},
        "load": {"return": {"message_id": "m-1"}},
    }
    return PipelineTest(name="t", pipeline="sales", input={"day": "2026-01-31"}, mocks={**mocks, **changed})


def test_a_recorded_session_passes_as_a_test(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    test = record(machine, a_session(), past_of(machine, good()).port)
    assert run_test(machine, test).passed
    mocks = test.mocks
    assert mocks["fetch.list"] == [
        {"error": "Lambda.TooManyRequestsException", "cause": "slow"},
        {"return": {"count": 3, "files": ["a", "b", "c"]}},
    ]
    assert mocks["left.lambda"] == [
        {"item": 0, "return": "A"},
        {"item": 1, "return": "B"},
        {"item": 2, "return": {"key": "C"}, "after": "10m"},
    ]
    assert mocks["load"] == {"answer": {"MessageId": "m-1"}}
    assert {expectation.name: expectation.value for expectation in test.expect} == {
        "status": "succeeded",
        "path": ["fetch", "left", "right", "load"],
        "output": {"load": {"id": "m-1", "cleaned": ["A", "B", {"key": "C"}]}},
    }


@pytest.mark.parametrize("broken", [{"error": "Bad.Rate", "cause": "no rate"}, {"never": True}])
def test_a_session_that_failed_is_recorded_with_its_error(tmp_path: Path, broken: dict[str, Any]) -> None:
    machine = machine_of(tmp_path)
    past = past_of(machine, good(right=broken, left={"return": "x"}))
    test = record(machine, a_session(status=SessionStatus.FAILED), past.port)
    assert test.mocks["right"] == broken
    assert {expectation.name: expectation.value for expectation in test.expect}["error"] == broken.get(
        "error", "States.Timeout"
    )
    assert run_test(machine, test).passed


@settings(max_examples=amount(16, 40, 400), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=True))
def test_a_session_in_which_anything_failed_at_any_time_is_recorded_as_a_test_that_passes(chance: Random) -> None:
    """What was still at work when something else ended the session never answers."""

    def answer() -> dict[str, Any]:
        told = {"error": "Bad.Rate", "cause": "no rate"} if chance.random() < 0.4 else {"return": "x"}
        return {**told, "after": f"{chance.choice([0, 1, 30, 600])}s"}

    with TemporaryDirectory() as folder:
        machine = machine_of(Path(folder))
        past = past_of(machine, good(right=answer(), left=[{"item": item, **answer()} for item in range(3)]))
        failed = past.events["arn:01A"][-1].type != "ExecutionSucceeded"
        status = SessionStatus.FAILED if failed else SessionStatus.SUCCEEDED
        verdict = run_test(machine, record(machine, a_session(status=status), past.port))
    assert verdict.passed, verdict


def test_the_error_of_a_function_is_recorded_without_its_traceback(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    cause = {"errorType": "ValueError", "errorMessage": "no rate", "stackTrace": ["File ..."], "requestId": "1"}
    past = past_of(machine, good(right={"error": "ValueError", "cause": cause}, left={"return": "x"}))
    mock = record(machine, a_session(status=SessionStatus.FAILED), past.port).mocks["right"]
    assert mock == {"error": "ValueError", "cause": {"errorType": "ValueError", "errorMessage": "no rate"}}


def test_a_recorded_test_is_written_without_secrets_and_read_back(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    text = yaml_text(redacted_suite(record(machine, a_session(), past_of(machine, good()).port)))
    assert "hunter2" not in text
    assert yaml.safe_load(text)["tests"][0]["mocks"]["right"]["return"] == {"usd": 150, "password": "redacted"}
    again = project(tmp_path, **{"pipelines/sales.test.yaml": text})
    machines, files = machines_under_test(again, [])
    (test,) = files.documents.tests
    assert plain(verdict_lines(run_test(machines["sales"], test))).startswith("✓")


def test_a_running_or_forgotten_session_is_not_recorded(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    for session in (a_session(status=SessionStatus.RUNNING), a_session(status=SessionStatus.CANCELLED), a_session("gone")):
        with pytest.raises(InvalidInput):
            record(machine, session, Past(machine.definition).port)


def test_a_replay_tells_what_today_s_files_would_have_done_otherwise(tmp_path: Path) -> None:
    before = machine_of(tmp_path)
    past = past_of(before, good())
    sessions = MemorySessionRepository()
    sessions.add(a_session())
    sessions.add(replace(a_session("00Z"), created_at=AT))
    sessions.add(a_session("01B", status=SessionStatus.RUNNING))
    (same,) = replay(before, sessions, past.port, count=5)
    assert same.passed
    after = machine_of(tmp_path, pipeline=PIPELINE.replace("$ops.list.count > 0", "$ops.list.count > 100"))
    (changed,) = replay(after, sessions, past.port, count=5)
    assert changed.test.name == "session 01A"
    assert [mismatch.name for mismatch in changed.mismatches] == ["path", "output"]


def test_a_replay_over_a_new_task_says_that_it_has_no_answer(tmp_path: Path) -> None:
    past = past_of(machine_of(tmp_path), good())
    sessions = MemorySessionRepository()
    sessions.add(a_session())
    new = PIPELINE + '  late:\n    depends_on: [load]\n    operations: [{type: lambda, function: "late:live"}]\n'
    (verdict,) = replay(machine_of(tmp_path, pipeline=new), sessions, past.port, count=1)
    assert verdict.problem is not None
    assert "late" in verdict.problem.summary


def test_mocks_are_begun_in_the_shape_that_the_pipeline_reads(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    (test,) = cast("list[Any]", scaffold(machine, "fetch")["tests"])
    assert test["mocks"] == {"fetch.list": {"return": {"count": None, "files": None}}}
    (test,) = cast("list[Any]", scaffold(machine, "load")["tests"])
    assert test["mocks"] == {"load": {"return": {"message_id": None}}}
    text = yaml_text(scaffold(machine, "right"))
    outcome = project(tmp_path, tests=GOOD, **{"pipelines/sales.test.yaml": text})
    assert len(machines_under_test(outcome, [])[1].documents.tests) == 2
    assert json.loads(json.dumps(yaml.safe_load(text)))["pipeline"] == "sales"


def test_a_job_is_found_by_its_name(tmp_path: Path) -> None:
    machine = machine_of(tmp_path)
    assert machine_with({"sales": machine}, "right") is machine
    with pytest.raises(NotFound) as raised:
        machine_with({"sales": machine}, "rihgt")
    assert "right" in raised.value.hint
    with pytest.raises(InvalidInput):
        machine_with({"sales": machine, "other": machine}, "right")
