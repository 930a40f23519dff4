"""Which items of a foreach a resume keeps, when it keeps none, and what an attempt tells of them afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline
from bunsui.model.session import JobProgress
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.sessions.checkpoints import NO_WISHES, AttemptHistory, ResumeWishes
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import machine_shape
from tests.fakes.item_runs import Runs

FIVE: list[Json] = [{"at": at, "item": None} for at in range(5)]
ITEMS = Expression("$params.items")
GIVEN: Any = {"job": "list", "at": 0, "item": 1}
LIST = Job(name="list", operations=(Operation(id="call", type="lambda", params=LambdaParams(function="list", payload=GIVEN)),))
FAILS_AT_3 = frozenset({("clean", 3)})


def job(*, items: Any = ITEMS, function: str = "clean", reads: bool = True, **more: Any) -> Job:
    payload: Any = {"job": "clean", "at": Expression("$item.at"), "item": Expression("$item.item")}
    call = Operation(id="call", type="lambda", params=LambdaParams(function=function, payload=payload))
    outputs = {"all": Expression("$result")} if reads else {}
    return Job(name="clean", operations=(call,), foreach=Foreach(items=items, max_concurrency=1, **more), outputs=outputs)


def runs(*jobs: Job, items: Json = FIVE) -> Runs:
    parameters = (Parameter(name="items", type="array", schema={}),)
    return Runs(pipeline=Pipeline(name="p", path="p.yaml", jobs=jobs, parameters=parameters), params={"items": items})


def failed(*jobs: Job) -> Runs:
    """A session whose fourth item of five failed; they run one after the other."""
    made = runs(*jobs)
    result, _ = made.run(FAILS_AT_3)
    assert str(result.status) == "FAILED"
    return made


def progress(attempt: AttemptHistory) -> JobProgress:
    return job_progress(machine_shape(attempt.definition), attempt.events)[-1]


def why(made: Runs, wishes: ResumeWishes = NO_WISHES) -> str:
    plan = made.plan(wishes)
    assert plan.items["clean"].kept == 0
    assert "items" not in plan.payload
    return plan.items["clean"].why_again


def test_what_succeeded_is_kept_and_the_rest_runs() -> None:
    made = failed(job())
    plan = made.plan()
    found = plan.items["clean"]
    assert (found.total, found.done, found.kept, found.to_run, sorted(found.results)) == (5, 3, 3, 2, [0, 1, 2])
    result, called = made.run(resume=dict(plan.payload))
    assert sorted(called) == [("clean", 3), ("clean", 4)]
    assert [one["label"] for one in made_output(result.output)] == ["0", "1", "2", "3", "4"]


def made_output(output: Any) -> list[Any]:
    return list(output["clean"]["all"])


def test_a_third_attempt_keeps_what_both_did() -> None:
    made = failed(job())
    made.run(frozenset({("clean", 4)}), resume=dict(made.plan().payload))
    plan = made.plan()
    assert sorted(plan.items["clean"].results) == [0, 1, 2, 3]
    _, called = made.run(resume=dict(plan.payload))
    assert list(called) == [("clean", 4)]


def test_progress_counts_the_kept_ones_and_names_items_by_their_own_place() -> None:
    made = failed(job(tolerate_count=0))
    made.run(FAILS_AT_3, resume=dict(made.plan().payload))
    found = progress(made.attempts[-1])
    assert (found.items_done, found.items_total, found.items_kept, found.items_failed) == (5, 5, 4, 1)
    assert [item.label for item in found.failed_items] == ["3"]


def test_an_item_that_failed_and_was_tolerated_runs_again() -> None:
    made = runs(job(tolerate_count=1))
    made.run(frozenset({("clean", 1), ("clean", 3)}))
    assert sorted(made.plan().items["clean"].results) == [0, 2, 4]


def test_a_job_that_changed_runs_all_of_them_unless_somebody_keeps_them() -> None:
    made = failed(job())
    made.pipeline = replace(made.pipeline, jobs=(job(function="clean:2"),))
    assert why(made) == "its definition changed"
    assert made.plan(ResumeWishes(keep=frozenset({"clean"}))).items["clean"].kept == 3


def test_a_job_that_is_asked_for_runs_all_of_them_without_a_word() -> None:
    assert failed(job()).plan(ResumeWishes(begin=frozenset({"clean"}))).items == {}


def test_nothing_is_kept_behind_a_job_that_runs_again() -> None:
    made = failed(LIST, replace(job(), depends_on=("list",)))
    assert made.plan().items["clean"].kept == 3
    assert why(made, ResumeWishes(begin=frozenset({"list"}))) == "something that it depends on runs again, or is given"


def test_nothing_is_kept_behind_a_job_whose_outputs_somebody_gives() -> None:
    made = failed(LIST, replace(job(), depends_on=("list",)))
    assert why(made, ResumeWishes(given={"list": {}}, keep=frozenset({"list"}))).endswith("or is given")


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ("[$params.items[$now() != '']]", "$now, which gives something else each time"),
        ("$append($params.items[at < 3], $shuffle($params.items[at >= 3]))", "$shuffle, which gives something else each time"),
        ("$params.items[$session.attempt > 0]", "$session.attempt, which may differ between attempts"),
        ("$params.items[$exists($session)]", "$session, which may differ between attempts"),
    ],
)
def test_items_that_may_be_others_all_run(items: str, told: str) -> None:
    assert why(failed(job(items=Expression(items)))) == f"its items read {told}"


def test_the_slot_and_its_date_are_the_same_in_every_attempt() -> None:
    found = failed(job(items=Expression("$params.items[$session.date != '' and $session.slot != '']")))
    assert found.plan().items["clean"].kept == 3


def test_other_items_than_then_all_run() -> None:
    made = failed(job())
    resume = dict(made.plan().payload)
    made.params = {"items": FIVE[1:]}
    result, called = made.run(frozenset({("clean", 4)}), resume=resume)
    assert (str(result.status), sorted(called)) == ("FAILED", [("clean", at) for at in (1, 2, 3, 4)])
    found = progress(made.attempts[-1])
    assert (found.items_total, found.items_kept) == (4, 0)
    assert sorted(made.plan().items["clean"].results) == [0, 1, 2]


def test_results_that_nobody_reads_do_not_travel() -> None:
    made = failed(job(reads=False))
    assert made.plan().payload["items"] == {"clean": {"count": 5, "kept": {"0": {}, "1": {}, "2": {}}}}
    made.pipeline = replace(made.pipeline, jobs=(job(),))
    made.run(FAILS_AT_3, resume=dict(made.plan(ResumeWishes(keep=frozenset({"clean"}))).payload))
    assert [one["label"] for one in results(made.plan().items["clean"])] == ["0", "1", "2"]


def results(found: ItemPlan) -> list[Any]:
    return list(found.results.values())


def test_what_an_attempt_did_not_carry_is_not_made_up() -> None:
    made = failed(job(reads=False))
    made.run(FAILS_AT_3, resume=dict(made.plan().payload))
    made.pipeline = replace(made.pipeline, jobs=(job(),))
    assert why(made, ResumeWishes(keep=frozenset({"clean"}))) == "its history does not tell what they gave"


def with_events(made: Runs, change: Any) -> Runs:
    made.attempts[-1] = replace(made.attempts[-1], events=[change(event) for event in made.attempts[-1].events])
    return made


def test_a_history_whose_events_do_not_name_the_one_before_them_tells_of_no_item() -> None:
    found = with_events(failed(job()), lambda event: replace(event, previous_id=0))
    assert why(found) == "its history does not tell what they gave"


def test_an_output_that_was_cut_is_not_kept() -> None:
    def cut(event: Any) -> Any:
        details: Mapping[str, Any] = event.details
        is_first = event.type == "TaskStateExited" and '"label":"0"' in str(details.get("output"))
        return replace(event, details={**details, "output": details["output"][:-9]}) if is_first else event

    found = with_events(failed(job()), cut).plan().items["clean"]
    assert (found.done, sorted(found.results)) == (3, [1, 2])


def test_a_machine_of_an_earlier_bunsui_cannot_be_told() -> None:
    made = failed(job())
    definition = made.attempts[-1].definition
    guard: Any = definition["States"]
    del guard["clean.guard"]["Choices"][-1]
    made.applied = definition
    assert why(made) == "an earlier bunsui compiled what is applied: after an apply its items can be kept"


def test_an_attempt_that_was_not_told_ran_them_again() -> None:
    made = failed(job())
    made.run(frozenset({("clean", 0)}))
    assert made.plan().items == {}


def test_an_attempt_that_did_not_come_to_them_hands_them_on() -> None:
    made = failed(job(), LIST)
    kept = made.plan().payload
    events = [event for event in made.attempts[-1].events if event.id <= 2]
    given = replace(events[0], details={"input": json.dumps({"resume": kept})})
    made.attempts.append(replace(made.attempts[-1], number=2, events=[given, *events[1:]]))
    assert made.plan().items["clean"].kept == 3


def test_nothing_is_kept_where_an_older_execution_was_revived_since() -> None:
    made = failed(job())
    made.run(FAILS_AT_3, resume=dict(made.plan().payload))
    made.attempts[0] = replace(made.attempts[0], number=3)
    assert made.plan().items == {}


@pytest.mark.parametrize("reads", [True, False])
def test_items_with_executions_of_their_own_are_kept_too(*, reads: bool) -> None:
    made = failed(job(is_distributed=True, reads=reads))
    found = made.plan().items["clean"]
    assert (found.total, found.done, sorted(found.results), found.executions_read) == (5, 3, [0, 1, 2], 3)
    made.run(frozenset({("clean", 4)}), resume=dict(made.plan().payload))
    plan = made.plan()
    assert sorted(plan.items["clean"].results) == [0, 1, 2, 3]
    result, called = made.run(resume=dict(plan.payload))
    assert list(called) == [("clean", 4)]
    assert not reads or [one["label"] for one in made_output(result.output)] == ["0", "1", "2", "3", "4"]


def test_executions_of_items_are_read_only_where_their_results_can_be_kept() -> None:
    made = failed(job(is_distributed=True))
    made.pipeline = replace(made.pipeline, jobs=(job(is_distributed=True, function="clean:2"),))
    found = made.plan().items["clean"]
    assert (found.total, found.done, found.why_again, made.described) == (5, 3, "its definition changed", [])
    assert made.plan(ResumeWishes(keep=frozenset({"clean"}))).items["clean"].kept == 3


def test_a_percentage_that_is_tolerated_is_one_of_all_items_also_where_few_run() -> None:
    made = runs(job(is_distributed=True, tolerate_percent=20.0))
    result, _ = made.run(frozenset({("clean", 3), ("clean", 4)}))
    assert str(result.status) == "FAILED"
    result, called = made.run(frozenset({("clean", 3)}), resume=dict(made.plan().payload))
    assert (str(result.status), sorted(called)) == ("SUCCEEDED", [("clean", 3), ("clean", 4)])
    assert [one["status"] for one in made_output(result.output)] == [*["succeeded"] * 3, "failed", "succeeded"]


def test_items_that_stand_in_the_file_are_kept_too() -> None:
    items = (Expression("$params.items[0]"), {"at": 3, "item": [[1]]}, {"at": 4, "item": []})
    made = failed(job(items=items, label=Expression("'n' & $item.at")))
    result, called = made.run(resume=dict(made.plan().payload))
    assert sorted(called) == [("clean", 3), ("clean", 4)]
    assert [one["label"] for one in made_output(result.output)] == ["n0", "n3", "n4"]
