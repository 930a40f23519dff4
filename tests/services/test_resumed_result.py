"""The law of checkpoints: a resume with an edited job gives what a whole run of the edited pipeline gives.

`BUNSUI_DRAWS` says how many pipelines are drawn.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.restoring import restore_name
from bunsui.engine.clock import VirtualClock
from bunsui.engine.run import ExecutionResult
from bunsui.model.bucket import MANAGED
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.resource import Scope
from bunsui.model.session import JobStatus
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest, history_event
from bunsui.sessions.checkpoints import AttemptHistory, ResumePlan, checkpoints, plan_resume
from bunsui.sessions.progress import job_progress
from bunsui.sessions.recovery.stored import INLINE_BYTES, ResumedMachine, carry_resume
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.executing import SCOPE

DRAWS = int(os.environ.get("BUNSUI_DRAWS", "20"))
CHANCE = st.randoms(use_true_random=True)
REGISTRY = builtin_registry()


def job_of(name: str, before: list[str], version: int = 1) -> Job:
    outputs = {"n": Expression(f"$result.n{''.join(f' + $jobs.{other}.n' for other in before)}")}
    call = Operation(id="call", type="lambda", params=LambdaParams(function=f"{name}:{version}"))
    return Job(name=name, operations=(call,), depends_on=tuple(before), outputs=outputs)


def pipeline_of(chance: Random) -> Pipeline:
    names = [f"j{number}" for number in range(chance.randint(2, 8))]
    jobs = [
        job_of(name, chance.sample(names[:index], min(index, chance.choice([0, 1, 1, 2, 3]))))
        for index, name in enumerate(names)
    ]
    return Pipeline(name="law", path="p.yaml", jobs=tuple(jobs))


def with_edited(pipeline: Pipeline, edited: str) -> Pipeline:
    jobs = [job_of(job.name, list(job.depends_on), 2) if job.name == edited else job for job in pipeline.jobs]
    return replace(pipeline, jobs=tuple(jobs))


def machine_of(pipeline: Pipeline, scope: Scope = SCOPE) -> MachineUnderTest:
    definition: Any = shown(compile_pipeline(pipeline, scope=scope, registry=REGISTRY).definition)
    return MachineUnderTest(name="law", definition=definition, order=tuple(job.name for job in pipeline.jobs))


def ran(
    pipeline: Pipeline, numbers: Mapping[str, int], *, fails: str = "", resume: Json = None
) -> tuple[ExecutionResult, set[str]]:
    """Run the pipeline, and tell which jobs called their function. A job of version 2 answers ten times its number."""
    machine, clock = machine_of(pipeline), VirtualClock(START)
    versions = {job.name: str(job.operations[0].params).count(":2") for job in pipeline.jobs}
    told = {
        name: [{"error": "Broken"}] if name == fails else [{"return": {"Payload": {"n": number * 10 ** versions[name]}}}]
        for name, number in numbers.items()
    }
    runner = MockedTasks(clock=clock, answers=machine.by_state(read_mocks(told)))
    result = machine.run({} if resume is None else {"resume": resume}, runner=runner, clock=clock)
    entered = {event["stateEnteredEventDetails"]["name"] for event in result.events if event["type"] == "TaskStateEntered"}
    return result, {machine.shape.states[name].job for name in entered}


def resumed(before: Pipeline, now: Pipeline, result: ExecutionResult) -> ResumePlan:
    history = AttemptHistory(
        number=1, definition=machine_of(before).definition, events=[history_event(event) for event in result.events]
    )
    applied = read_fingerprints(machine_of(now).definition)
    return plan_resume(now.jobs, checkpoints([history]), REGISTRY, applied=applied)


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_a_resume_with_an_edited_job_gives_what_a_whole_run_gives(chance: Random) -> None:
    pipeline = pipeline_of(chance)
    names = [job.name for job in pipeline.jobs]
    numbers = {name: chance.randint(1, 9) for name in names}
    fails, edited = chance.choice(names), chance.choice(names)
    first, _ = ran(pipeline, numbers, fails=fails)
    assert str(first.status) == "FAILED"
    now = with_edited(pipeline, edited)
    plan = resumed(pipeline, now, first)
    second, called = ran(now, numbers, resume=dict(plan.payload))
    whole, _ = ran(now, numbers)
    assert (str(second.status), second.output) == (str(whole.status), whole.output)
    assert called == set(plan.to_run)
    assert edited not in plan.restored
    assert not plan.untold


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_without_an_edit_no_completed_job_is_called_again(chance: Random) -> None:
    pipeline = pipeline_of(chance)
    names = [job.name for job in pipeline.jobs]
    numbers = {name: chance.randint(1, 9) for name in names}
    first, _ = ran(pipeline, numbers, fails=chance.choice(names))
    plan = resumed(pipeline, pipeline, first)
    _, called = ran(pipeline, numbers, resume=dict(plan.payload))
    assert plan.outdated == {}
    assert called.isdisjoint(plan.restored)


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_a_resume_whose_outputs_lie_in_the_bucket_gives_what_one_with_them_in_its_input_gives(chance: Random) -> None:
    pipeline = pipeline_of(chance)
    names = [job.name for job in pipeline.jobs]
    numbers = {name: chance.randint(1, 9) for name in names}
    first, _ = ran(pipeline, numbers, fails=chance.choice(names))
    plan = resumed(pipeline, pipeline, first)
    inline, called = ran(pipeline, numbers, resume=dict(plan.payload))

    machine, clock = machine_of(pipeline, replace(SCOPE, bucket=MANAGED)), VirtualClock(START)
    carried = carry_resume(plan.payload, [ResumedMachine(definition=machine.definition)], around=INLINE_BYTES, session="s")
    told = {name: [{"return": {"Payload": {"n": number}}}] for name, number in numbers.items()}
    objects = {restore_name(one.job): [{"return": {"Body": one.content.decode()}}] for one in carried.stored}
    answers = {**machine.by_state(read_mocks(told)), **read_mocks(objects)}
    result = machine.run({"resume": dict(carried.payload)}, runner=MockedTasks(clock=clock, answers=answers), clock=clock)
    assert (str(result.status), result.output) == (str(inline.status), inline.output)
    jobs: Any = plan.payload["jobs"]
    assert {one.job for one in carried.stored} == set(jobs)

    seen = {job.name: job for job in job_progress(machine.shape, [history_event(event) for event in result.events])}
    assert {name for name, job in seen.items() if job.status is JobStatus.RESTORED} == set(plan.restored)
    assert {name for name, job in seen.items() if job.tries} == called
