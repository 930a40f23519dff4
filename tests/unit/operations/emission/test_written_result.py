"""What the work of an operation writes in the bucket is its result: where to, who may, what is taken, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.pipeline import compile_pipeline
from bunsui.diagnostics import Severity
from bunsui.engine.clock import VirtualClock
from bunsui.engine.run import ExecutionResult
from bunsui.model.bucket import MANAGED, managed_name
from bunsui.model.pipeline import Job, Operation, Pipeline, Retry
from bunsui.model.resource import Scope
from bunsui.model.values import Expression
from bunsui.operations.athena_query import AthenaQueryParams
from bunsui.operations.ecs.parameters import ContainerOverride, EcsTaskParams
from bunsui.operations.emission.written_result import LARGEST_FILE
from bunsui.operations.glue_job import GlueJobParams
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.executing import SCOPE

IN_BUCKET = replace(SCOPE, bucket=MANAGED)
BUCKET = managed_name(SCOPE)


def ecs(form: str | None) -> Operation:
    container = ContainerOverride(name="load")
    params = EcsTaskParams(cluster="etl", task_definition="load:7", launch="ec2", container=container, result=form)  # type: ignore[arg-type]
    return Operation(id="work", type="ecs_task", params=params)


def glue(form: str | None) -> Operation:
    return Operation(id="work", type="glue_job", params=GlueJobParams(job="sales", result=form))  # type: ignore[arg-type]


def pipeline(work: Operation, **outputs: str) -> Pipeline:
    before = Operation(id="call", type="lambda", params=LambdaParams(function="f:1"))
    return Pipeline(
        name="orders",
        path="p.yaml",
        jobs=(
            Job(name="first", operations=(before,), outputs={"n": Expression("$result.n")}),
            Job(
                name="load",
                operations=(work,),
                depends_on=("first",),
                outputs={**{name: Expression(text) for name, text in outputs.items()}, "n": Expression("$jobs.first.n")},
            ),
        ),
    )


def compiled(given: Pipeline, scope: Scope = IN_BUCKET) -> Any:
    return compile_pipeline(given, scope=scope, registry=builtin_registry())


def ran(given: Pipeline, work: list[Any], taken: list[Any]) -> tuple[ExecutionResult, list[Any]]:
    """Run it; give what its Tasks were asked, too."""
    definition: Any = shown(compiled(given).definition)
    machine, clock = MachineUnderTest(name="orders", definition=definition, order=("first", "load")), VirtualClock(START)
    told = read_mocks({"first": [{"return": {"Payload": {"n": 1}}}], "load": work, "load.result": taken})
    runner = MockedTasks(clock=clock, answers=told)
    asked: list[Any] = []
    start = runner.start

    class Watching:
        def start(self, request: Any, report: Any) -> Any:
            asked.append((request.state, request.arguments))
            return start(request, report)

    return machine.run({}, runner=Watching(), clock=clock), asked


ENDED = {
    "TaskArn": "arn:t",
    "Containers": [{"Name": "load", "ExitCode": 0}],
    "StoppedReason": "Essential container in task exited",
}


def written(value: object) -> dict[str, Any]:
    body = json.dumps(value)
    return {"Body": body, "ContentLength": len(body), "ETag": '"e"'}


def test_a_file_is_loaded_into_the_result_and_what_travelled_goes_on() -> None:
    given = pipeline(ecs("file"), rows="$result.rows", code="$result.exit_code")
    result, asked = ran(given, [{"return": ENDED}], [{"return": written({"rows": 10, "exit_code": 99})}])
    assert result.output == {"load": {"rows": 10, "code": 0, "n": 1}}, "what the service says goes before what was written"
    (told,) = [arguments for state, arguments in asked if state == "load"]
    (variable,) = told["Overrides"]["ContainerOverrides"][0]["Environment"]
    (read,) = [arguments for state, arguments in asked if state == "load.result"]
    assert variable["Name"] == "BUNSUI_RESULT_URI"
    assert variable["Value"] == f"s3://{BUCKET}/{read['Key']}"
    assert read["Key"].startswith("results/orders/")
    assert (read["Bucket"], read["ExpectedBucketOwner"]) == (BUCKET, SCOPE.account)


def test_each_try_writes_to_an_address_of_its_own_and_the_last_one_is_taken() -> None:
    twice = Retry(attempts=2, delay_seconds=1, backoff=1, max_delay_seconds=None, jitter=False, errors=("Broken",))
    work = replace(ecs("file"), retry=twice)
    given = pipeline(work, rows="$result.rows")
    result, asked = ran(given, [{"error": "Broken"}, {"return": ENDED}], [{"return": written({"rows": 2})}])
    assert result.output == {"load": {"rows": 2, "n": 1}}
    told = [one["Overrides"]["ContainerOverrides"][0]["Environment"][0]["Value"] for state, one in asked if state == "load"]
    (read,) = [arguments for state, arguments in asked if state == "load.result"]
    assert len(set(told)) == 2
    assert told[1] == f"s3://{BUCKET}/{read['Key']}"


def test_of_what_lies_in_s3_only_the_address_travels() -> None:
    given = pipeline(glue("s3"), uri="$result.uri", bytes="$result.bytes", state="$result.state")
    ended = {"Id": "jr_1", "JobRunState": "SUCCEEDED", "ExecutionTime": 3}
    result, asked = ran(given, [{"return": ended}], [{"return": {"ETag": '"e"', "ContentLength": 5_000_000}}])
    (told,) = [arguments["Arguments"]["--BUNSUI_RESULT_URI"] for state, arguments in asked if state == "load"]
    assert result.output == {"load": {"uri": told, "bytes": 5_000_000, "state": "SUCCEEDED", "n": 1}}


@pytest.mark.parametrize(
    ("value", "words"),
    [([1], "no JSON object but array"), ({"x": "y" * LARGEST_FILE}, f"at most {LARGEST_FILE} are loaded")],
    ids=["a list", "too large"],
)
def test_what_does_not_fit_fails_by_name(value: object, words: str) -> None:
    result, _ = ran(pipeline(ecs("file"), rows="$result.rows"), [{"return": ENDED}], [{"return": written(value)}])
    assert "Bunsui.ResultUnfit" in str(result.cause)
    assert words in str(result.cause)


def test_the_machine_may_read_its_own_pipelines_results_only() -> None:
    found = compiled(pipeline(ecs("file"), rows="$result.rows"))
    (role,) = (resource for resource in found.resources if resource.address.kind == "role")
    policy: Any = role.attributes["policy"]
    (reads,) = [one for one in policy["Statement"] if one["Action"] == ["s3:GetObject"]]
    assert reads["Resource"] == [f"arn:aws:s3:::{BUCKET}/{part}/orders/*" for part in ("results", "resume")]
    assert reads["Condition"] == {"StringEquals": {"aws:ResourceAccount": SCOPE.account}}


@pytest.mark.parametrize("work", [ecs("file"), glue("s3")], ids=["ecs_task", "glue_job"])
def test_without_a_bucket_it_is_refused_with_the_remedy(work: Operation) -> None:
    (found,) = compiled(pipeline(work), SCOPE).diagnostics
    assert (found.code, found.severity) == ("BS430", Severity.ERROR)
    assert "`bucket: managed`" in found.hint


def test_the_right_that_the_work_itself_needs_is_told() -> None:
    found = [one for one in compiled(pipeline(ecs("s3"))).diagnostics if one.code == "BS431"]
    assert [one.severity for one in found] == [Severity.INFO]
    assert f"s3:PutObject on arn:aws:s3:::{BUCKET}/results/orders/*" in found[0].summary


def test_a_container_that_writes_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="name the container"):
        EcsTaskParams(cluster="etl", task_definition="load:7", launch="ec2", result="file")


def test_rows_of_a_query_are_read_without_losing_what_travelled() -> None:
    query = AthenaQueryParams(query="SELECT 1", database="sales", output="s3://lake/out/", fetch="rows")
    given = pipeline(Operation(id="work", type="athena_query", params=query), id="$result.id")
    definition: Any = shown(compiled(given, SCOPE).definition)
    clock = VirtualClock(START)
    answers = read_mocks(
        {
            "first": [{"return": {"Payload": {"n": 1}}}],
            "load": [{"return": {"QueryExecution": {"QueryExecutionId": "q"}}}],
            "load.rows": [{"return": {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}}],
        }
    )
    machine = MachineUnderTest(name="orders", definition=definition, order=("first", "load"))
    result = machine.run({}, runner=MockedTasks(clock=clock, answers=answers), clock=clock)
    assert result.output == {"load": {"id": "q", "n": 1}}
