"""What a pipeline compiles to: names, stability, resources, policies, limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from bunsui.asl.model import Retrier
from bunsui.asl.printing import definition_text
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.compile.retries import fitting, retriers
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.pipeline import (
    CodeFolder,
    Foreach,
    Job,
    Operation,
    Parameter,
    Pipeline,
    RawDefinition,
    Retry,
    Schedule,
    SlotOffset,
)
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Expression, Reference
from bunsui.operations.contract import EmitContext, Emitted, FunctionCode, OperationType, Permission
from tests.executing import SCOPE, TEST_TYPES, echo, test_registry

CODE = FunctionCode(
    code=CodeFolder(path="functions/x", digest="sha256:0"),
    handler="app.handler",
    runtime="python3.12",
    memory_mb=256,
    timeout_seconds=300,
    architecture="x86_64",
    environment={"A": "b"},
    permissions=(Permission(actions=("s3:GetObject",), resources=("arn:aws:s3:::bucket/*",)),),
)


def _coded(params: Any, operation: Operation, context: EmitContext) -> Emitted:
    return TEST_TYPES["echo"].emit(params, operation, context)


def _permissions(params: Any, context: EmitContext) -> tuple[Permission, ...]:
    return (Permission(actions=("lambda:InvokeFunction",), resources=(context.function(),)),)


CODED = OperationType(
    name="coded", summary="", params=object, emit=_coded, permissions=_permissions, result="", function=lambda params: CODE
)


def compiled(pipeline: Pipeline) -> CompiledPipeline:
    return compile_pipeline(pipeline, scope=SCOPE, registry=test_registry().with_types({"coded": CODED}))


def job(name: str, *needs: str) -> Job:
    return Job(name=name, depends_on=needs, operations=(echo(name),))


def pipeline(*jobs: Job, **more: Any) -> Pipeline:
    return Pipeline(name="sales", path="pipelines/sales.yaml", jobs=jobs, **more)


def state_names(definition: Any) -> set[str]:
    found: set[str] = set()
    for name, state in definition["States"].items():
        found.add(name)
        for branch in [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            found |= state_names(branch)
    return found


def resources(found: CompiledPipeline) -> dict[str, DesiredResource]:
    return {str(resource.address): resource for resource in found.resources}


def test_removing_an_unrelated_job_renames_nothing() -> None:
    related = [job("a"), job("b"), job("c", "a", "b"), job("d", "b"), job("e", "c")]
    alone = state_names(compiled(pipeline(*related)).definition)
    beside = state_names(compiled(pipeline(*related, job("other"), job("another", "other"))).definition)
    assert alone <= beside


def test_states_are_named_after_jobs() -> None:
    definition = compiled(
        pipeline(job("a"), replace(job("b", "a"), operations=(echo(1, name="x"), echo(2, name="y"))))
    ).definition
    assert list(definition["States"]) == ["_start", "a.guard", "a", "b.guard", "b.x", "b.y", "_end"]
    assert definition["QueryLanguage"] == "JSONata"


def test_an_operation_called_like_a_state_of_ours_gets_another_name() -> None:
    definition = compiled(pipeline(replace(job("a"), operations=(echo(1, name="guard"), echo(2, name="exit"))))).definition
    assert list(definition["States"]) == ["_start", "a.guard", "a.guard-2", "a.exit-2", "_end"]


def test_long_names_stay_within_the_limit_and_unique() -> None:
    long = "j" * 64
    definition = compiled(
        pipeline(replace(job(long), operations=(echo(1, name="o" * 60 + "1"), echo(2, name="o" * 60 + "2"))))
    ).definition
    assert all(len(name) <= 80 for name in state_names(definition))
    assert len(state_names(definition)) == 5


SCRIPT = """
from tests.unit.compile.test_pipeline import compiled, job, pipeline
from bunsui.asl.printing import definition_text
jobs = [job(f"j{i}", *(f"j{k}" for k in range(i) if (i * 7 + k * 5) % 11 < 3)) for i in range(20)]
found = compiled(pipeline(*jobs))
print(definition_text(found.definition))
print([(str(r.address), repr(r.attributes)) for r in found.resources])
"""


def test_every_process_gives_the_same_bytes() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1


def test_redundant_dependencies_change_no_byte() -> None:
    plain = compiled(pipeline(job("a"), job("b", "a"), job("c", "b")))
    more = compiled(pipeline(job("a"), job("b", "a"), job("c", "a", "b")))
    assert definition_text(plain.definition) == definition_text(more.definition)


def test_a_pipeline_wants_a_machine_a_role_and_a_log_group() -> None:
    found = resources(compiled(pipeline(job("a"), tags={"team": "x"}, timeout_seconds=60)))
    assert list(found) == ["log_group.sales", "role.sales", "state_machine.sales"]
    machine = found["state_machine.sales"]
    assert machine.physical_name == "tests--local--sales"
    assert machine.attributes["role_arn"] == Reference(Address("role", "sales"), "arn")
    assert machine.attributes["tags"] == {"team": "x"}
    assert machine.attributes["definition"]["TimeoutSeconds"] == 60  # type: ignore[index,call-overload]


def test_a_machine_may_take_its_role_also_by_version_alias_and_branch_and_no_other_may() -> None:
    trust: Any = resources(compiled(pipeline(job("a"))))["role.sales"].attributes["trust"]
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:tests--local--sales"
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "000000000000"},
        "ArnLike": {"aws:SourceArn": [arn, f"{arn}:*", f"{arn}/*"]},
    }


def test_code_becomes_a_function_with_its_own_role_and_log_group() -> None:
    coded = Operation(id="fetch", type="coded", params=TEST_TYPES["echo"].params(), timeout_seconds=120)
    found = resources(compiled(pipeline(Job(name="a", operations=(coded,)))))
    function = found["lambda_function.sales.a.fetch"]
    assert function.physical_name == "tests--local--sales--a--fetch"
    assert function.attributes["timeout_seconds"] == 120, "never longer than the operation's"
    assert function.attributes["log_group"] == found["log_group.sales.a.fetch"].physical_name
    assert function.code is not None
    assert (function.code.path, function.code.digest) == ("functions/x", "sha256:0")
    policy: Any = found["role.sales.a.fetch"].attributes["policy"]
    assert [statement["Action"] for statement in policy["Statement"]] == [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        ["s3:GetObject"],
    ]
    machine_policy: Any = found["role.sales"].attributes["policy"]
    assert {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": [Reference(function.address, "version_arn")],
    } in (machine_policy["Statement"])


def test_a_schedule_says_how_late_a_start_may_come_and_who_gets_those_given_up() -> None:
    queue = "arn:aws:sqs:us-east-1:111122223333:late"
    late = Schedule(id="late", expression="rate(1 day)", timezone="UTC", max_age_seconds=7200, dead_letter=queue)
    usual = Schedule(id="usual", expression="rate(1 day)", timezone="UTC", max_age_seconds=86_400)
    found = resources(compiled(pipeline(job("a"), schedules=(late, usual))))
    assert found["schedule.sales.late"].attributes["max_age_seconds"] == 7200
    assert found["schedule.sales.late"].attributes["dead_letter_arn"] == queue
    assert not {"max_age_seconds", "dead_letter_arn"} & found["schedule.sales.usual"].attributes.keys()
    policy: Any = found["role.sales.scheduler"].attributes["policy"]
    assert {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [queue]} in policy["Statement"]


def test_schedules_start_the_alias_with_the_scheduled_time() -> None:
    nightly = Schedule(
        id="nightly", expression="cron(0 3 * * ? *)", timezone="Europe/Berlin", input={"region": "jp"}, slot=SlotOffset(days=-1)
    )
    found = resources(compiled(pipeline(job("a"), schedules=(nightly,))))
    schedule = found["schedule.sales.nightly"]
    assert schedule.attributes["target_arn"] == Reference(Address("state_machine", "sales"), "alias_arn")
    assert schedule.attributes["input"] == {
        "params": {"region": "jp"},
        "session": {
            "schedule": "nightly",
            "scheduled_at": "<aws.scheduler.scheduled-time>",
            "slot_offset_seconds": 0,
            "slot_offset_days": -1,
            "timezone": "Europe/Berlin",
        },
    }
    assert schedule.attributes["group"] == found["schedule_group.sales"].physical_name
    policy: Any = found["role.sales.scheduler"].attributes["policy"]
    assert policy["Statement"][0]["Resource"] == [
        "arn:aws:states:us-east-1:000000000000:stateMachine:tests--local--sales",
        "arn:aws:states:us-east-1:000000000000:stateMachine:tests--local--sales:live",
    ]


def codes(found: CompiledPipeline) -> list[str]:
    return [diagnostic.code for diagnostic in found.diagnostics]


def test_what_cannot_be_compiled_is_a_finding() -> None:
    assert codes(compiled(pipeline())) == ["BS421"]
    assert codes(compiled(pipeline(Job(name="a", operations=())))) == ["BS421"]
    ring = compiled(pipeline(job("a", "b"), job("b", "a")))
    assert codes(ring) == ["BS422"]
    assert ring.diagnostics[0].summary == "jobs depend on each other in a ring: a -> b -> a"
    many = Job(name="a", operations=(echo(1),), foreach=Foreach(items=tuple(range(3)), max_items=2))
    assert codes(compiled(pipeline(many))) == ["BS425"]


def test_a_definition_above_one_megabyte_is_refused_before_any_call() -> None:
    assert codes(compiled(pipeline(replace(job("a"), outputs={"x": "x" * 1_050_000})))) == ["BS423"]


@pytest.mark.parametrize(("most", "expected"), [(100, []), (7000, ["BS424"])])
def test_events_beyond_the_history_limit_are_told(most: int, expected: list[str]) -> None:
    each = Foreach(items=Expression("$params.x"), max_items=most)
    assert codes(compiled(pipeline(Job(name="a", operations=(echo(1),), foreach=each)))) == expected


def raw(document: dict[str, Json], **more: Any) -> CompiledPipeline:
    definition = RawDefinition(path="machine.asl.json", document=document)
    return compiled(Pipeline(name="raw", path="p.yaml", definition=definition, **more))


def test_a_raw_definition_is_passed_on_untouched_under_its_own_name() -> None:
    document: dict[str, Json] = {"StartAt": "a", "States": {"a": {"Type": "Pass", "End": True}}, "TimeoutSeconds": 2.0}
    found = raw(document, resource_name="legacy-machine")
    assert json.dumps(found.definition) == json.dumps(document)
    assert resources(found)["state_machine.raw"].physical_name == "legacy-machine"
    assert not found.diagnostics


def test_a_raw_machines_schedule_gives_the_parameters_themselves() -> None:
    limit = Parameter(name="limit", type="integer", schema={}, default=10, required=False)
    region = Parameter(name="region", type="string", schema={})
    nightly = Schedule(id="nightly", expression="rate(1 day)", timezone="UTC", input={"region": "jp"})
    document: dict[str, Json] = {"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}
    found = resources(raw(document, parameters=(limit, region), schedules=(nightly,)))
    assert found["schedule.raw.nightly"].attributes["input"] == {"limit": 10, "region": "jp"}


def raw_task(resource: str, **fields: Json) -> CompiledPipeline:
    inner: Json = {"StartAt": "t", "States": {"t": {"Type": "Task", "Resource": resource, **fields, "End": True}}}
    outer: Json = {"Type": "Parallel", "Branches": [inner], "End": True}
    return raw({"StartAt": "p", "States": {"p": outer}})


@pytest.mark.parametrize(
    ("resource", "fields", "action", "target"),
    [
        ("arn:aws:lambda:us-east-1:1:function:f", {}, "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:1:function:f"),
        (
            "arn:aws:states:::lambda:invoke.waitForTaskToken",
            {"Parameters": {"FunctionName": "f:live"}},
            "lambda:InvokeFunction",
            "arn:aws:lambda:us-east-1:000000000000:function:f:live",
        ),
        (
            "arn:aws:states:::dynamodb:putItem",
            {"Arguments": {"TableName": "t"}},
            "dynamodb:PutItem",
            "arn:aws:dynamodb:us-east-1:000000000000:table/t",
        ),
        (
            "arn:aws:states:::sqs:sendMessage",
            {"Arguments": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}},
            "sqs:SendMessage",
            "arn:aws:sqs:us-east-1:123456789012:q",
        ),
        (
            "arn:aws:states:::events:putEvents",
            {"Arguments": {"Entries": [{"Detail": {}}]}},
            "events:PutEvents",
            "arn:aws:events:us-east-1:000000000000:event-bus/default",
        ),
    ],
)
def test_permissions_of_a_raw_definition_come_from_its_arns(
    resource: str, fields: dict[str, Json], action: str, target: str
) -> None:
    found = raw_task(resource, **fields)
    policy: Any = resources(found)["role.raw"].attributes["policy"]
    assert {"Effect": "Allow", "Action": [action], "Resource": [target]} in policy["Statement"]
    assert not found.diagnostics


@pytest.mark.parametrize(
    ("resource", "fields"),
    [
        ("arn:aws:states:::aws-sdk:s3:putObject", {}),
        ("arn:aws:states:::lambda:invoke", {"Arguments": {"FunctionName": "{% $f %}"}}),
        ("arn:aws:states:::lambda:invoke", {"Parameters": {"FunctionName.$": "$.f"}}),
    ],
)
def test_permissions_that_cannot_be_told_are_a_finding(resource: str, fields: dict[str, Json]) -> None:
    found = raw_task(resource, **fields)
    assert codes(found) == ["BS407"]
    assert found.diagnostics[0].pointer == "/States/p/Branches/0/States/t"


def test_retries_leave_out_the_errors_of_other_services() -> None:
    (classes,) = retriers(replace(echo(1), retry=Retry(errors=("throttling", "infrastructure"))))
    for called, prefixes in (
        ("lambda:invoke", {"Lambda"}),
        ("aws-sdk:s3:putObject", {"S3"}),
        ("http:invoke", {"States.Http.StatusCode"}),
        ("ecs:runTask.sync", {"ECS", "AmazonECS"}),
    ):
        (found,) = fitting((classes,), f"arn:aws:states:::{called}")
        assert {name.rpartition(".")[0] for name in found.errors} == prefixes
    only_foreign = replace(classes, errors=("SNS.InternalErrorException",))
    assert fitting((only_foreign,), "arn:aws:states:::sqs:sendMessage") == ()
    assert fitting((classes,), "arn:aws:states:eu-west-1:111122223333:activity:a") == ()


def on_lambda(operation: Operation) -> tuple[Retrier, ...]:
    return fitting(retriers(operation), "arn:aws:states:::lambda:invoke")


def test_retries_name_errors_and_never_repeat_what_may_still_run() -> None:
    operation = replace(echo(1), retry=Retry(attempts=3, errors=("timeout", "My.Error")))
    (retrier,) = retriers(operation)
    assert (retrier.errors, retrier.max_attempts, retrier.full_jitter) == (("My.Error",), 2, True)
    (safe,) = on_lambda(replace(operation, idempotent=True))
    late = ("States.Timeout", "States.HeartbeatTimeout", "Sandbox.Timedout", "Lambda.Unknown")
    assert safe.errors == (*late, "My.Error")
    never, everything = on_lambda(replace(operation, retry=Retry(errors=("throttling", "any"))))
    assert (never.errors, never.max_attempts) == (("States.QueryEvaluationError", *late), 0)
    assert everything.errors == ("States.ALL",)
    assert on_lambda(replace(operation, retry=Retry(attempts=1))) == ()
    spared, rest = on_lambda(replace(operation, retry=Retry(spared=("ValidationError", "throttling"))))
    assert (spared.errors[:1], spared.max_attempts) == (("States.QueryEvaluationError",), 0)
    assert {"ValidationError", "Lambda.TooManyRequestsException"} <= set(spared.errors)
    assert rest.errors == ("States.ALL",)
    spared, rest = on_lambda(replace(operation, retry=Retry(errors=("My.Error", "My.Other"), spared=("My.Other",))))
    assert (spared.errors, spared.max_attempts, rest.errors) == (("My.Other",), 0, ("My.Error",))
    spared, rest = on_lambda(replace(operation, retry=Retry(errors=("infrastructure",), spared=("Lambda.AWSLambdaException",))))
    assert "Lambda.AWSLambdaException" not in rest.errors
    assert on_lambda(replace(operation, retry=Retry(errors=("My.Error",), spared=("My.Error",)))) == ()
    assert [found.errors for found in on_lambda(replace(operation, retry=Retry()))][1] == ("States.ALL",)
