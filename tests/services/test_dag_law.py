"""The law of the compiler and the engine together: a compiled pipeline does what the pipeline means."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline, Poll, RunIf
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.machine_under_test import START, MachineUnderTest
from bunsui.services.render import shown
from bunsui.testing.facts import RunFacts
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.dag_interpreter import Fate, Meaning, meaning
from tests.executing import SCOPE

MOST_JOBS = 7


Case = tuple[Pipeline, dict[str, Fate], dict[str, int]]
"""A pipeline, what happens to each of its jobs, and how long each takes."""

# True chance rather than Hypothesis' own: its draws are mostly small and alike, and hardly any failure would meet a handler.
POLL = Poll(until=Expression("$exists($result.n)"), every_seconds=2)
CHANCE = st.randoms(use_true_random=True)


def case_of(chance: Random) -> Case:
    names = [f"j{number}" for number in range(chance.randint(1, MOST_JOBS))]
    fates = {
        name: Fate(
            fails=chance.random() < 0.3,
            is_wanted=chance.random() < 0.6,
            number=chance.randint(0, 9),
            questions=chance.choice([0, 0, 1, 3]),
        )
        for name in names
    }
    jobs = []
    for index, name in enumerate(names):
        before = chance.sample(names[:index], min(index, chance.choice([0, 1, 1, 2, 2, 3])))
        given = ", ".join(f"$jobs.{other}.n" for other in before)
        jobs.append(
            Job(
                name=name,
                operations=(
                    Operation(
                        id="call",
                        type="lambda",
                        params=LambdaParams(function=f"{name}:1"),
                        poll=POLL if fates[name].questions else None,
                    ),
                ),
                depends_on=tuple(before),
                when=Expression(f"$params.{name}") if chance.random() < 0.3 else None,
                run_if=chance.choice([*RunIf, RunIf.ANY_FAILED, RunIf.NONE_FAILED_OR_SKIPPED]),
                isolate=chance.random() < 0.6,
                outputs={"n": Expression(f"$result.n + $sum([{given}])" if given else "$result.n")},
            )
        )
    return Pipeline(name="law", path="p.yaml", jobs=tuple(jobs)), fates, {name: chance.randint(0, 3) for name in names}


def answers(name: str, fate: Fate, seconds: int) -> list[dict[str, Any]]:
    """Give what the job's operation answers: nothing yet as often as the fate says, then its number or its failure."""
    last = {"error": f"Broken.{name}"} if fate.fails else {"return": {"Payload": {"n": fate.number}}}
    waiting: dict[str, Any] = {"return": {"Payload": {}}}
    return [{**answer, "after": seconds} for answer in [waiting] * max(fate.questions - 1, 0) + [last]]


def ran(pipeline: Pipeline, fates: dict[str, Fate], seconds: dict[str, int]) -> RunFacts:
    """Compile the pipeline and run it on the engine."""
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    definition: Any = shown(compiled.definition)
    machine = MachineUnderTest(name="law", definition=definition, order=tuple(fates))
    clock = VirtualClock(START)
    told = read_mocks({name: answers(name, fate, seconds[name]) for name, fate in fates.items()})
    runner = MockedTasks(clock=clock, answers=machine.by_state(told))
    payload = {"params": {name: fate.is_wanted for name, fate in fates.items()}}
    result = machine.run(payload, runner=runner, clock=clock)
    assert runner.unmet == []
    return machine.facts(result)


def declared(pipeline: Pipeline) -> Pipeline:
    """Give the pipeline with a parameter for each job, which its `when` reads."""
    parameters = tuple(Parameter(name=job.name, type="boolean", schema={"type": "boolean"}) for job in pipeline.jobs)
    return replace(pipeline, parameters=parameters)


def check_end(pipeline: Pipeline, expected: Meaning, facts: RunFacts) -> None:
    statuses = {job.name: job.status.value for job in facts.jobs}
    assert statuses == dict(expected.statuses)
    if expected.unhandled:
        assert facts.error == "Bunsui.JobsFailed"
        assert all(name in facts.cause for name in expected.unhandled)
        return
    last = {job.name for job in pipeline.jobs} - {name for job in pipeline.jobs for name in job.depends_on}
    assert facts.output == {name: {"n": number} for name, number in expected.outputs.items() if name in last}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANCE)
def test_a_compiled_pipeline_does_what_it_means(chance: Random) -> None:
    pipeline, fates, seconds = case_of(chance)
    expected = meaning(pipeline, fates)
    facts = ran(declared(pipeline), fates, seconds)
    event(f"{expected.status}, {'fatal' if expected.fatal else 'to the end'}")
    assert facts.status == expected.status, (facts.error, facts.cause)
    if expected.fatal:
        assert facts.error in {f"Broken.{name}" for name in expected.fatal}, json.dumps(facts.cause)
        ended = {job.name: job.status.value for job in facts.jobs if job.status.value in ("succeeded", "skipped")}
        reached = {name: status for name, status in ended.items() if name in expected.statuses}
        assert reached == {name: expected.statuses[name] for name in reached}
        assert ended.keys() <= expected.statuses.keys()
    else:
        check_end(pipeline, expected, facts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANCE)
def test_a_job_begins_after_the_jobs_that_it_depends_on(chance: Random) -> None:
    pipeline, fates, seconds = case_of(chance)
    facts = ran(declared(pipeline), fates, seconds)
    place = {name: index for index, name in enumerate(facts.path)}
    for job in pipeline.jobs:
        for name in job.depends_on:
            if job.name in place and name in place:
                assert place[name] < place[job.name]
                assert frozenset((name, job.name)) not in facts.side_by_side
