"""A resume goes on inside of the pipelines that jobs start: nothing that a child completed is called again, and the result is
that of a run without the failure.

`BUNSUI_DRAWS` says how many families are drawn.
"""

from __future__ import annotations

import os
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.pipeline import PipelineParams
from bunsui.sessions.checkpoints import ResumeWishes
from tests.fakes.family import Family

DRAWS = int(os.environ.get("BUNSUI_DRAWS", "15"))
CHANCE = st.randoms(use_true_random=True)


def calling(name: str, before: list[str], version: int = 1) -> Job:
    outputs = {"n": Expression(f"$result.n{''.join(f' + $jobs.{other}.n' for other in before)} + $number($params.x)")}
    call = Operation(id="call", type="lambda", params=LambdaParams(function=f"{name}:{version}"))
    return Job(name=name, operations=(call,), depends_on=tuple(before), outputs=outputs)


def starting(name: str, before: list[str], child: str, last: list[str], *, isolate: bool = False) -> Job:
    """A job that starts the child with what the jobs before it gave, and sums up what the child's last jobs give."""
    given: Json = Expression(" + ".join(["1", *(f"$jobs.{other}.n" for other in before)]))  # type: ignore[assignment]
    operation = Operation(id="kid", type="pipeline", params=PipelineParams(pipeline=child, params={"x": given}))
    total = " + ".join(f"$result.{one}.n" for one in last)
    return Job(name=name, operations=(operation,), depends_on=tuple(before), outputs={"n": Expression(total)}, isolate=isolate)


def pipeline_of(name: str, jobs: list[Job]) -> Pipeline:
    parameter = Parameter(name="x", type="number", schema={"type": "number"}, default=0, required=False)
    return Pipeline(name=name, path=f"{name}.yaml", jobs=tuple(jobs), parameters=(parameter,))


def leaves(jobs: list[Job]) -> list[str]:
    inner = {name for job in jobs for name in job.depends_on}
    return [job.name for job in jobs if job.name not in inner]


def drawn(chance: Random) -> tuple[Pipeline, Pipeline, Pipeline]:
    """A family of three generations, each with functions of its own; the older ones start the next."""

    def generation(letter: str, child: tuple[str, list[Job]] | None) -> list[Job]:
        names = [f"{letter}{number}" for number in range(chance.randint(2, 5))]
        starts = chance.sample(names, chance.randint(1, min(2, len(names)))) if child else []
        jobs = []
        for index, name in enumerate(names):
            before = chance.sample(names[:index], min(index, chance.choice([0, 1, 1, 2])))
            jobs.append(
                starting(name, before, child[0], leaves(child[1])) if name in starts and child else calling(name, before)
            )
        return jobs

    young = generation("y", None)
    middle = generation("m", ("young", young))
    old = generation("o", ("middle", middle))
    return pipeline_of("old", old), pipeline_of("middle", middle), pipeline_of("young", young)


class Numbers:
    """Functions that give numbers of their own, ten times as many in version 2; some fail, at a call that is counted."""

    def __init__(self, chance: Random, family: Family) -> None:
        self.own: dict[str, int] = {}
        self.chance, self.family = chance, family
        self.failing: dict[str, int] = {}

    def __call__(self, function: str, given: Json) -> Json:
        name, _, version = function.partition(":")
        if self.failing.get(name) == self.family.calls[function]:
            raise ValueError("broken")
        own = self.own.setdefault(name, self.chance.randint(1, 9))
        return {"n": own * (10 if version == "2" else 1)}


def family_of(chance: Random) -> tuple[Family, Numbers]:
    family = Family(*drawn(chance))
    numbers = Numbers(chance, family)
    family.answers = numbers
    return family, numbers


def functions(family: Family) -> list[str]:
    return [job.name for pipeline in family.pipelines.values() for job in pipeline.jobs if job.operations[0].type == "lambda"]


def edited(pipeline: Pipeline, name: str) -> Pipeline:
    jobs = tuple(calling(job.name, list(job.depends_on), 2) if job.name == name else job for job in pipeline.jobs)
    return replace(pipeline, jobs=jobs)


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_what_a_child_completed_is_not_called_again(chance: Random) -> None:
    family, numbers = family_of(chance)
    _, whole = family.run("old")
    expected = dict(family.calls)
    family.calls.clear()
    broken = chance.choice([name for name in functions(family) if f"{name}:1" in expected])
    numbers.failing = {broken: chance.randint(1, expected[f"{broken}:1"])}
    first, failed = family.run("old")
    assert str(failed.status) == "FAILED"
    numbers.failing = {}
    _, second = family.resume("old", first)
    assert (str(second.status), second.output) == ("SUCCEEDED", whole.output)
    more = {name: count - expected.get(name, 0) for name, count in family.calls.items() if count != expected.get(name)}
    assert more == {f"{broken}:1": 1}


@settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANCE)
def test_with_an_edited_job_anywhere_the_result_is_that_of_a_whole_run(chance: Random) -> None:
    family, numbers = family_of(chance)
    family.run("old")
    expected = dict(family.calls)
    family.calls.clear()
    broken = chance.choice([name for name in functions(family) if f"{name}:1" in expected])
    numbers.failing = {broken: chance.randint(1, expected[f"{broken}:1"])}
    first, _ = family.run("old")
    numbers.failing = {}
    changed = chance.choice(functions(family))
    family.apply(*(edited(pipeline, changed) for pipeline in family.pipelines.values()))
    _, second = family.resume("old", first)
    _, whole = family.run("old")
    assert (str(second.status), second.output) == (str(whole.status), whole.output)


def two(kid: list[Job], *, isolate: bool = False) -> Family:
    jobs = [
        calling("first", []),
        starting("child", ["first"], "kid", leaves(kid), isolate=isolate),
        calling("after", ["child"]),
    ]
    family = Family(pipeline_of("mother", jobs), pipeline_of("kid", kid))
    family.answers = Numbers(Random(1), family)
    return family


KID = [calling("expensive", []), calling("work", ["expensive"])]


def failed_in(family: Family, function: str) -> str:
    numbers: Any = family.answers
    numbers.failing = {function: 1}
    arn, result = family.run("mother")
    assert str(result.status) == "FAILED"
    numbers.failing = {}
    return arn


def test_the_childs_completed_job_has_run_once_in_all() -> None:
    family = two(KID)
    arn = failed_in(family, "work")
    plan, (child,) = family.plan("mother", arn)
    assert plan.restored == ("first",)
    assert (child.job, child.pipeline, child.plan.restored, child.plan.to_run) == ("child", "kid", ("expensive",), ("work",))
    _, result = family.resume("mother", arn)
    assert str(result.status) == "SUCCEEDED"
    assert family.calls == {"first:1": 1, "expensive:1": 1, "work:1": 2, "after:1": 1}


def test_a_second_failure_of_the_child_keeps_what_the_first_kept() -> None:
    family = two(KID)
    numbers: Any = family.answers
    first = failed_in(family, "work")
    numbers.failing = {"work": 2}
    second, _ = family.resume("mother", first)
    numbers.failing = {}
    family.resume("mother", first, second)
    assert (family.calls["expensive:1"], family.calls["work:1"]) == (1, 3)


def test_a_completed_job_runs_again_when_the_pipeline_that_it_runs_changed() -> None:
    family = two(KID)
    arn = failed_in(family, "after")
    family.apply(pipeline_of("kid", [KID[0], calling("work", ["expensive"], 2)]))
    plan, (child,) = family.plan("mother", arn)
    assert plan.outdated == {"child": "the pipeline kid that it runs changed: work: its definition changed"}
    assert child.plan.restored == ("expensive",)
    family.resume("mother", arn)
    assert family.calls == {"first:1": 1, "expensive:1": 1, "work:1": 1, "work:2": 1, "after:1": 2}


def test_a_child_that_is_kept_by_name_is_not_started_though_it_changed() -> None:
    family = two(KID)
    arn = failed_in(family, "after")
    family.apply(pipeline_of("kid", [KID[0], calling("work", ["expensive"], 2)]))
    family.resume("mother", arn, wishes=ResumeWishes(keep=frozenset({"child"})))
    assert family.calls["work:2"] == 0


def test_other_parameters_begin_the_child_anew() -> None:
    family = two(KID)
    arn = failed_in(family, "work")
    family.apply(replace(family.pipelines["mother"], jobs=(calling("first", [], 2), *family.pipelines["mother"].jobs[1:])))
    family.resume("mother", arn)
    assert family.calls["expensive:1"] == 2


def test_another_pipeline_in_its_place_begins_anew() -> None:
    family = two(KID)
    arn = failed_in(family, "work")
    first, _, after = family.pipelines["mother"].jobs
    family.apply(pipeline_of("other", KID))
    family.apply(replace(family.pipelines["mother"], jobs=(first, starting("child", ["first"], "other", ["work"]), after)))
    _, result = family.resume("mother", arn)
    assert str(result.status) == "SUCCEEDED"
    assert family.calls["expensive:1"] == 2


def test_items_of_a_foreach_inside_of_a_child_are_kept_too() -> None:
    payload: dict[str, Any] = {"at": Expression("$item")}
    call = Operation(id="call", type="lambda", params=LambdaParams(function="each", payload=payload))
    foreach = Foreach(items=Expression("[1..5]"), max_concurrency=1)
    each = Job(name="each", operations=(call,), foreach=foreach, outputs={"n": Expression("$sum($result.output.n)")})
    family = Family(pipeline_of("young", [each]), pipeline_of("old", [starting("kid", [], "young", ["each"])]))
    given: list[Any] = []

    def answer(function: str, told: Any) -> Json:
        given.append(told["at"])
        if given == [1, 2, 3]:
            raise ValueError("broken")
        return {"n": told["at"]}

    family.answers = answer
    failed, _ = family.run("old")
    _, (child,) = family.plan("old", failed)
    assert (child.plan.items["each"].kept, child.plan.items["each"].to_run) == (2, 3)
    _, result = family.resume("old", failed)
    assert given == [1, 2, 3, 3, 4, 5]
    assert result.output == {"kid": {"n": 15}}
