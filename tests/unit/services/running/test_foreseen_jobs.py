"""Which jobs of a run that has not begun run, are skipped, or depend on it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from bunsui.model.outcomes import ClosingPhase, RunIf
from bunsui.model.pipeline import Job, Operation
from bunsui.model.values import Expression
from bunsui.services.running.foreseen_jobs import ForeseenJob, JobProspect, foresee_jobs
from bunsui.services.running.known_values import KnownValues
from tests.dag_interpreter import Fate, meaning
from tests.faults.amount import amount
from tests.services.test_dag_law import CHANCE, case_of

NOTHING = KnownValues(params={})


def job(
    name: str, *before: str, when: str = "", run_if: RunIf = RunIf.ALL_SUCCEEDED, closing: ClosingPhase | None = None
) -> Job:
    operations = (Operation(id="x", type="wait", params={}),)
    condition = Expression(when) if when else None
    return Job(name=name, operations=operations, depends_on=before, when=condition, run_if=run_if, closing=closing)


def foreseen(*jobs: Job, skipping: frozenset[str] = frozenset()) -> dict[str, ForeseenJob]:
    return {one.name: one for one in foresee_jobs(jobs, NOTHING, skipping=skipping)}


def test_jobs_stand_by_level_and_then_as_in_the_file() -> None:
    found = foreseen(job("last", "b", "c"), job("c", "a"), job("b", "a"), job("a"), job("alone"))
    assert [(one.name, one.level) for one in found.values()] == [("a", 1), ("alone", 1), ("c", 2), ("b", 2), ("last", 3)]
    assert {one.prospect for one in found.values()} == {JobProspect.RUNS}


def test_a_skip_goes_on_as_run_if_says() -> None:
    found = foreseen(
        job("a", when="false"),
        job("b", "a"),
        job("c", "a", run_if=RunIf.NONE_FAILED),
        job("d", "a", run_if=RunIf.NONE_FAILED_MIN_ONE_SUCCESS),
        job("e", "c", "b", run_if=RunIf.NONE_FAILED_MIN_ONE_SUCCESS),
        job("f", "b", run_if=RunIf.ALL_DONE),
        job("g", "b", run_if=RunIf.ANY_FAILED),
    )
    assert [name for name, one in found.items() if one.prospect is JobProspect.SKIPPED] == ["a", "b", "d", "g"]
    assert [name for name, one in found.items() if one.prospect is JobProspect.RUNS] == ["c", "e", "f"]
    assert found["a"].why == "its when does not hold"
    assert found["b"].why == "run_if: all_succeeded, and a is skipped"


def test_what_the_run_alone_knows_is_left_to_it_and_so_is_what_follows() -> None:
    found = foreseen(
        job("a", when="$exists($jobs.x)"), job("b", "a"), job("c", "a", run_if=RunIf.ALL_DONE), job("d", "b", when="false")
    )
    assert [one.prospect for one in found.values()] == [
        JobProspect.DEPENDS,
        JobProspect.DEPENDS,
        JobProspect.RUNS,
        JobProspect.SKIPPED,
    ]
    assert found["a"].why == "its when reads what the run alone knows"
    assert found["b"].why == "a job before it may be skipped"


def test_an_operation_that_may_skip_its_job_leaves_what_follows_to_the_run() -> None:
    found = foreseen(job("a"), job("b", "a"), skipping=frozenset({"a"}))
    assert (found["a"].prospect, found["b"].prospect) == (JobProspect.RUNS, JobProspect.DEPENDS)


def test_a_condition_that_is_no_condition_fails_its_job_and_nothing_after_it_runs() -> None:
    found = foreseen(job("a", when="'yes'"), job("b", "a"), job("c", "a", run_if=RunIf.ANY_FAILED))
    assert [one.prospect for one in found.values()] == [JobProspect.FAILS, JobProspect.NOT_RUN, JobProspect.RUNS]
    assert found["b"].why == "a before it cannot succeed"


def test_of_closing_jobs_those_of_a_failure_depend_on_the_run() -> None:
    found = foreseen(
        job("a"),
        job("tell", "a", run_if=RunIf.ANY_FAILED, closing=ClosingPhase.ON_FAILURE),
        job("clean", "a", run_if=RunIf.ALL_DONE, closing=ClosingPhase.FINALLY),
    )
    assert (found["tell"].prospect, found["clean"].prospect) == (JobProspect.DEPENDS, JobProspect.RUNS)
    assert (found["tell"].closing, found["clean"].closing) == (ClosingPhase.ON_FAILURE, ClosingPhase.FINALLY)


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="depend on each other"):
        foreseen(job("a", "b"), job("b", "a"))


@settings(max_examples=amount(24, 60, 600), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANCE)
def test_what_is_foreseen_is_what_the_pipeline_means_whatever_fails(chance: Random) -> None:
    pipeline, fates, _ = case_of(chance)
    calm = {name: replace(fate, is_silent=False, fails=False) for name, fate in fates.items()}
    wanted = {name: fate.wanted for name, fate in fates.items() if fate.wanted is not None}
    found = foresee_jobs(pipeline.jobs, KnownValues(params={"wanted": wanted}))
    quiet = meaning(pipeline, calm)
    for one in found:
        if one.prospect is JobProspect.RUNS and one.name in quiet.statuses:
            assert quiet.statuses[one.name] == "succeeded"
        if one.prospect is JobProspect.FAILS and (one.name in quiet.statuses or one.name in quiet.fatal):
            assert one.name in quiet.errors
    for _ in range(10):
        drawn: dict[str, Fate] = {name: replace(fate, fails=chance.random() < 0.4) for name, fate in calm.items()}
        ended = meaning(pipeline, drawn)
        never = {one.name for one in found if one.prospect in (JobProspect.SKIPPED, JobProspect.NOT_RUN)}
        ran = {name for name, status in ended.statuses.items() if status in ("succeeded", "failed")} | ended.fatal
        assert not never & ran
