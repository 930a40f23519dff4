"""A resume over items that all start: run by the engine, the object as it was and as it is no more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.compile.foreach.recognized import RecognizedItems, batch_digest
from bunsui.engine.context import Sources
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.jsonata.evaluate import evaluate
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline, S3Items
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.services.resume import ITEMS_ROOM
from bunsui.sessions.checkpoints import NO_WISHES, ResumeWishes
from bunsui.sessions.items.reading import ItemPlan
from bunsui.testkit.objects import MemoryObjectLists
from tests.fakes.item_runs import Call, Runs

KEEP = ResumeWishes(keep=frozenset({"clean"}))
CSV = S3Items(bucket="lake", key="in.csv", format="csv")
OBJECTS = S3Items(bucket="lake", key="in/", format="objects")


def clean(source: S3Items = CSV, *, batch: int | None = None, at: str = "$item.at", reads: bool = True, **more: Any) -> Job:
    one: dict[str, Any] = {"at": Expression(f"$number({at})"), "item": Expression(at)}
    several: dict[str, Any] = {"items": Expression("[$item.{'at': $number(at), 'item': at}]")}
    payload: Any = {"job": "clean", **(one if batch is None else several)}
    call = Operation(id="call", type="lambda", params=LambdaParams(function="clean", payload=payload))
    foreach = Foreach(source=source, batch=batch, is_distributed=True, max_concurrency=1, **more)
    return Job(name="clean", operations=(call,), foreach=foreach, outputs={"all": Expression("$result")} if reads else {})


def rows(*names: str) -> bytes:
    return "".join(f"{name}\n" for name in ("at", *names)).encode()


def failed(job: Job, *failing: int, bodies: dict[str, bytes] | None = None) -> Runs:
    """A session over these objects in which items failed; they run one after the other."""
    objects = MemoryObjects()
    for key, body in (bodies or {"in.csv": rows(*"012345")}).items():
        objects.write("lake", key, body)
    made = Runs(pipeline=Pipeline(name="p", path="p.yaml", jobs=(job,)), params={}, objects=objects)
    made.lists = listing(objects)
    result, _ = made.run(calls(*failing))
    assert str(result.status) == "FAILED"
    return made


def listing(objects: MemoryObjects, *, hours: int = -1) -> MemoryObjectLists:
    at = objects.modified + timedelta(hours=hours)
    return MemoryObjectLists(buckets={"lake": {key: at for _, key in objects.bodies}})


def calls(*places: int) -> frozenset[Call]:
    return frozenset(("clean", at) for at in places)


def resume(made: Runs, wishes: ResumeWishes = NO_WISHES, *failing: int) -> tuple[list[int], list[Any]]:
    """Go on; give the items that were called, and the results."""
    result, called = made.run(calls(*failing), resume=dict(made.plan(wishes).payload))
    output: Any = result.output
    return sorted(at for _, at in called), output["clean"]["all"] if str(result.status) == "SUCCEEDED" else []


def test_only_the_other_rows_of_an_object_are_called_for() -> None:
    made = failed(clean(), 3)
    plan = made.plan().items["clean"]
    assert (plan.total, plan.kept, plan.to_run, plan.executions_read) == (6, 3, 3, 3)
    called, gave = resume(made)
    assert called == [3, 4, 5]
    assert [one["output"]["n"] for one in gave] == [0, 1, 2, 3, 4, 5]


def test_only_the_other_batches_are_called_for() -> None:
    made = failed(clean(batch=2), 3)
    plan = made.plan().items["clean"]
    assert (plan.total, plan.kept, plan.to_run, plan.executions_read) == (6, 2, 4, 1)
    called, gave = resume(made)
    assert called == [2, 3, 4, 5]
    assert [(one["label"], one["items"]) for one in gave] == [("0", 2), ("1", 2), ("2", 2)]


def test_a_third_attempt_keeps_what_both_did_and_what_did_not_start() -> None:
    made = failed(clean(batch=2), 5)
    assert resume(made, NO_WISHES, 5)[0] == [4, 5]
    assert made.plan().items["clean"].kept == 4
    assert resume(made)[0] == [4, 5]


@pytest.mark.parametrize(("batch", "expected"), [(None, [4, 7]), (2, [0, 4, 7])])
def test_a_row_that_changes_after_the_plan_runs_with_its_batch_alone(batch: int | None, expected: list[int]) -> None:
    made = failed(clean(batch=batch), 4, bodies={"in.csv": rows(*"01234")})
    payload = dict(made.plan().payload)
    made.objects.write("lake", "in.csv", rows(*"07234"))
    result, called = made.run(resume=payload)
    assert (str(result.status), sorted(at for _, at in called)) == ("SUCCEEDED", expected)


def test_an_object_that_changed_before_the_plan_is_said_and_all_its_items_run() -> None:
    made = failed(clean(), 3)
    made.lists = listing(made.objects, hours=1)
    plan = made.plan()
    assert plan.items["clean"].why_again.startswith("s3://lake/in.csv changed at 2026-01-01 01:00:00 UTC")
    assert (plan.items["clean"].may_be_kept, "items" in plan.payload) == (True, False)
    assert resume(made)[0] == [0, 1, 2, 3, 4, 5]


def test_whoever_keeps_them_all_the_same_keeps_those_that_are_the_same() -> None:
    made = failed(clean(), 3)
    made.lists = listing(made.objects, hours=1)
    made.objects.write("lake", "in.csv", rows("0", "9", "2", "3"))
    assert resume(made, KEEP)[0] == [3, 9]


def test_rows_that_came_first_push_all_others_from_their_places() -> None:
    made = failed(clean(), 3)
    payload = dict(made.plan().payload)
    made.objects.write("lake", "in.csv", rows("9", *"012345"))
    _, called = made.run(resume=payload)
    assert len(called) == 7


def test_objects_of_a_listing_are_kept_while_the_listing_is_the_same() -> None:
    names = {f"in/{number}": b"x" for number in range(4)}
    made = failed(clean(OBJECTS, at="$substringAfter($item.Key, '/')"), 2, bodies=names)
    assert resume(made)[0] == [2, 3]
    made = failed(clean(OBJECTS, at="$substringAfter($item.Key, '/')"), 2, bodies=names)
    del made.lists.buckets["lake"]["in/1"]  # type: ignore[union-attr]
    assert made.plan().items["clean"].why_again == "under s3://lake/in/ were 4 objects, and now there are 3"


def test_batches_of_another_size_all_run() -> None:
    made = failed(clean(batch=2), 3)
    made.pipeline = replace(made.pipeline, jobs=(clean(batch=3),))
    assert made.plan(KEEP).items["clean"].why_again == "its items ran in batches of 2, and would now run in batches of 3"


def test_a_key_that_tells_the_time_keeps_nothing_and_costs_nothing() -> None:
    made = failed(clean(replace(CSV, key=Expression("$now() != '' ? 'in.csv' : ''"))), 3)
    why = "its object's key reads $now, which gives something else each time"
    assert made.plan().items["clean"].why_again == why
    assert "item-known" not in json.dumps(made.attempts[-1].definition)


def test_ten_thousand_items_whose_results_nobody_reads_fit_into_an_input() -> None:
    places = range(10_000)
    results: dict[int, Json] = {place: {} for place in places}
    assert ItemPlan(total=10_000, done=0, results=results, digests=dict.fromkeys(places, "0123456789ab")).size < ITEMS_ROOM


def test_a_long_value_is_recognized_by_all_of_it() -> None:
    body = "".join(f'{{"at": "{name}", "text": "{"x" * 20_000}"}}\n' for name in range(3))
    source = replace(CSV, key="in.jsonl", format="jsonl")
    made = failed(clean(source), 2, bodies={"in.jsonl": body.encode()})
    payload = dict(made.plan().payload)
    made.objects.write("lake", "in.jsonl", body.replace('x"', 'y"', 1).encode())
    _, called = made.run(resume=payload)
    assert sorted(at for _, at in called) == [0, 2]


@pytest.mark.parametrize("count", [1, 2, 666, 667, 1000])
def test_a_child_makes_the_digest_of_its_batch_as_a_plan_does(count: int) -> None:
    digests = [f"{at:012x}" for at in range(count)]
    choice, _ = RecognizedItems(job="j", is_batched=True, source=None).entry(following="a", kept="b", result=None)
    boxes: list[Json] = [{"index": at, "digest": one, "kept": batch_digest(digests)} for at, one in enumerate(digests)]
    condition: Any = choice.rules[0].condition
    sources = Sources()
    assert evaluate(condition, {"states": {"input": {"Items": boxes}}}, field="Condition", sources=sources) is True
    boxes[-1] = {**boxes[-1], "digest": "0" * 11 + "f"}  # type: ignore[dict-item]
    assert evaluate(condition, {"states": {"input": {"Items": boxes}}}, field="Condition", sources=sources) is False
