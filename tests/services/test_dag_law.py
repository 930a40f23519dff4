"""The law of the compiler and the engine together: a compiled pipeline does what the pipeline means.

`BUNSUI_DRAWS` says how many pipelines are drawn; `benchmarks/meaning.py` draws many and counts what was in them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.model.json import Json
from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import Foreach, Job, Operation, OutputRule, Parameter, Pipeline, Poll
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.facts import RunFacts
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.dag_interpreter import Fate, Meaning, meaning
from tests.executing import SCOPE
from tests.faults.amount import amount

MOST_JOBS = 7
DEFAULT = 100
DRAWS = int(os.environ.get("BUNSUI_DRAWS", "60"))

Case = tuple[Pipeline, dict[str, Fate], dict[str, int]]
"""A pipeline, what happens to each of its jobs, and how long each takes."""

# True chance rather than Hypothesis' own: its draws are mostly small and alike, and hardly any failure would meet a handler.
POLL = Poll(until=Expression("$exists($result.done)"), every_seconds=2)
CHANCE = st.randoms(use_true_random=True)


def fate_of(chance: Random) -> Fate:
    items = chance.choice([None, None, None, 0, 1, 2])
    return Fate(
        fails=chance.random() < 0.25,
        wanted=chance.choice([True, True, True, False, False, None]),
        number=chance.randint(0, 9),
        is_silent=items is None and chance.random() < 0.2,
        items=items,
        questions=0 if items is not None else chance.choice([0, 0, 1, 3]),
    )


def job_of(chance: Random, name: str, fate: Fate, before: list[str]) -> Job:
    rule = chance.choice([*RunIf, RunIf.ANY_FAILED, RunIf.ALL_SUCCEEDED])
    poll = POLL if fate.questions else None
    given = ", ".join(f"$jobs.{other}.n" for other in before)
    outputs = {"n": Expression("$result.n" if fate.items is None else "$sum($result.output.n)")}
    if fate.items is not None:
        outputs["each"] = Expression("$result.output.n")
    if before:
        outputs["before"] = Expression(f"$sum([{given}])")
    return Job(
        name=name,
        operations=(Operation(id="call", type="lambda", params=LambdaParams(function=f"{name}:1"), poll=poll),),
        depends_on=tuple(before),
        when=Expression(f"$params.wanted.{name}") if chance.random() < 0.3 else None,
        run_if=rule,
        handles=rule.reacts and chance.random() < 0.5,
        isolate=chance.random() < 0.6,
        foreach=None if fate.items is None else Foreach(items=Expression(f"$params.items.{name}")),
        outputs=outputs,
        output_rules={"n": OutputRule(default=DEFAULT, has_default=True)} if chance.random() < 0.5 else {},
    )


def case_of(chance: Random) -> Case:
    names = [f"j{number}" for number in range(chance.randint(1, MOST_JOBS))]
    fates = {name: fate_of(chance) for name in names}
    jobs = [
        job_of(chance, name, fates[name], chance.sample(names[:index], min(index, chance.choice([0, 1, 1, 2, 2, 3]))))
        for index, name in enumerate(names)
    ]
    parameters = tuple(Parameter(name=name, type="object", schema={"type": "object"}) for name in ("wanted", "items"))
    pipeline = Pipeline(name="law", path="p.yaml", jobs=tuple(jobs), parameters=parameters)
    return pipeline, fates, {name: chance.randint(0, 3) for name in names}


def answers(name: str, fate: Fate, seconds: int) -> list[dict[str, Any]]:
    """Return what the job's operation answers: nothing yet as often as the fate says, then its number or its failure."""
    result: dict[str, Any] = {"done": True} if fate.is_silent else {"done": True, "n": fate.number}
    last = {"error": f"Broken.{name}"} if fate.fails else {"return": {"Payload": result}}
    waiting: dict[str, Any] = {"return": {"Payload": {}}}
    told = [{**answer, "after": seconds} for answer in [waiting] * max(fate.questions - 1, 0) + [last]]
    return told if fate.items is None else [{**told[-1], "item": item} for item in range(fate.items)]


def ran(pipeline: Pipeline, fates: dict[str, Fate], seconds: dict[str, int]) -> RunFacts:
    """Compile the pipeline and run it on the engine."""
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    definition: Any = shown(compiled.definition)
    machine = MachineUnderTest(name="law", definition=definition, order=tuple(fates))
    clock = VirtualClock(START)
    told = read_mocks({name: mocks for name, fate in fates.items() if (mocks := answers(name, fate, seconds[name]))})
    runner = MockedTasks(clock=clock, answers=machine.by_state(told))
    payload: Json = {
        "params": {
            "wanted": {name: fate.wanted for name, fate in fates.items() if fate.wanted is not None},
            "items": {name: list(range(fate.items)) for name, fate in fates.items() if fate.items is not None},
        }
    }
    result = machine.run(payload, runner=runner, clock=clock)
    assert runner.unmet == []
    return machine.facts(result)


def outputs_of(job: Job, fate: Fate, expected: Meaning) -> dict[str, Any]:
    found: dict[str, Any] = {"n": expected.numbers[job.name]}
    if fate.items is not None:
        found["each"] = [fate.number] * fate.items
    if job.depends_on:
        found["before"] = sum(expected.numbers.get(name, 0) for name in job.depends_on)
    return found


def check_end(pipeline: Pipeline, fates: dict[str, Fate], expected: Meaning, facts: RunFacts) -> None:
    statuses = {job.name: job.status.value for job in facts.jobs}
    assert statuses == dict(expected.statuses)
    failed = {name for name, status in statuses.items() if status == "failed"}
    assert {job.name: job.error for job in facts.jobs if job.name in failed} == {name: expected.errors[name] for name in failed}
    if expected.unhandled:
        assert facts.error == "Bunsui.JobsFailed"
        named = facts.cause.removeprefix("failed: ").split(", ")
        assert sorted(named) == sorted(f"{name} ({expected.errors[name]})" for name in expected.unhandled)
        ends = {job.name: job.stopped_at for job in facts.jobs}
        told = [ends[text.partition(" ")[0]] for text in named]
        assert told == sorted(told, key=lambda at: at or START), "the first failure is named first"
        return
    last = [job for job in pipeline.jobs if not any(job.name in other.depends_on for other in pipeline.jobs)]
    assert facts.output == {
        job.name: outputs_of(job, fates[job.name], expected) for job in last if expected.statuses[job.name] == "succeeded"
    }


def check_law(chance: Random, seen: Counter[str] | None = None) -> None:
    """Draw one pipeline and hold what it does against what it means; count in `seen` what it had in it."""
    pipeline, fates, seconds = case_of(chance)
    expected = meaning(pipeline, fates)
    if seen is not None:
        seen.update(kinds_of(pipeline, fates, expected))
    facts = ran(pipeline, fates, seconds)
    assert facts.status == expected.status, (facts.error, facts.cause)
    if not expected.fatal:
        check_end(pipeline, fates, expected, facts)
        return
    assert facts.error in {expected.errors[name] for name in expected.fatal}, json.dumps(facts.cause)
    ended = {job.name: job.status.value for job in facts.jobs if job.status.value in ("succeeded", "skipped")}
    reached = {name: status for name, status in ended.items() if name in expected.statuses}
    assert reached == {name: expected.statuses[name] for name in reached}
    assert ended.keys() <= expected.statuses.keys()


def kinds_of(pipeline: Pipeline, fates: dict[str, Fate], expected: Meaning) -> set[str]:
    """Return what is in the case, for a count."""
    found = {f"a job {status}" for status in expected.statuses.values()} | {f"session {expected.status}"}
    found |= {f"error {error.replace('Broken.', 'of its own ').split(' j')[0]}" for error in expected.errors.values()}
    found |= {f"foreach of {fate.items}" for fate in fates.values() if fate.items is not None}
    found |= {f"run_if {job.run_if.value}" for job in pipeline.jobs}
    handling = [job for job in pipeline.jobs if job.handles and expected.statuses.get(job.name) == "succeeded"]
    if any(expected.statuses.get(name) == "failed" for job in handling for name in job.depends_on):
        found.add("a failure handled")
    if any(
        fates[job.name].is_silent and job.output_rules and expected.statuses.get(job.name) == "succeeded"
        for job in pipeline.jobs
    ):
        found.add("a default for an absent output")
    if expected.fatal:
        found.add("ended at once")
    return found


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANCE)
def test_a_compiled_pipeline_does_what_it_means(chance: Random) -> None:
    check_law(chance)


@settings(max_examples=amount(16, 40, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANCE)
def test_a_job_begins_after_the_jobs_that_it_depends_on(chance: Random) -> None:
    pipeline, fates, seconds = case_of(chance)
    facts = ran(pipeline, fates, seconds)
    place = {name: index for index, name in enumerate(facts.path)}
    for job in pipeline.jobs:
        for name in job.depends_on:
            if job.name in place and name in place:
                assert place[name] < place[job.name]
                assert frozenset((name, job.name)) not in facts.side_by_side
