"""The law of items: a resume gives what a run without failures gives, and calls no function again for an item that it keeps.

Items run inline, in executions of their own, in batches, or come from an object in S3.

`BUNSUI_DRAWS` says how many pipelines are drawn.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.foreach.recognized import items_in
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline, S3Items
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.testkit.objects import MemoryObjectLists
from tests.fakes.item_runs import Call, Runs

DRAWS = int(os.environ.get("BUNSUI_DRAWS", "12"))
CHANCE = st.randoms(use_true_random=True)
ITEMS: tuple[Json, ...] = (7, "a", None, [], [5], [1, [2]], {"k": [1]}, {}, False, "", [None])
"""Values that JSONata likes to take for something else."""


def job_of(chance: Random, name: str, before: list[str]) -> Job:
    tolerate = chance.choice([None, None, 0, 1])
    is_distributed = chance.random() < 0.7
    batch = chance.choice([None, 1, 2, 3]) if is_distributed else None
    source = S3Items(bucket="lake", key=f"{name}.json", format="json") if is_distributed and chance.random() < 0.5 else None
    one = "$one.at & '/' & $string($one.item)" if batch is None else "$join($one.($string(at)), '+')"
    items: Any = Expression(f"$params.{name}")
    if source is not None:
        items = ()
    elif chance.random() < 0.3:
        items = (Expression(f"$params.{name}[0]"), {"at": 1, "item": [3]})
    foreach = Foreach(
        items=items,
        source=source,
        batch=batch,
        variable="one",
        label=chance.choice([None, Expression(one)]),
        is_distributed=is_distributed,
        max_concurrency=chance.choice([0, 1, 2]),
        tolerate_count=tolerate,
        tolerate_percent=chance.choice([None, 12.5, 20.0]) if tolerate is None else None,
    )
    told: dict[str, Any] = {"at": Expression("$one.at"), "item": Expression("$one.item")}
    payload: Any = {"job": name, "version": 1, **(told if batch is None else {"items": Expression("$one")})}
    calls = (Operation(id="call", type="lambda", params=LambdaParams(function=name, payload=payload)),)
    outputs = chance.choice([{"all": Expression("$result"), "n": Expression("$count($result)")}, {}])
    return Job(name=name, operations=calls, depends_on=tuple(before), foreach=foreach, outputs=outputs)


def pipeline_of(chance: Random) -> Pipeline:
    names = [f"j-{number}" if number == 1 else f"j{number}" for number in range(chance.randint(1, 4))]
    jobs = [
        job_of(chance, name, chance.sample(names[:index], min(index, chance.choice([0, 1, 1]))))
        for index, name in enumerate(names)
    ]
    jobs = [replace(job, foreach=with_param(job)) for job in jobs]
    parameters = tuple(Parameter(name=param(name), type="array", schema={}) for name in names)
    return Pipeline(name="law", path="p.yaml", jobs=tuple(jobs), parameters=parameters)


def param(job: str) -> str:
    return job.replace("-", "_")


def with_param(job: Job) -> Foreach:
    assert job.foreach is not None
    items: Any = job.foreach.items

    def named(value: Any) -> Any:
        return Expression(value.text.replace(job.name, param(job.name))) if isinstance(value, Expression) else value

    return replace(job.foreach, items=tuple(map(named, items)) if isinstance(items, tuple) else named(items))


def drawn(chance: Random) -> tuple[Runs, list[Call]]:
    pipeline = pipeline_of(chance)
    params: dict[str, Json] = {}
    calls: list[Call] = []
    objects = MemoryObjects()
    for job in pipeline.jobs:
        count = chance.choice([1, 1, 2, 3, 5, 8])
        params[param(job.name)] = [{"at": at, "item": chance.choice(ITEMS)} for at in range(count)]
        calls += [(job.name, at) for at in range(count)]
        objects.write("lake", f"{job.name}.json", json.dumps(params[param(job.name)]).encode())
    lists = MemoryObjectLists(buckets={"lake": {key: objects.modified - timedelta(days=1) for _, key in objects.bodies}})
    return Runs(pipeline=pipeline, params=params, objects=objects, lists=lists), calls


def kept_calls(plan: ResumePlan) -> set[Call]:
    """The items that a resume keeps, those of batches one by one."""
    return {
        (job, at + more)
        for job, items in plan.items.items()
        for at in items.results
        for more in range(items_in(items.digests.get(at, "")))
    }


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_a_resume_keeps_the_items_that_succeeded_and_gives_what_a_whole_run_gives(chance: Random) -> None:
    runs, calls = drawn(chance)
    whole, _ = Runs(pipeline=runs.pipeline, params=runs.params, objects=runs.objects).run()
    result, _ = runs.run(frozenset(chance.sample(calls, chance.randint(1, min(3, len(calls))))))
    for failures in (chance.randint(0, min(2, len(calls))), 0):
        if str(result.status) == "SUCCEEDED":
            break
        plan = runs.plan()
        result, called = runs.run(frozenset(chance.sample(calls, failures)), resume=dict(plan.payload))
        assert not any(items.why_again for items in plan.items.values())
        assert not any(job in plan.restored for job, _ in called)
        assert not kept_calls(plan) & called.keys()
        assert all(items.kept == sum(job == name for job, _ in kept_calls(plan)) for name, items in plan.items.items())
        assert max(called.values(), default=1) == 1
    assert str(result.status) == "SUCCEEDED"
    if "'failed'" not in str(result.output):  # of a job that was done with what it tolerates
        assert result.output == whole.output


def with_edited(pipeline: Pipeline, edited: str) -> Pipeline:
    """The pipeline whose job of this name calls something else."""

    def edit(job: Job) -> Job:
        (call,) = job.operations
        params: Any = call.params
        return replace(job, operations=(replace(call, params=replace(params, payload={**params.payload, "version": 2})),))

    return replace(pipeline, jobs=tuple(edit(job) if job.name == edited else job for job in pipeline.jobs))


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_a_resume_with_an_edited_job_keeps_items_and_gives_what_a_whole_run_of_the_new_pipeline_gives(chance: Random) -> None:
    runs, calls = drawn(chance)
    result, _ = runs.run(frozenset(chance.sample(calls, chance.randint(1, min(3, len(calls))))))
    if str(result.status) == "SUCCEEDED":  # with what it tolerates
        return
    edited = chance.choice([job.name for job in runs.pipeline.jobs])
    runs.pipeline = with_edited(runs.pipeline, edited)
    plan = runs.plan()
    result, called = runs.run(resume=dict(plan.payload))
    whole, _ = Runs(pipeline=runs.pipeline, params=runs.params, objects=runs.objects).run()
    assert not kept_calls(plan) & called.keys()
    assert not any(job == edited for job, _ in kept_calls(plan))
    assert edited not in plan.restored
    if "'failed'" not in str(result.output):
        assert result.output == whole.output
