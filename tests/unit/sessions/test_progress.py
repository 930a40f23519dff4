from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Attempt, HistoryEvent, JobProgress, JobStatus, SessionStatus
from bunsui.sessions.checkpoints import AttemptHistory, checkpoints
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace, with_end

CASES = Path(__file__).parents[2] / "cases" / "history"
NAMES = sorted(path.stem for path in CASES.glob("*.json"))
START = datetime(2026, 1, 31, tzinfo=UTC)


def case(name: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def events_of(document: Mapping[str, Any]) -> list[HistoryEvent]:
    return [
        HistoryEvent(id=number, previous_id=previous, type=kind, at=START + timedelta(seconds=at), details=details)
        for number, previous, kind, at, details in document["events"]
    ]


def shown(job: JobProgress) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": job.name,
        "status": job.status.value,
        "started": job.started_at and (job.started_at - START).total_seconds(),
        "stopped": job.stopped_at and (job.stopped_at - START).total_seconds(),
        "output": job.output,
        "tries": job.tries,
        "items_done": job.items_done,
        "items_total": job.items_total,
        "error": job.error,
        "cause": job.cause,
        "coarse": job.coarse,
    }
    return values


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_history_gives_the_expected_progress(name: str) -> None:
    document = case(name)
    found = job_progress(machine_shape(document["definition"]), events_of(document))
    assert [job.name for job in found] == [wanted["name"] for wanted in document["expect"]]
    for job, wanted in zip(found, document["expect"], strict=True):
        got = shown(job)
        defaults = {"started": None, "stopped": None, "output": None, "coarse": False, "error": "", "cause": "",
                    "items_done": 0, "items_total": None, "tries": got["tries"]}  # fmt: skip
        assert got == {**defaults, **wanted}


@pytest.mark.parametrize("name", [name for name in NAMES if "checkpoints" in case(name)])
def test_a_recorded_history_gives_the_expected_checkpoints(name: str) -> None:
    document = case(name)
    found = checkpoints([AttemptHistory(number=1, definition=document["definition"], events=events_of(document))])
    assert {job: checkpoint.outputs for job, checkpoint in found.items()} == document["checkpoints"]


@pytest.mark.parametrize("name", NAMES)
def test_every_prefix_of_a_history_is_read_without_a_word(name: str) -> None:
    document = case(name)
    shape, events = machine_shape(document["definition"]), events_of(document)
    jobs = sorted(job.name for job in job_progress(shape, events))
    for length in range(len(events)):
        found = job_progress(shape, events[:length])
        assert sorted(job.name for job in found) == jobs
        assert all(job.stopped_at is None or job.started_at is not None for job in found)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("coarse", "map", "parallel", "recorded"))])
def test_a_history_without_previous_ids_gives_the_same_outcomes_in_a_sequence(name: str) -> None:
    document = case(name)
    events = events_of(document)
    shape = machine_shape(document["definition"])
    for before in (lambda _: 0, lambda number: number - 1):
        unchained = [replace(event, previous_id=before(event.id)) for event in events]
        assert job_progress(shape, unchained) == job_progress(shape, events)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("coarse")])
def test_a_made_up_chain_does_not_hide_that_a_container_is_silent(name: str) -> None:
    document = case(name)
    shape = machine_shape(document["definition"])
    chained = [replace(event, previous_id=event.id - 1) for event in events_of(document)]
    assert job_progress(shape, chained) == job_progress(shape, events_of(document))


@given(st.data())
def test_dropped_events_never_break_the_reading(data: st.DataObject) -> None:
    document = case(data.draw(st.sampled_from(NAMES)))
    events = events_of(document)
    kept = data.draw(st.lists(st.sampled_from(events), unique_by=lambda event: event.id)) if events else []
    shape = machine_shape(document["definition"])
    for job in job_progress(shape, sorted(kept, key=lambda event: event.id)):
        assert isinstance(job.status, JobStatus)


def test_a_known_order_of_jobs_wins_over_the_machines() -> None:
    document = case("parallel")
    found = job_progress(machine_shape(document["definition"]), events_of(document), order=["rates", "extract", "gone"])
    assert [job.name for job in found] == ["rates", "extract", "clean", "load"]


def test_an_end_known_from_elsewhere_stops_the_open_jobs() -> None:
    document = case("running")
    shape = machine_shape(document["definition"])
    stopped_at = START + timedelta(seconds=9)
    attempt = Attempt(
        number=1,
        execution_arn="arn:x",
        kind="run",
        status=SessionStatus.CANCELLED,
        started_at=START,
        stopped_at=stopped_at,
    )
    found = job_progress(shape, with_end(events_of(document), attempt))
    assert [job.status for job in found] == [JobStatus.STOPPED, JobStatus.NOT_RUN]
    assert found[0].stopped_at == stopped_at
    assert with_end([], attempt)[0].type == "ExecutionAborted"


def test_an_output_that_the_service_cut_is_read_as_unknown() -> None:
    events = [
        HistoryEvent(id=1, previous_id=0, type="TaskStateEntered", at=START, details={"name": "a"}),
        HistoryEvent(id=2, previous_id=1, type="TaskStateExited", at=START, details={"name": "a", "output": '{"cut'}),
    ]
    assert read_trace(events).visits[0].output() is None


def test_what_an_endpoint_records_after_the_end_does_not_count() -> None:
    document = case("running")
    shape, events = machine_shape(document["definition"]), events_of(document)
    at = events[-1].at
    number = len(events)
    late = [
        HistoryEvent(id=number + 1, previous_id=0, type="ExecutionAborted", at=at),
        HistoryEvent(id=number + 2, previous_id=number, type="TaskStateExited", at=at, details={"name": "extract"}),
    ]
    assert job_progress(shape, [*events, *late])[0].status is JobStatus.STOPPED


def test_a_redriven_execution_goes_on() -> None:
    document = case("failed")
    shape, events = machine_shape(document["definition"]), events_of(document)
    number = len(events)
    more = [
        HistoryEvent(id=number + 1, previous_id=number, type="ExecutionRedriven", at=START),
        HistoryEvent(id=number + 2, previous_id=number - 1, type="TaskScheduled", at=START),
    ]
    trace = read_trace([*events, *more])
    assert trace.status is None
    assert job_progress(shape, [*events, *more])[1].status is JobStatus.RUNNING


def test_a_malformed_definition_has_no_jobs() -> None:
    assert machine_shape({"StartAt": "_start", "States": {"x": 3}}).jobs == ()
    assert machine_shape({}).jobs == ()


def isolated_check() -> tuple[dict[str, Any], list[HistoryEvent]]:
    """Return a machine whose isolated job ends in a Fail inside a caught Parallel, and its history: no event holds the
    error."""
    fails = {"StartAt": "gate.fail", "States": {"gate.fail": {"Type": "Fail", "Error": "CheckFailed", "Cause": "too few"}}}
    definition = {
        "StartAt": "_start",
        "States": {
            "_start": {"Type": "Pass", "Next": "gate"},
            "gate": {
                "Type": "Parallel",
                "Branches": [fails],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "gate.failed"}],
            },
            "gate.failed": {"Type": "Pass", "End": True},
        },
    }
    told = {"jobs": {}, "status": {"gate": "failed"}, "errors": {"gate": {"Error": "CheckFailed", "Cause": "too few"}}}
    listed: list[tuple[str, dict[str, Any]]] = [
        ("ExecutionStarted", {"input": "{}"}),
        ("ParallelStateEntered", {"name": "gate"}),
        ("ParallelStateStarted", {}),
        ("FailStateEntered", {"name": "gate.fail"}),
        ("ParallelStateFailed", {}),
        ("ParallelStateExited", {"name": "gate", "output": "{}"}),
        ("PassStateEntered", {"name": "gate.failed"}),
        ("PassStateExited", {"name": "gate.failed", "output": json.dumps(told)}),
        ("ExecutionSucceeded", {"output": "{}"}),
    ]
    events = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START, details=details)
        for number, (kind, details) in enumerate(listed, start=1)
    ]
    return definition, events


def test_an_isolated_jobs_error_is_the_one_that_its_own_state_tells() -> None:
    definition, events = isolated_check()
    (gate,) = job_progress(machine_shape(definition), events)
    assert (gate.status, gate.error, gate.cause) == (JobStatus.FAILED, "CheckFailed", "too few")


def test_without_previous_ids_the_calls_of_items_do_not_count_as_tries() -> None:
    document = case("map-done")
    shape, events = machine_shape(document["definition"]), events_of(document)
    assert [job.tries for job in job_progress(shape, events)] == [2]
    unchained = [replace(event, previous_id=0) for event in events]
    assert [job.tries for job in job_progress(shape, unchained)] == [1]
