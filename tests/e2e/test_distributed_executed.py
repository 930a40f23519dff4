"""`foreach` in the distributed mode, really executed on the embedded AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bunsui.aws.connect import connect, drops_without
from bunsui.aws.map_runs import StepFunctionsMapRuns
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.errors import Missing
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline, Poll, S3Items
from bunsui.model.values import Expression, Value
from tests.embedded import EmbeddedAccount, credentials_of
from tests.executing import Ended, Run, breaks, compiled, echo, execute

pytestmark = [pytest.mark.embedded]

READ = {"results": Expression("[$result]"), "count": Expression("$count($result)")}


def pipeline(*operations: Operation, outputs: Mapping[str, Value] = READ, isolate: bool = False, **foreach: Any) -> Pipeline:
    each = Job(
        name="each",
        operations=operations,
        foreach=Foreach(**{"is_distributed": True, "variable": "file", **foreach}),
        isolate=isolate,
        outputs=outputs,
    )
    day = Parameter(name="day", type="string", schema={}, default="d1", required=False)
    return Pipeline(name="each", path="p.yaml", parameters=(day,), jobs=(each,))


def ended(account: EmbeddedAccount, found: Pipeline) -> Ended:
    return execute(account, [Run(name="each", definition=compiled(found).definition)])["each"]


def bucket(account: EmbeddedAccount, key: str, body: str) -> str:
    """Put an object into a bucket of its own; give the bucket's name."""
    name = f"items-{account.account}"
    client = account.client("s3")
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key=key, Body=body.encode())
    return name


def test_items_are_executions_of_their_own_with_results_in_their_order(embedded_account: EmbeddedAccount) -> None:
    say = echo({"file": Expression("$file"), "day": Expression("$params.day"), "date": Expression("$session.date")})
    wanted = [0, 1, 2, 25]
    runs = [
        Run(name=f"each{count}", definition=compiled(pipeline(say, items=tuple(range(count)), max_concurrency=5)).definition)
        for count in wanted
    ]
    found = execute(embedded_account, runs)
    for count in wanted:
        result = found[f"each{count}"]
        assert result.status == "SUCCEEDED", result.cause
        entries = result.output["each"]["results"]
        assert [entry["output"]["file"] for entry in entries] == list(range(count))
        assert [entry["label"] for entry in entries] == [str(place) for place in range(count)]
        assert {entry["output"]["day"] for entry in entries} <= {"d1"}


def test_a_map_run_counts_the_items(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, pipeline(echo(1), items=(1, 2, 3)))
    client = embedded_account.client("stepfunctions")
    (arn,) = [event["mapRunStartedEventDetails"]["mapRunArn"] for event in found.events if "mapRunStartedEventDetails" in event]
    described = client.describe_map_run(mapRunArn=arn)
    assert arn.split(":")[-2] == "each/each"
    assert described["itemCounts"] | {"succeeded": 3, "total": 3} == described["itemCounts"]


@pytest.mark.parametrize(
    ("kind", "body", "items"),
    [
        ("csv", "id,name\n1,a\n2,b\n3,c\n", [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}, {"id": "3", "name": "c"}]),
        ("jsonl", '{"id": 1}\n{"id": 2}\n', [{"id": 1}, {"id": 2}]),
    ],
)
def test_items_are_read_from_an_object_in_s3(embedded_account: EmbeddedAccount, kind: str, body: str, items: list[Any]) -> None:
    name = bucket(embedded_account, f"in/d1.{kind}", body)
    source = S3Items(bucket=name, key=Expression(f"'in/' & $params.day & '.{kind}'"), format=kind)
    found = ended(embedded_account, pipeline(echo(Expression("$file")), source=source))
    assert found.status == "SUCCEEDED", found.cause
    assert [entry["output"] for entry in found.output["each"]["results"]] == items


def test_objects_under_a_prefix_are_items(embedded_account: EmbeddedAccount) -> None:
    name = bucket(embedded_account, "in/d1/a", "x")
    embedded_account.client("s3").put_object(Bucket=name, Key="in/d1/b", Body=b"xy")
    embedded_account.client("s3").put_object(Bucket=name, Key="in/d2/c", Body=b"xyz")
    source = S3Items(bucket=name, key=Expression("'in/' & $params.day & '/'"), format="objects")
    found = ended(embedded_account, pipeline(echo(Expression("$file.Key & ' ' & $string($file.Size)")), source=source))
    assert found.status == "SUCCEEDED", found.cause
    assert [entry["output"] for entry in found.output["each"]["results"]] == ["in/d1/a 1", "in/d1/b 2"]


def test_batches_of_an_object_are_handed_on_as_lists(embedded_account: EmbeddedAccount) -> None:
    name = bucket(embedded_account, "in.json", "[1, 2, 3, 4, 5]")
    source = S3Items(bucket=name, key="in.json", format="json")
    found = ended(embedded_account, pipeline(echo(Expression("$sum($file)")), source=source, batch=2))
    assert [(entry["items"], entry["output"]) for entry in found.output["each"]["results"]] == [(2, 3), (2, 7), (1, 5)]


def test_more_items_in_an_object_than_allowed_fail_the_job(embedded_account: EmbeddedAccount) -> None:
    name = bucket(embedded_account, "in.json", "[1, 2, 3]")
    source = S3Items(bucket=name, key="in.json", format="json")
    found = ended(embedded_account, pipeline(echo(1), source=source, max_items=2, outputs={}))
    assert found.error == "Bunsui.TooManyItems"
    assert found.cause == f"more than 2 items, which max_items of the job each allows, in s3://{name}/in.json"


def test_tolerated_failures_stand_in_the_result(embedded_account: EmbeddedAccount) -> None:
    found = ended(embedded_account, pipeline(breaks("Test.Item"), items=("a", "b"), tolerate_count=2))
    assert found.status == "SUCCEEDED", found.cause
    assert [(entry["label"], entry["status"], entry["error"]["Error"]) for entry in found.output["each"]["results"]] == [
        ("0", "failed", "Test.Item"),
        ("1", "failed", "Test.Item"),
    ]


@pytest.mark.parametrize("tolerate", [{}, {"tolerate_count": 1}, {"tolerate_percent": 40.0}])
def test_more_failures_than_tolerated_fail_the_job(embedded_account: EmbeddedAccount, tolerate: dict[str, Any]) -> None:
    found = ended(embedded_account, pipeline(breaks("Test.Item"), items=("a", "b"), **tolerate))
    assert (found.status, found.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_each_child_polls_for_itself(embedded_account: EmbeddedAccount) -> None:
    ask = echo({"n": Expression("$exists($ops.echo) ? $ops.echo.n + 1 : 1")})
    polled = Operation(id="echo", type="echo", params=ask.params, poll=Poll(until=Expression("$result.n = 2"), every_seconds=1))
    found = ended(embedded_account, pipeline(polled, items=(1, 2, 3)))
    assert [entry["output"] for entry in found.output["each"]["results"]] == [{"n": 2}] * 3, found.cause


def test_the_reader_of_map_runs_counts_items_and_finds_those_that_failed(embedded_account: EmbeddedAccount) -> None:
    definition = compiled(
        pipeline(breaks("Test.Item"), items=("a", "b", "c"), tolerate_count=3, max_concurrency=1, label=Expression("$file"))
    )
    found = execute(embedded_account, [Run(name="each", definition=definition.definition)])["each"]
    (arn,) = [event["mapRunStartedEventDetails"]["mapRunArn"] for event in found.events if "mapRunStartedEventDetails" in event]
    endpoint = embedded_account.endpoint
    connection = connect(
        region=embedded_account.region,
        endpoint_url=endpoint.url,
        credentials=credentials_of(endpoint, embedded_account.account),
        drops=drops_without(endpoint.capabilities),
        threads=1,
    )
    try:
        reader, client = StepFunctionsMapRuns(connection), StepFunctionsClient(connection)
        counts = reader.counts(arn)
        failed = reader.failed_children(arn, limit=10)
        described = client.describe(failed[0].arn)
        with pytest.raises(Missing):
            reader.counts(arn[:-1] + ("0" if arn[-1] != "0" else "1"))
    finally:
        connection.close()
    assert (counts.total, counts.done, counts.failed, counts.is_final) == (3, 3, 3, True)
    assert len(failed) == 3
    assert (described.input["label"], described.error) == ("a", "Test.Item")  # type: ignore[index,call-overload]
