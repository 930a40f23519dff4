"""`foreach` in the distributed mode: compiled, and run on a virtual clock with answers as tests tell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.diagnostics import Severity
from bunsui.engine.clock import VirtualClock
from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import evaluate
from bunsui.engine.run import ExecutionResult
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline, Poll, S3Items
from bunsui.model.values import Expression, Value
from bunsui.operations.check import CheckParams
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.pipeline import PipelineParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.mocks import MockedTasks, read_mocks
from bunsui.testing.objects import read_objects
from tests.executing import SCOPE

SOURCES = Sources(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=Random(0))
RESULT = {"all": Expression("[$result]"), "count": Expression("$count($result)")}


def calls(payload: Value = None, *, name: str = "call", **more: Any) -> Operation:
    return Operation(id=name, type="lambda", params=LambdaParams(function=f"{name}:1", payload=payload), **more)


def pipeline(*operations: Operation, outputs: Mapping[str, Value] = RESULT, isolate: bool = False, **foreach: Any) -> Pipeline:
    listed = Job(name="list", operations=(calls(name="list"),), outputs={"items": Expression("$result.items"), "k": 7})
    given = {} if "source" in foreach else {"items": Expression("$jobs.list.items")}
    each = Foreach(**{**given, "is_distributed": True, "variable": "file", **foreach})
    job = Job(
        name="each",
        depends_on=("list",),
        operations=operations or (calls(Expression("$file")),),
        foreach=each,
        outputs=outputs,
        isolate=isolate,
    )
    return Pipeline(name="p", path="p.yaml", jobs=(listed, job))


def compiled(found: Pipeline) -> CompiledPipeline:
    return compile_pipeline(found, scope=SCOPE, registry=builtin_registry())


def the_map(found: Pipeline) -> dict[str, Any]:
    definition: Any = shown(compiled(found).definition)
    state: dict[str, Any] = definition["States"]["each"]
    return state


def run(found: Pipeline, items: Any = (), *, objects: Any = None, **mocks: Any) -> ExecutionResult:
    machine = compiled(found)
    assert not machine.diagnostics
    definition: Any = shown(machine.definition)
    under_test = MachineUnderTest(name="p", definition=definition)
    clock = VirtualClock(START)
    told = {"list": {"return": {"Payload": {"items": list(items)}}}, **mocks}
    runner = MockedTasks(clock=clock, answers=under_test.by_state(read_mocks(told)))
    result = under_test.run({"params": {"day": "d1"}}, runner=runner, clock=clock, objects=read_objects(objects or {}))
    assert runner.unmet == []
    return result


def out(result: ExecutionResult) -> Any:
    return result.output


def answers(value: Any) -> dict[str, Any]:
    return {"return": {"Payload": value}}


def asked(result: ExecutionResult) -> list[Any]:
    """Return what the children's tasks were given, in the order of the items."""
    scheduled = [event for child in result.children for event in child if event["type"] == "TaskScheduled"]
    return [json.loads(event["taskScheduledEventDetails"]["parameters"]).get("Payload") for event in scheduled]


@pytest.mark.parametrize("count", [0, 1, 2, 25])
def test_the_result_is_a_list_in_the_order_of_the_items_whatever_its_length(count: int) -> None:
    result = run(pipeline(), [f"f{number}" for number in range(count)], each=answers("ok"))
    expected = [{"label": str(number), "status": "succeeded", "output": "ok"} for number in range(count)]
    assert out(result) == {"each": {"all": expected, "count": count}}
    assert asked(result) == [f"f{number}" for number in range(count)]


def test_items_that_are_lists_stay_lists() -> None:
    assert asked(run(pipeline(), [[1], [], [2, 3]], each=answers(1))) == [[1], [], [2, 3]]


def test_a_child_reads_parameters_session_and_other_jobs() -> None:
    payload = {
        "day": Expression("$params.day"),
        "date": Expression("$session.date"),
        "k": Expression("$jobs.list.k"),
        "before": Expression("$ops.first.n"),
        "file": Expression("$file.name"),
    }
    operations = (calls(name="first"), calls(payload, name="second"))
    result = run(pipeline(*operations), [{"name": "a"}], **{"each.first": answers({"n": 3}), "each.second": answers(1)})
    assert asked(result)[1] == {"day": "d1", "date": "2026-01-01", "k": 7, "before": 3, "file": "a"}


def test_a_child_is_handed_nothing_that_it_does_not_read() -> None:
    assert set(the_map(pipeline())["ItemSelector"]) == {"index", "label", "item"}
    assert "BatchInput" not in the_map(pipeline(batch=2))["ItemBatcher"]


def test_what_an_operation_reads_by_itself_is_handed_on_too() -> None:
    child = Operation(id="run", type="pipeline", params=PipelineParams(pipeline="other"))
    assert the_map(pipeline(child))["ItemSelector"]["session"] == "{% $session %}"


def test_a_label_names_items_and_reads_what_is_around() -> None:
    label = Expression("$params.day & '-' & $file.name & $string($jobs.list.k)")
    result = run(pipeline(label=label), [{"name": "a"}, {"name": "b"}], each=answers(1))
    assert [item["label"] for item in out(result)["each"]["all"]] == ["d1-a7", "d1-b7"]


def test_the_first_failure_fails_the_job_where_none_is_tolerated() -> None:
    result = run(pipeline(), [1, 2], each=[{"item": 1, "error": "Bad"}, answers(1)])
    assert (str(result.status), result.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_tolerated_failures_stand_in_the_result_as_inline() -> None:
    mocks = [{"item": 1, "error": "Bad", "cause": "why"}, answers(1)]
    result = run(pipeline(tolerate_count=1, label=Expression("$file")), ["a", "b", "c"], each=mocks)
    assert out(result)["each"]["all"] == [
        {"label": "a", "status": "succeeded", "output": 1},
        {"label": "b", "status": "failed", "error": {"Error": "Bad", "Cause": "why"}},
        {"label": "c", "status": "succeeded", "output": 1},
    ]


@pytest.mark.parametrize(
    ("tolerate", "ends"),
    [
        ({"tolerate_count": 2}, "SUCCEEDED"),
        ({"tolerate_count": 1}, "FAILED"),
        ({"tolerate_percent": 50.0}, "SUCCEEDED"),
        ({"tolerate_percent": 49.0}, "FAILED"),
    ],
)
def test_more_failures_than_tolerated_fail_the_job(tolerate: dict[str, Any], ends: str) -> None:
    mocks = [{"item": 1, "error": "Bad"}, {"item": 2, "error": "Bad"}, answers(1)]
    assert str(run(pipeline(**tolerate), [1, 2, 3, 4], each=mocks).status) == ends


def test_a_failing_job_that_is_isolated_is_caught() -> None:
    result = run(pipeline(isolate=True), [1], each={"error": "Bad"})
    assert (result.error, result.cause) == (
        "Bunsui.JobsFailed",
        "failed: each (States.ExceedToleratedFailureThreshold)",
    )


def test_an_operation_skips_its_item_only() -> None:
    check = Operation(id="gate", type="check", params=CheckParams(that=Expression("$file > 1"), otherwise="skip"))
    result = run(pipeline(check, calls()), [1, 2], **{"each.call": answers(5)})
    assert out(result)["each"]["all"] == [
        {"label": "0", "status": "skipped"},
        {"label": "1", "status": "succeeded", "output": 5},
    ]


def test_too_many_items_are_found_before_any_child_starts() -> None:
    result = run(pipeline(max_items=2), [1, 2, 3], each=answers(1))
    assert (result.error, result.children) == ("Bunsui.TooManyItems", ())
    assert result.cause == "3 items, and max_items of the job each is 2: raise it, or give the job fewer items"


def test_each_item_polls_for_itself() -> None:
    poll = Poll(until=Expression("$result.done and $params.day = 'd1'"))
    mocks = [answers({}), answers({"done": True})]
    result = run(pipeline(calls(poll=poll)), [1, 2], each=mocks)
    assert [item["output"] for item in out(result)["each"]["all"]] == [{"done": True}, {"done": True}]


def test_a_batch_is_a_list_of_at_most_so_many_items() -> None:
    payload = {"n": Expression("$count($file)"), "all": Expression("$file"), "k": Expression("$jobs.list.k")}
    result = run(pipeline(calls(payload), batch=2), [1, 2, 3], each=answers("ok"))
    assert asked(result) == [{"n": 2, "all": [1, 2], "k": 7}, {"n": 1, "all": [3], "k": 7}]
    assert out(result)["each"]["all"] == [
        {"label": "0", "status": "succeeded", "items": 2, "output": "ok"},
        {"label": "1", "status": "succeeded", "items": 1, "output": "ok"},
    ]


def test_a_batch_that_failed_tells_its_label_and_how_many_items_it_had() -> None:
    label = Expression("$params.day & $file[0].name & $string($jobs.list.k)")
    items = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    mocks = [{"item": 0, "error": "Bad", "cause": "why"}, answers(1)]
    result = run(pipeline(batch=2, label=label, tolerate_percent=70.0), items, each=mocks)
    assert out(result)["each"]["all"] == [
        {"label": "d1a7", "status": "failed", "items": 2, "error": {"Error": "Bad", "Cause": "why"}},
        {"label": "d1c7", "status": "succeeded", "items": 1, "output": 1},
    ]


def test_items_of_a_failed_batch_all_count_as_failed() -> None:
    mocks = [{"item": 0, "error": "Bad"}, answers(1)]
    assert str(run(pipeline(batch=2, tolerate_count=1), [1, 2, 3], each=mocks).status) == "FAILED"


def test_a_batch_whose_input_is_left_out_is_told_by_its_place_and_counts_as_a_full_one() -> None:
    failed: Json = {"ExecutionArn": "arn:x", "Status": "FAILED", "Error": "Bad", "Cause": "why"}
    done: Json = {"label": "d1", "status": "succeeded", "items": 2, "output": 1}
    output = the_map(pipeline(batch=3, label=Expression("$file[0].name"), tolerate_percent=70.0))["Output"]["jobs"]
    states: Json = {"input": {"jobs": {}, "status": {}}, "result": [done, failed]}
    found: Any = evaluate(output, {"states": states}, field="Output", sources=SOURCES)
    assert found["each"]["all"] == [
        done,
        {"label": "1", "status": "failed", "items": 3, "error": {"Error": "Bad", "Cause": "why"}},
    ]


def source(kind: str, key: Value = "in.x") -> S3Items:
    return S3Items(bucket="lake", key=key, format=kind)


@pytest.mark.parametrize(
    ("kind", "body", "items"),
    [
        ("csv", "id,name\n1,a\n2,b\n", [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]),
        ("json", [{"x": 1}, [2], "three"], [{"x": 1}, [2], "three"]),
        ("jsonl", '{"x": 1}\n2\n', [{"x": 1}, 2]),
        ("csv", "id,name\n", []),
        ("json", [], []),
    ],
)
def test_items_are_read_from_an_object(kind: str, body: Any, items: list[Any]) -> None:
    result = run(pipeline(source=source(kind)), objects={"s3://lake/in.x": body}, each=answers("ok"))
    assert asked(result) == items
    assert out(result)["each"]["count"] == len(items)


def test_the_key_of_the_object_may_be_an_expression() -> None:
    found = pipeline(source=source("json", Expression("'in/' & $params.day & '/' & $string($jobs.list.k) & '.json'")))
    assert asked(run(found, objects={"s3://lake/in/d1/7.json": [1]}, each=answers(1))) == [1]


@pytest.mark.parametrize("more", [{}, {"outputs": {}}, {"batch": 2}, {"batch": 2, "outputs": {}}, {"isolate": True}])
@pytest.mark.parametrize(("count", "ends"), [(0, "SUCCEEDED"), (3, "SUCCEEDED"), (4, "FAILED"), (9, "FAILED")])
def test_more_items_in_an_object_than_allowed_fail_the_job(more: dict[str, Any], count: int, ends: str) -> None:
    found = pipeline(source=source("json"), max_items=3, tolerate_percent=100.0, **more)
    mocks = [{"item": 0, "error": "Bad"}, answers(1)]
    result = run(found, objects={"s3://lake/in.x": list(range(count))}, each=mocks)
    assert str(result.status) == ends
    if ends == "FAILED":
        assert "Bunsui.TooManyItems" in f"{result.error} {result.cause}"


def test_every_object_under_a_prefix_is_an_item_and_none_is_read() -> None:
    result = run(
        pipeline(source=source("objects", Expression("'in/' & $params.day & '/'")), batch=None),
        objects={"s3://lake/in/d1/b": "xy", "s3://lake/in/d1/a": "x", "s3://lake/in/d2/c": "x"},
        each=answers("ok"),
    )
    assert [(item["Key"], item["Size"]) for item in asked(result)] == [("in/d1/a", 1), ("in/d1/b", 2)]
    assert out(result)["each"]["count"] == 2


def test_the_role_may_list_this_prefix_alone() -> None:
    found = compiled(pipeline(source=source("objects", "in/$x/")))
    (role,) = [one for one in found.resources if one.address.kind == "role"]
    policy: Any = role.attributes["policy"]
    (statement,) = [one for one in policy["Statement"] if one["Action"] == ["s3:ListBucket"]]
    assert statement["Resource"] == ["arn:aws:s3:::lake"]
    assert statement["Condition"] == {"StringEquals": {"s3:prefix": "in/${$}x/"}}
    assert "s3:GetObject" not in permissions(pipeline(source=source("objects", "in/")))


def test_columns_may_be_named_by_the_pipeline() -> None:
    named = S3Items(bucket="lake", key="in.x", format="csv", headers=("id", "name"))
    result = run(pipeline(source=named), objects={"s3://lake/in.x": "1,a\n2,b\n"}, each=answers("ok"))
    assert asked(result) == [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]


def test_an_object_that_is_not_there_fails_with_the_readers_own_error() -> None:
    assert run(pipeline(source=source("json"))).error == "States.ItemReaderFailed"


def test_results_that_nobody_reads_do_not_travel() -> None:
    result = run(pipeline(outputs={}), list(range(3)), each=answers("x" * 1000))
    (exited,) = [
        event["stateExitedEventDetails"]["output"]
        for event in result.events
        if event.get("stateExitedEventDetails", {}).get("name") == "each"
    ]
    assert json.loads(exited) == {"jobs": {"each": {}}, "status": {"list": "succeeded", "each": "succeeded"}}
    assert [child[-1]["executionSucceededEventDetails"]["output"] for child in result.children] == ["1", "1", "1"]


@pytest.mark.parametrize(("outputs", "error"), [({}, None), (RESULT, "States.DataLimitExceeded")])
def test_results_that_nobody_reads_do_not_count_towards_the_payload(outputs: Mapping[str, Value], error: str | None) -> None:
    found = pipeline(source=source("json"), outputs=outputs)
    result = run(found, objects={"s3://lake/in.x": list(range(600))}, each=answers("x" * 500))
    assert result.error == error


def permissions(found: Pipeline) -> dict[str, list[str]]:
    """Return the role's policy: actions of Step Functions and S3 -> resources."""
    (role,) = [one for one in compiled(found).resources if one.address.kind == "role"]
    policy: Any = role.attributes["policy"]
    statements = [one for one in policy["Statement"] if one["Action"][0].startswith(("states:", "s3:"))]
    return {",".join(one["Action"]): one["Resource"] for one in statements}


MACHINE = "us-east-1:000000000000:stateMachine:tests--local--p"
EXECUTION = "us-east-1:000000000000:execution:tests--local--p"


def test_the_role_may_run_the_children_of_this_job_and_read_this_object() -> None:
    assert permissions(pipeline(source=source("csv", "in/a*b.csv"))) == {
        "s3:GetObject": ["arn:aws:s3:::lake/in/a${*}b.csv"],
        "s3:ListBucket": ["arn:aws:s3:::lake"],
        "states:DescribeExecution,states:StopExecution": [
            f"arn:aws:states:{EXECUTION}/each:*",
            f"arn:aws:states:{EXECUTION}:*",
        ],
        "states:RedriveExecution": [f"arn:aws:states:{EXECUTION}/each:*"],
        "states:StartExecution": [f"arn:aws:states:{MACHINE}"],
    }


@pytest.mark.parametrize("found", [source("json", Expression("$params.day")), source("manifest", "m.json")])
def test_an_object_that_only_the_run_knows_may_be_any_of_its_bucket(found: S3Items) -> None:
    assert permissions(pipeline(source=found))["s3:GetObject"] == ["arn:aws:s3:::lake/*"]


def test_the_role_may_be_used_for_the_children_and_an_inline_foreach_needs_nothing() -> None:
    (role,) = [one for one in compiled(pipeline()).resources if one.address.kind == "role"]
    trust: Any = role.attributes["trust"]
    sources = trust["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert any(fnmatchcase(f"arn:aws:states:{MACHINE}/each", source) for source in sources)
    assert permissions(pipeline(is_distributed=False)) == {}


def test_the_map_says_all_that_step_functions_is_to_know() -> None:
    found = the_map(pipeline(max_concurrency=500, tolerate_percent=2.5, batch=10))
    assert {
        key: value for key, value in found.items() if key not in ("ItemProcessor", "Items", "ItemSelector", "Output", "Comment")
    } == {
        "Type": "Map",
        "Label": "each",
        "ItemBatcher": {"MaxItemsPerBatch": 10, "MaxInputBytesPerBatch": 262_144},
        "ToleratedFailurePercentage": 2.5,
        "MaxConcurrency": 500,
        "Next": "_end",
    }
    assert found["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_the_label_of_a_job_with_a_long_name_fits() -> None:
    jobs = tuple(
        Job(name="n" * 60 + str(number), operations=(calls(),), foreach=Foreach(items=(1,), is_distributed=True))
        for number in range(2)
    )
    definition: Any = shown(compiled(Pipeline(name="p", path="p.yaml", jobs=jobs)).definition)
    labels = [value for value in json.dumps(definition).split('"') if value.startswith("n" * 20) and len(value) <= 40]
    assert len(set(labels)) == 2


def test_the_items_of_a_distributed_foreach_do_not_count_towards_the_events_of_the_session() -> None:
    assert compiled(pipeline(max_items=100_000, outputs={})).diagnostics == ()


def test_one_item_has_a_limit_of_its_own() -> None:
    poll = Poll(until=Expression("$result.done"), every_seconds=1, timeout_seconds=7_200)
    (found,) = compiled(pipeline(calls(poll=poll))).diagnostics
    assert (found.code, found.severity) == ("BS424", Severity.ERROR)
    assert found.summary.startswith("one item of each may write ")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"max_items": 5_000}, []),
        ({"max_items": 6_000}, ["BS427"]),
        ({"max_items": 6_000, "outputs": {}}, []),
        ({"max_items": 6_000, "batch": 10}, []),
        ({"max_items": 100_000, "batch": 10}, ["BS427"]),
        ({"max_items": 6_000, "items": tuple(range(10))}, []),
    ],
)
def test_results_that_cannot_fit_into_the_payload_are_told(more: dict[str, Any], expected: list[str]) -> None:
    assert [found.code for found in compiled(pipeline(**more)).diagnostics] == expected


@given(st.lists(st.recursive(st.integers(-5, 5) | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2), max_leaves=4),
                max_size=7), st.integers(1, 4) | st.none(), st.sets(st.integers(0, 6)))  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_no_item_is_lost_whatever_fails(items: list[Any], batch: int | None, failing: set[int]) -> None:
    mocks = [*({"item": place, "error": "Bad"} for place in sorted(failing)), answers("ok")]
    result = run(pipeline(batch=batch, tolerate_percent=100.0), items, each=mocks)
    entries = out(result)["each"]["all"]
    assert sum(entry.get("items", 1) for entry in entries) == len(items)
    assert [entry["label"] for entry in entries] == [str(place) for place in range(len(entries))]
    assert [entry["status"] == "failed" for entry in entries] == [place in failing for place in range(len(entries))]
    handed = asked(result)
    assert (handed if batch is None else [item for group in handed for item in group]) == items


@given(
    items=st.lists(st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2), max_size=6),
    failing=st.sets(st.integers(0, 5)),
    label=st.sampled_from([None, Expression("$string($file) & $params.day")]),
    allowed=st.integers(0, 4),
)
@settings(max_examples=15, deadline=None)
def test_a_distributed_foreach_gives_what_an_inline_one_gives(
    items: list[Any], failing: set[int], label: Expression | None, allowed: int
) -> None:
    mocks = [*({"item": place, "error": "Bad", "cause": "why"} for place in sorted(failing)), answers({"n": 1})]
    payload = {"file": Expression("$file"), "day": Expression("$params.day"), "k": Expression("$jobs.list.k")}
    apart, inside = (
        run(pipeline(calls(payload), label=label, tolerate_count=allowed, is_distributed=mode), items, each=mocks)
        for mode in (True, False)
    )
    assert apart.status == inside.status
    assert apart.output == inside.output
