from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.fingerprints import fingerprint_comment
from bunsui.compile.reads import job_reads
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome
from bunsui.model.pipeline import Job, Operation
from bunsui.model.session import Checkpoint, HistoryEvent
from bunsui.model.values import Expression
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.checkpoints import AttemptHistory, ResumePlan, checkpoints
from bunsui.sessions.checkpoints import plan_resume as plan_resume_of

START = datetime(2026, 1, 31, tzinfo=UTC)
REGISTRY = builtin_registry()


def plan_resume(jobs: Sequence[Job], finished: Mapping[str, Checkpoint]) -> ResumePlan:
    return plan_resume_of(jobs, finished, REGISTRY)


def jobs_read(item: Job, jobs: Sequence[Job]) -> frozenset[str]:
    return job_reads(item, REGISTRY, frozenset(other.name for other in jobs))


def ancestors(item: Job, jobs: Sequence[Job]) -> frozenset[str]:
    parents = {other.name: other for other in jobs}
    return frozenset(item.depends_on).union(*(ancestors(parents[name], jobs) for name in item.depends_on))


def job(name: str, *depends_on: str, reads: tuple[str, ...] = (), outputs: tuple[str, ...] = ("n",)) -> Job:
    params = {f"p{index}": Expression(f"$jobs.{read}.n") for index, read in enumerate(reads)}
    return Job(
        name=name,
        operations=(Operation(id="op", type="lambda", params=params),),
        depends_on=depends_on,
        outputs={output: Expression(f"$result.{output}") for output in outputs},
    )


def done(*names: str, outcome: Outcome = Outcome.SUCCEEDED) -> dict[str, Checkpoint]:
    return {
        name: Checkpoint(
            job=name, outcome=outcome, outputs={"n": name} if outcome is not Outcome.SKIPPED else {}, at=START, attempt=1
        )
        for name in names
    }


CHAIN = (job("a"), job("b", "a", reads=("a",)), job("c", "b", reads=("a", "b")), job("d", "c", reads=("b",)))


def test_completed_jobs_are_restored_and_the_others_run() -> None:
    plan = plan_resume(CHAIN, done("a", "b"))
    assert plan.restored == ("a", "b")
    assert plan.to_run == ("c", "d")


def test_only_outputs_that_a_job_still_to_run_reads_are_carried() -> None:
    plan = plan_resume(CHAIN, done("a", "b", "c"))
    assert plan.payload == {"jobs": {"b": {"n": "b"}}, "status": dict.fromkeys("abc", "succeeded")}


def test_the_results_of_the_session_itself_are_carried() -> None:
    jobs = (job("a"), job("b"), job("c", "b"))
    assert plan_resume(jobs, done("a", "b")).payload["jobs"] == {"a": {"n": "a"}}


def test_a_checkpoint_with_other_outputs_than_declared_is_not_used_and_its_descendants_run_again() -> None:
    jobs = (job("a"), job("b", "a", outputs=("n", "m")), job("c", "b"), job("x", "a"))
    plan = plan_resume(jobs, done("a", "b", "c", "x"))
    assert plan.restored == ("a", "x")
    assert plan.to_run == ("b", "c")
    assert plan.outdated == {"b": "its outputs were n and are now m, n", "c": "something that it depends on runs again"}


def test_a_skipped_job_is_asked_again_without_running_what_followed_it() -> None:
    jobs = (job("a"), job("b", "a"), job("c", "b"))
    plan = plan_resume(jobs, {**done("a", "c"), **done("b", outcome=Outcome.SKIPPED)})
    assert (plan.restored, plan.skipped, plan.to_run) == (("a", "c"), ("b",), ())


def test_a_job_that_is_new_today_runs() -> None:
    assert plan_resume((*CHAIN, job("new", "a")), done("a", "b", "c", "d")).to_run == ("new",)


def test_a_job_that_takes_all_outputs_is_given_all() -> None:
    whole = Job(name="w", operations=(Operation(id="o", type="lambda", params=[Expression("$jobs")]),), depends_on=("c",))
    plan = plan_resume((*CHAIN[:3], whole), done("a", "b", "c"))
    assert set(cast("dict[str, Json]", plan.payload["jobs"])) == {"a", "b", "c"}


@st.composite
def dags(draw: st.DrawFn) -> tuple[Job, ...]:
    names = [f"j{index}" for index in range(draw(st.integers(1, 8)))]
    jobs: list[Job] = []
    for index, name in enumerate(names):
        depends_on = draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        upstream = sorted(ancestors(job("_", *depends_on), jobs))
        reads = draw(st.lists(st.sampled_from(upstream), unique=True)) if upstream else []
        jobs.append(job(name, *depends_on, reads=tuple(reads)))
    return tuple(jobs)


@given(dags(), st.data())
def test_the_laws_of_resuming(jobs: tuple[Job, ...], data: st.DataObject) -> None:
    finished = data.draw(st.sets(st.sampled_from([item.name for item in jobs])))
    plan = plan_resume(jobs, done(*finished))
    carried = plan.payload["jobs"]
    assert isinstance(carried, dict)
    assert set(plan.restored) | set(plan.to_run) == {item.name for item in jobs}
    assert set(plan.restored) <= finished
    for item in jobs:
        if item.name in plan.to_run:
            assert set(carried) >= {name for name in jobs_read(item, jobs) if name in plan.restored}
        else:
            assert not set(item.depends_on) & set(plan.to_run)
    readers = {name for item in jobs if item.name in plan.to_run for name in jobs_read(item, jobs)}
    sinks = {item.name for item in jobs} - {name for item in jobs for name in item.depends_on}
    assert set(carried) <= (readers | sinks) & set(plan.restored)


DEFINITION: dict[str, Json] = {
    "StartAt": "_start",
    "States": {"_start": {"Type": "Pass"}, "a": {"Type": "Task"}, "b": {"Type": "Task"}},
}


def attempt(number: int, restored: dict[str, Json], completed: dict[str, Json]) -> AttemptHistory:
    resume: Json = {"resume": {"jobs": restored, "status": dict.fromkeys(restored, "succeeded")}}
    events = [HistoryEvent(id=1, previous_id=0, type="ExecutionStarted", at=START, details={"input": json.dumps(resume)})]
    jobs: dict[str, Json] = {}
    for name, outputs in {**restored, **completed}.items():
        jobs[name] = outputs
        output = json.dumps({"jobs": jobs, "status": dict.fromkeys(jobs, "succeeded")})
        at = START + timedelta(seconds=len(events))
        first = len(events) + 1
        events.append(HistoryEvent(id=first, previous_id=1, type="TaskStateEntered", at=at, details={"name": name}))
        if name in completed:
            events.append(HistoryEvent(id=first + 1, previous_id=first, type="TaskScheduled", at=at))
        last = len(events) + 1
        details = {"name": name, "output": output}
        events.append(HistoryEvent(id=last, previous_id=last - 1, type="TaskStateExited", at=at, details=details))
    return AttemptHistory(number=number, definition=DEFINITION, events=events)


def test_a_restored_job_keeps_the_checkpoint_of_the_attempt_that_ran_it() -> None:
    found = checkpoints([attempt(1, {}, {"a": {"n": 1}}), attempt(2, {"a": {}}, {"b": {"n": 2}})])
    assert {name: (item.attempt, item.outputs) for name, item in found.items()} == {"a": (1, {"n": 1}), "b": (2, {"n": 2})}


def test_a_job_that_a_later_attempt_ran_again_loses_its_older_checkpoint() -> None:
    found = checkpoints([attempt(1, {}, {"a": {"n": 1}, "b": {"n": 2}}), attempt(2, {}, {"a": {"n": 3}})])
    assert {name: item.outputs for name, item in found.items()} == {"a": {"n": 3}}


def machine(comment: str) -> dict[str, Json]:
    return {
        "StartAt": "_start",
        "States": {"_start": {"Type": "Pass", "Comment": comment}, "a": {"Type": "Task"}, "b": {"Type": "Task"}},
    }


PRINTS = fingerprint_comment({"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("comment", "prints", "is_foreign"),
    [(PRINTS, ("1", "2"), False), (PRINTS.replace("version ", "version 9"), ("", ""), True), ("", ("", ""), False)],
)
def test_a_checkpoint_says_where_it_is_from_and_what_ran_it(comment: str, prints: tuple[str, str], is_foreign: bool) -> None:
    found = checkpoints([replace(attempt(3, {"a": {"n": 1}}, {"b": {"n": 2}}), definition=machine(comment))])
    told = Checkpoint(
        job="a",
        outcome=Outcome.SUCCEEDED,
        outputs={"n": 1},
        at=START,
        attempt=3,
        fingerprint=prints[0],
        is_foreign=is_foreign,
    )
    ran = replace(told, job="b", outputs={"n": 2}, at=START + timedelta(seconds=3), fingerprint=prints[1])
    assert found == {"a": told, "b": ran}


def test_outputs_that_an_attempt_was_given_count_only_for_what_it_restored() -> None:
    resume: Json = {
        "resume": {"jobs": {"a": {"n": 1}, "b": "x", "c": {"n": 3}}, "status": {"a": "succeeded", "b": "succeeded"}}
    }
    event = HistoryEvent(id=1, previous_id=0, type="ExecutionStarted", at=START, details={"input": json.dumps(resume)})
    found = checkpoints([AttemptHistory(number=1, definition=DEFINITION, events=[event])])
    assert {name: one.outputs for name, one in found.items()} == {"a": {"n": 1}}
    stored = checkpoints(
        [AttemptHistory(number=1, definition=DEFINITION, events=[event], stored={"b": {"n": 2}, "a": {"n": 9}})]
    )
    assert {name: one.outputs for name, one in stored.items()} == {"a": {"n": 9}, "b": {"n": 2}}
    for text in ("[]", '{"resume": []}', '{"resume": {"jobs": [], "status": {"a": "succeeded"}}}'):
        bare = replace(event, details={"input": text})
        assert checkpoints([AttemptHistory(number=1, definition=DEFINITION, events=[bare])]) == {}
    assert checkpoints([AttemptHistory(number=1, definition={}, events=[])]) == {}


def test_a_job_of_a_silent_container_is_kept_only_with_its_outputs() -> None:
    branches: Json = [{"StartAt": name, "States": {name: {"Type": "Task"}}} for name in ("left", "right", "skip")]
    definition: dict[str, Json] = {
        "StartAt": "_start",
        "States": {"_start": {"Type": "Pass"}, "_par": {"Type": "Parallel", "Branches": branches}, "last": {"Type": "Task"}},
    }
    output = {"jobs": {"left": {"n": 1}}, "status": {"left": "succeeded", "right": "succeeded", "skip": "skipped"}}
    listed: list[tuple[str, dict[str, Json]]] = [
        ("ParallelStateEntered", {"name": "_par"}),
        ("ParallelStateExited", {"name": "_par", "output": json.dumps(output)}),
        ("TaskStateEntered", {"name": "last"}),
        ("TaskStateExited", {"name": "last", "output": json.dumps({"status": {"last": "succeeded"}})}),
    ]
    events = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START + timedelta(seconds=number), details=details)
        for number, (kind, details) in enumerate(listed, 1)
    ]
    found = checkpoints([AttemptHistory(number=1, definition=definition, events=events)])
    assert {name: (one.outcome, one.outputs) for name, one in found.items()} == {
        "left": (Outcome.SUCCEEDED, {"n": 1}),
        "skip": (Outcome.SKIPPED, {}),
        "last": (Outcome.SUCCEEDED, {}),
    }
