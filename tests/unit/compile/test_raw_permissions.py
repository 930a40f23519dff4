"""What the role of a raw definition is allowed, task by task, and of which tasks nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.compile.raw import raw_permissions, task_states
from bunsui.diagnostics import Severity
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.resource import Scope

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1", partition="aws-cn")
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:load:live"
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:child"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:told"
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/own"


def of(*states: dict[str, Any]) -> tuple[list[tuple[tuple[str, ...], tuple[object, ...]]], list[str]]:
    """Return actions and resources of each permission, and the pointers of tasks of which nobody can tell."""
    named = {f"s{number}": {"Type": "Task", **state} for number, state in enumerate(states)}
    definition = RawDefinition(path="m.asl.json", document={"StartAt": "s0", "States": named})
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(), definition=definition)
    found, findings = raw_permissions(pipeline, SCOPE)
    assert all((one.code, one.severity) == ("BS407", Severity.WARNING) for one in findings)
    assert all(one.position is not None and (one.position.file, one.position.line) == ("m.asl.json", 1) for one in findings)
    return [(one.actions, one.resources) for one in found], [one.pointer for one in findings]


def task(integration: str, *, key: str = "Arguments", **given: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{integration}", key: given}


@pytest.mark.parametrize(
    ("state", "action", "resource"),
    [
        ({"Resource": FUNCTION}, "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke", key="Parameters", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke.waitForTaskToken", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("aws-sdk:lambda:invoke", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (
            task("lambda:invoke", FunctionName="load"),
            "lambda:InvokeFunction",
            "arn:aws-cn:lambda:eu-west-1:111111111111:function:load",
        ),
        (task("sns:publish", TopicArn=TOPIC), "sns:Publish", TOPIC),
        (
            task("sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/222222222222/orders"),
            "sqs:SendMessage",
            "arn:aws-cn:sqs:eu-west-1:222222222222:orders",
        ),
        (
            task("sqs:sendMessage.waitForTaskToken", QueueUrl="https://sqs.eu-west-1.amazonaws.com/222222222222/orders/"),
            "sqs:SendMessage",
            "arn:aws-cn:sqs:eu-west-1:222222222222:orders",
        ),
        (
            task("events:putEvents", Entries=[{}]),
            "events:PutEvents",
            "arn:aws-cn:events:eu-west-1:111111111111:event-bus/default",
        ),
        (task("events:putEvents", Entries=[{"EventBusName": BUS}]), "events:PutEvents", BUS),
        *(
            (
                task(f"dynamodb:{verb}Item", TableName="loads"),
                f"dynamodb:{verb.title()}Item",
                "arn:aws-cn:dynamodb:eu-west-1:111111111111:table/loads",
            )
            for verb in ("get", "put", "update", "delete")
        ),
    ],
)
def test_a_task_is_allowed_what_it_calls_and_nothing_else(state: dict[str, Any], action: str, resource: str) -> None:
    assert of(state) == ([((action,), (resource,))], [])


def test_a_child_is_started_watched_and_stopped() -> None:
    for integration in ("states:startExecution", "states:startExecution.sync:2", "states:startExecution.sync"):
        found, unknown = of(task(integration, StateMachineArn=MACHINE))
        assert ("states:StartExecution",) in [actions for actions, _ in found]
        assert unknown == []


def test_buses_are_each_named_once() -> None:
    entries = [{"EventBusName": "b"}, {"EventBusName": BUS}, {"EventBusName": "b"}]
    ((actions, resources),), _ = of(task("events:putEvents", Entries=entries))
    assert resources == ("arn:aws-cn:events:eu-west-1:111111111111:event-bus/b", BUS)
    assert actions == ("events:PutEvents",)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"Resource": 3},
        {"Resource": "arn:aws:states:::"},
        {"Resource": "arn:aws:lambda:eu-west-1:111111111111:layer:x"},
        {"Resource": "arn:aws:states:eu-west-1:111111111111:activity:x"},
        task("glue:startJobRun", JobName="x"),
        task("lambda:invoke"),
        task("lambda:invoke", FunctionName="{% $f %}"),
        task("lambda:invoke", FunctionName="$.f"),
        task("lambda:invoke", FunctionName=3),
        {"Resource": "arn:aws:states:::lambda:invoke"},
        {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% $x %}"},
        task("states:startExecution", StateMachineArn="child"),
        task("sns:publish", TopicArn="told"),
        task("sns:publish", PhoneNumber="1"),
        task("sqs:sendMessage", QueueUrl="orders"),
        task("sqs:sendMessage", QueueUrl="a/orders"),
        task("dynamodb:getItem"),
        task("dynamodb:query", TableName="loads"),
        task("events:putEvents", Entries=[]),
        task("events:putEvents", Entries="{% $e %}"),
        task("events:putEvents", Entries=[{}, "x"]),
        task("events:putEvents", Entries=[{}, {"EventBusName": 3}]),
        task("events:putEvents", Entries=[{}, {"EventBusName": "{% $b %}"}]),
    ],
)
def test_where_nobody_can_tell_it_is_said_so(state: dict[str, Any]) -> None:
    assert of(state) == ([], ["/States/s0"])
    found, unknown = of(state, {"Resource": FUNCTION}, state)
    assert (len(found), unknown) == (1, ["/States/s0", "/States/s2"])


def test_tasks_are_found_wherever_they_are_nested_and_pointed_at() -> None:
    inner = {"States": {"x": {"Type": "Task"}, "y": {"Type": "Pass"}}}
    states: dict[str, Any] = {
        "a/b~c": {"Type": "Task"},
        "p": {"Type": "Parallel", "Branches": ["no scope", inner, inner]},
        "m": {"Type": "Map", "ItemProcessor": inner},
        "n": {"Type": "Map", "Iterator": inner},
        "no state": 3,
        "q": {"Type": "Parallel", "Branches": "no list", "ItemProcessor": "no scope"},
        "z": {"Type": "Task"},
    }
    pointers = [pointer for pointer, _ in task_states({"States": states}, "")]
    assert pointers == [
        "/States/a~1b~0c",
        "/States/p/Branches/1/States/x",
        "/States/p/Branches/2/States/x",
        "/States/m/ItemProcessor/States/x",
        "/States/n/Iterator/States/x",
        "/States/z",
    ]
    assert list(task_states({"States": "no states"}, "")) == []
