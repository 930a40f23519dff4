"""`foreach`, really executed on the embedded AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline
from bunsui.model.values import Expression, Value
from bunsui.services.testing.machine_under_test import history_event
from bunsui.sessions.checkpoints import AttemptHistory, checkpoints, item_history, plan_resume
from tests.embedded import EmbeddedAccount
from tests.executing import Ended, Run, breaks, compiled, echo, execute, skips, test_registry

pytestmark = [pytest.mark.embedded]

ITEMS: list[Any] = [{"name": "a", "rows": [1]}, {"name": "b", "rows": [1, 2]}, {"name": "c", "rows": []}]


def over(items: Value, *operations: Operation, isolate: bool = False, **foreach: Any) -> Pipeline:
    """Return a pipeline that reads the items in one job and goes over them in another."""
    each = Foreach(items=Expression("$jobs.list.items"), variable="file", label=Expression("$file.name"), **foreach)
    return Pipeline(
        name="each",
        path="p.yaml",
        jobs=(
            Job(
                name="list",
                operations=(echo({"items": items, "factor": 10}),),
                outputs={"items": Expression("$result.items"), "factor": 10},
            ),
            Job(
                name="each",
                depends_on=("list",),
                operations=operations,
                foreach=each,
                isolate=isolate,
                outputs={"results": Expression("[$result]"), "count": Expression("$count($result)")},
            ),
        ),
    )


def ended(account: EmbeddedAccount, pipeline: Pipeline) -> Ended:
    return execute(account, [Run(name="each", definition=compiled(pipeline).definition)])["each"]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_result_is_a_list_in_item_order_whatever_its_length(embedded_account: EmbeddedAccount, count: int) -> None:
    first = echo(Expression("$count($file.rows) * $jobs.list.factor"), name="first")
    second = echo(
        {"n": Expression("$result"), "again": Expression("$ops.first"), "name": Expression("$file.name")}, name="second"
    )
    found = ended(embedded_account, over(ITEMS[:count], first, second))
    assert found.status == "SUCCEEDED", found.cause
    rows = [10, 20, 0][:count]
    expected = [
        {"label": item["name"], "status": "succeeded", "output": {"n": n, "again": n, "name": item["name"]}}
        for item, n in zip(ITEMS, rows, strict=False)
    ]
    assert found.output == {"each": {"results": expected, "count": count}}


def test_an_operation_without_a_fitting_output_gets_an_exit_state(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS[:2], echo(Expression("$file.name"), needs_exit=True)))
    assert [item["output"] for item in found.output["each"]["results"]] == ["a", "b"]


def test_too_many_items_fail_with_the_remedy(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS, echo(1), max_items=2))
    assert found.error == "Bunsui.TooManyItems"
    assert found.cause == "3 items, and max_items of the job each is 2: raise it, or give the job fewer items"


def test_too_many_items_of_an_isolated_job_only_fail_the_job(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS, echo(1), max_items=2, isolate=True))
    assert (found.error, found.cause) == ("Bunsui.JobsFailed", "failed: each (Bunsui.TooManyItems)")


def test_a_failing_item_fails_the_job_with_its_own_error(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS[:2], breaks("Test.Item")))
    assert found.error == "Test.Item"


def test_tolerated_failures_stand_in_the_result(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS[:2], breaks("Test.Item"), tolerate_count=2))
    assert found.status == "SUCCEEDED", found.cause
    results = found.output["each"]["results"]
    assert [(item["label"], item["status"], item["error"]["Error"]) for item in results] == [
        ("a", "failed", "Test.Item"),
        ("b", "failed", "Test.Item"),
    ]


@pytest.mark.parametrize(("tolerate", "allowed"), [({"tolerate_count": 1}, "1"), ({"tolerate_percent": 50.0}, "50 %")])
def test_more_failures_than_tolerated_fail_the_job(
    embedded_account: EmbeddedAccount, tolerate: dict[str, Any], allowed: str
) -> None:
    found = ended(embedded_account, over(ITEMS[:2], breaks("Test.Item"), **tolerate))
    assert found.error == "Bunsui.ItemsFailed"
    assert found.cause == f"2 of 2 items failed, tolerated: {allowed}. First: a, b"


def test_an_operation_skips_its_item_only(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, over(ITEMS[:1], echo(1, name="one"), skips()))
    assert found.output["each"]["results"] == [{"label": "a", "status": "skipped"}]


def test_items_written_in_the_file_need_no_expression(embedded_account: EmbeddedAccount) -> None:
    job = Job(
        name="each",
        operations=(echo(Expression("$item & '!'")),),
        foreach=Foreach(items=("x", "y")),
        outputs={"all": Expression("$result.output"), "labels": Expression("$result.label")},
    )
    found = ended(embedded_account, Pipeline(name="each", path="p.yaml", jobs=(job,)))
    assert found.output == {"each": {"all": ["x!", "y!"], "labels": ["0", "1"]}}


@pytest.mark.parametrize(("wanted", "labels"), [("z", []), ("a", ["a"]), ("a or name = 'b", ["a", "b"])])
def test_a_filter_that_leaves_one_item_still_gives_a_list(
    embedded_account: EmbeddedAccount, wanted: str, labels: list[str]
) -> None:
    # JSONata itself turns a list of one into the item, and an empty one into nothing.
    condition = wanted.replace(" or ", "' or ")
    base = over(ITEMS, echo(Expression("$file.name")))
    listing, each = base.jobs
    assert each.foreach is not None
    filtered = replace(each.foreach, items=Expression(f"$jobs.list.items[name = '{condition}']"))
    found = ended(embedded_account, replace(base, jobs=(listing, replace(each, foreach=filtered))))
    assert found.status == "SUCCEEDED", found.cause
    assert [item["label"] for item in found.output["each"]["results"]] == labels


def test_a_resume_keeps_the_items_that_succeeded(embedded_account: EmbeddedAccount) -> None:
    broken = echo(Expression("$params.broken and $file.name = 'c' ? $error('c is broken') : $file.rows"))
    pipeline = over([*ITEMS, {"name": "d", "rows": [[1], None]}], broken, max_concurrency=1)
    definition: Any = compiled(pipeline).definition
    first = execute(embedded_account, [Run(name="first", definition=definition, payload={"params": {"broken": True}})])["first"]
    history = AttemptHistory(number=1, definition=definition, events=[history_event(event) for event in first.events])
    plan = plan_resume(
        pipeline.jobs,
        checkpoints([history]),
        test_registry(),
        applied=read_fingerprints(definition),
        items=item_history([history], definition),
    )
    assert (plan.items["each"].kept, plan.items["each"].to_run) == (2, 2)
    payload = {"params": {"broken": False}, "resume": plan.payload}
    again = execute(embedded_account, [Run(name="again", definition=definition, payload=payload)])["again"]
    results = again.output["each"]["results"]
    assert [(one["label"], one["output"]) for one in results] == [("a", [1]), ("b", [1, 2]), ("c", []), ("d", [[1], None])]
    started = [event["mapIterationStartedEventDetails"] for event in again.events if event["type"] == "MapIterationStarted"]
    assert len(started) == 2
