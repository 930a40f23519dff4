"""Histories that a rule of reading is about, written by hand as AWS would: what is read and told of each is recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.model.json import Json
from bunsui.model.remarks import WARNED
from bunsui.model.session import HistoryEvent
from tests.unit.sessions.logs.test_invocations import at

Step = tuple[Any, ...]
"""Type of an event and its details; before them the number of the event that it follows, when that is not the one before."""
LAMBDA = {"resourceType": "lambda", "resource": "invoke"}
ECS = {"resourceType": "ecs", "resource": "runTask.sync"}
CHILD = {"resourceType": "states", "resource": "startExecution.sync:2"}
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:clean:3"
ID = "8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e"
BOOM = json.dumps({"errorType": "ValueError", "errorMessage": "no such region", "requestId": ID})
TASK: dict[str, Json] = {
    "TaskArn": "arn:aws:ecs:eu-west-1:111111111111:task/etl/0f3f3c1b",
    "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:111111111111:task-definition/load:7",
    "Containers": [{"Name": "load", "RuntimeId": "0f3f3c1b-265927825", "ExitCode": 3}],
    "StopCode": "EssentialContainerExited",
    "StoppedReason": "Essential container in task exited",
}


def machine(states: Mapping[str, Json], **more: Json) -> dict[str, Json]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}, **more}


def raw(states: Mapping[str, Json]) -> dict[str, Json]:
    return {"StartAt": next(iter(states)), "States": dict(states)}


def into(kind: str, name: str, given: Json = None) -> Step:
    return f"{kind}StateEntered", {"name": name, "input": json.dumps(given or {})}


def out(kind: str, name: str, output: Json = None, **assigned: Json) -> Step:
    told = {name: json.dumps(value) for name, value in assigned.items()}
    return f"{kind}StateExited", {"name": name, "output": json.dumps(output or {}), "assignedVariables": told}


def done(*jobs: str, outcome: str = "succeeded", **errors: Json) -> Json:
    """Return the machine's data when these jobs are done."""
    data: dict[str, Json] = {"jobs": {job: {"n": 1} for job in jobs}, "status": dict.fromkeys(jobs, outcome)}
    return {**data, "errors": errors} if errors else data


def call(about: Mapping[str, str] = LAMBDA, **parameters: Json) -> Step:
    return "TaskScheduled", {**about, "parameters": json.dumps(parameters or {"FunctionName": FUNCTION, "Payload": {"a": 1}})}


def answer(output: Json, about: Mapping[str, str] = LAMBDA, kind: str = "TaskSucceeded") -> Step:
    return kind, {**about, "output": json.dumps(output)}


def fails(cause: str = BOOM, about: Mapping[str, str] = LAMBDA, error: str = "ValueError", kind: str = "TaskFailed") -> Step:
    return kind, {**about, "error": error, "cause": cause}


def end(error: str = "ValueError", cause: str = BOOM, kind: str = "ExecutionFailed") -> Step:
    return kind, {"error": error, "cause": cause}


LOAD: dict[str, Json] = machine(
    {"load": {"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 60}, "next": {"Type": "Task"}}
)
RESTORE: Json = {"Type": "Task", "Arguments": {"Bucket": "b", "Key": "{% 'runs/p/' & $resume.stored.load %}"}}
INNER: Json = {"StartAt": "each.work", "States": {"each.work": {"Type": "Task"}, "each.item-failed": {"Type": "Pass"}}}
EACH: dict[str, Json] = machine({"each": {"Type": "Map", "ItemProcessor": INNER}})
MAPS: Json = {"StartAt": "each.in", "States": {"each.in": {"Type": "Map", "ItemProcessor": INNER}}}
NESTED: dict[str, Json] = machine({"each": {"Type": "Map", "ItemProcessor": MAPS}})
BRANCHES: Json = [
    {"StartAt": "left", "States": {"left": {"Type": "Task"}, "left.check": {"Type": "Fail"}}},
    {"StartAt": "right", "States": {"right": {"Type": "Task"}}},
]
BOTH: dict[str, Json] = machine({"_par": {"Type": "Parallel", "Branches": BRANCHES}, "_failed": {"Type": "Fail"}})
ISOLATED: dict[str, Json] = machine(
    {"load": {"Type": "Parallel", "Branches": [{"States": {"load.check": {"Type": "Fail"}}}]}, "_failed": {"Type": "Fail"}}
)
LOOP: dict[str, Json] = raw(
    {"Each": {"Type": "Map", "Iterator": {"States": {"Work": {"Type": "Task"}}}}, "Again": {"Type": "Choice"}}
)
CALLED = (into("Task", "load"), call())
ITEM: Json = {"label": "north", "item": 1}
RUN = "arn:aws:states:eu-west-1:111111111111:mapRun:m/each:1"

HISTORIES: Mapping[str, tuple[Mapping[str, Json], Sequence[Step]]] = {
    "stopped while it waits to try again": (
        LOAD,
        [*CALLED, fails(), end("", "enough", "ExecutionAborted")],
    ),
    "late while it waits to try again": (
        {**LOAD, "TimeoutSeconds": 30},
        [*CALLED, fails(), call(), end("", "", "ExecutionTimedOut")],
    ),
    "late behind a caught failure": (
        {**LOAD, "TimeoutSeconds": 300},
        [
            *CALLED,
            fails(),
            out("Task", "load", done("load", outcome="failed", load={"error": "ValueError", "cause": BOOM})),
            into("Task", "next"),
            end("", "", "ExecutionTimedOut"),
        ],
    ),
    "tried again and well": (
        LOAD,
        [
            *CALLED,
            fails(),
            call(),
            ("TaskStarted", LAMBDA),
            answer({"ExecutedVersion": "3", "Payload": {"n": 1}, "SdkResponseMetadata": {"RequestId": ID}}),
            out("Task", "load", done("load"), **{f"{WARNED}load": "half of the rows"}),
            ("ExecutionSucceeded", {"output": '{"n": 1}'}),
        ],
    ),
    "a bare function": (
        LOAD,
        [
            into("Task", "load"),
            ("LambdaFunctionScheduled", {"resource": FUNCTION, "input": '{"a": 1}'}),
            ("LambdaFunctionStarted", {}),
            fails(kind="LambdaFunctionFailed", about={}),
            ("LambdaFunctionScheduled", {"resource": FUNCTION, "input": '{"a": 1}'}),
            ("LambdaFunctionTimedOut", {}),
            end("States.Timeout", ""),
        ],
    ),
    "an activity": (
        LOAD,
        [
            into("Task", "load"),
            ("ActivityScheduled", {"resource": "arn:activity", "input": "7"}),
            ("ActivitySucceeded", {"output": '{"n": 1}'}),
            out("Task", "load", done("load")),
            into("Task", "next"),
            ("ActivityScheduled", {"resource": "arn:activity", "input": "8"}),
            fails("too hot", {}, "Mine", "ActivityFailed"),
            end("Mine", "too hot"),
        ],
    ),
    "a container": (
        machine({"load": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"}}),
        [
            into("Task", "load"),
            call(ECS, Cluster="etl"),
            ("TaskStarted", ECS),
            answer({"Tasks": [TASK], "Failures": []}, ECS, "TaskSubmitted"),
            fails(json.dumps(TASK), ECS, "States.TaskFailed"),
            end("States.TaskFailed", json.dumps(TASK)),
        ],
    ),
    "a child": (
        machine({"load": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}}),
        [
            into("Task", "load"),
            call(CHILD, StateMachineArn="arn:kid", Input={"a": 1}),
            answer({"ExecutionArn": "arn:kid:1"}, CHILD, "TaskSubmitted"),
            fails(json.dumps({"ExecutionArn": "arn:kid:1", "Error": "ValueError", "Cause": BOOM}), CHILD, "States.TaskFailed"),
            call(CHILD, StateMachineArn="arn:kid", Input={"a": 1}, Name="n"),
            answer({"ExecutionArn": "arn:kid:2", "Output": {"rows": 7}, "Status": "SUCCEEDED"}, CHILD),
            out("Task", "load", done("load")),
        ],
    ),
    "a child that was only started": (
        machine({"load": {"Type": "Task"}}),
        [
            into("Task", "load"),
            call({"resourceType": "states", "resource": "startExecution"}, StateMachineArn="arn:kid"),
            answer({"ExecutionArn": "arn:kid:1", "StartDate": 1, "SdkHttpMetadata": {"a": 1}}, {**CHILD}),
        ],
    ),
    "a call of another service": (
        machine({"load": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjects"}}),
        [
            into("Task", "load"),
            call({"resourceType": "aws-sdk:s3", "resource": "listObjects"}, Bucket="b"),
            answer({"Contents": [], "SdkHttpMetadata": {}, "SdkResponseMetadata": {"RequestId": ID}, "ExecutionArn": "x"}),
            fails("[1]", {}, "States.QueryEvaluationError", "EvaluationFailed"),
            end("States.QueryEvaluationError", "[1]"),
        ],
    ),
    "a call without an answer": (LOAD, [into("Task", "load"), ("TaskScheduled", LAMBDA), answer([1])]),
    "items": (
        EACH,
        [
            into("Map", "each"),
            ("MapStateStarted", {"length": 2}),
            (3, "MapIterationStarted", {"name": "each", "index": 0}),
            into("Task", "each.work", ITEM),
            (3, "MapIterationStarted", {"name": "each", "index": 1}),
            into("Task", "each.work", {"item": 2}),
            (5, *call()),
            (7, *call(FunctionName="other", Payload={})),
            (9, *fails()),
            (8, *answer({"ok": True})),
            (11, *out("Task", "each.work")),
            (12, "MapIterationSucceeded", {"name": "each", "index": 0}),
            (10, "MapIterationFailed", {"name": "each", "index": 1}),
            ("MapStateFailed", {}),
            end(),
        ],
    ),
    "an item that is tolerated": (
        EACH,
        [
            into("Map", "each"),
            ("MapStateStarted", {"length": 1}),
            ("MapIterationStarted", {"name": "each", "index": 0}),
            into("Task", "each.work", {"label": ""}),
            fails(),
            out("Task", "each.work"),
            into("Pass", "each.item-failed"),
            out("Pass", "each.item-failed"),
            ("MapIterationSucceeded", {"name": "each", "index": 0}),
            ("MapStateSucceeded", {}),
            out("Map", "each", done("each")),
        ],
    ),
    "a map in a map": (
        NESTED,
        [
            into("Map", "each"),
            ("MapStateStarted", {"length": 2}),
            ("MapIterationStarted", {"name": "each", "index": 0}),
            into("Map", "each.in", {"label": "outer"}),
            ("MapStateStarted", {"length": 3}),
            ("MapIterationStarted", {"name": "each.in", "index": 2}),
            into("Task", "each.work", {"label": "inner"}),
            fails(),
            ("MapIterationFailed", {"name": "each.in", "index": 2}),
            ("MapStateFailed", {}),
            ("MapIterationFailed", {"name": "each", "index": 0}),
            ("MapStateFailed", {}),
            end(),
        ],
    ),
    "a map that is run twice": (
        LOOP,
        [
            into("Map", "Each"),
            ("MapStateStarted", {"length": 1}),
            ("MapIterationStarted", {"name": "Each", "index": 0}),
            into("Task", "Work"),
            out("Task", "Work"),
            ("MapIterationSucceeded", {"name": "Each", "index": 0}),
            ("MapStateSucceeded", {}),
            out("Map", "Each", {"n": 1}),
            into("Choice", "Again"),
            out("Choice", "Again"),
            into("Map", "Each"),
            ("MapStateStarted", {"length": 3}),
            ("MapIterationStarted", {"name": "Each", "index": 0}),
            into("Task", "Work"),
            fails(),
        ],
    ),
    "items of their own": (
        machine({"each": {"Type": "Map", "ToleratedFailurePercentage": 10}}),
        [
            into("Map", "each"),
            ("MapStateStarted", {"length": 0}),
            ("MapRunStarted", {"mapRunArn": RUN}),
            fails("too many", {}, "States.ExceedToleratedFailureThreshold", "MapRunFailed"),
            end("States.ExceedToleratedFailureThreshold", "too many"),
        ],
    ),
    "branches side by side": (
        BOTH,
        [
            into("Parallel", "_par"),
            ("ParallelStateStarted", {}),
            into("Task", "left"),
            (3, *into("Task", "right")),
            (4, *call()),
            (5, *call(FunctionName="other")),
            (7, *fails(error="Late", cause="late")),
            (6, *fails()),
            (8, "ParallelStateFailed", {}),
            end("Late", "late"),
        ],
    ),
    "one of two caught failures": (
        BOTH,
        [
            into("Parallel", "_par"),
            ("ParallelStateStarted", {}),
            into("Task", "left"),
            fails("one", error="One"),
            out("Task", "left", done("left", outcome="failed", left={"error": "One", "cause": "one"})),
            (3, *into("Task", "right")),
            fails("two", error="Two"),
            out("Task", "right", done("right", outcome="failed", right={"Error": "Two", "Cause": "two"})),
            ("ParallelStateSucceeded", {}),
            out("Parallel", "_par", done("left", "right", outcome="failed")),
            into("Fail", "_failed", done(left={"error": "One", "cause": "one"}, right={"Error": "Two", "Cause": "two"})),
            end("Two", "failed: right (Two), left (One)"),
        ],
    ),
    "a check that is caught without a word": (
        ISOLATED,
        [
            into("Parallel", "load"),
            ("ParallelStateStarted", {}),
            into("Fail", "load.check"),
            ("ParallelStateFailed", {}),
            out("Parallel", "load", done("load", outcome="failed", load={"error": "CheckFailed", "cause": "3 of 4"})),
            into("Fail", "_failed", done("load", outcome="failed", load={"error": "CheckFailed", "cause": "3 of 4"})),
            end("CheckFailed", "failed: load (CheckFailed)"),
        ],
    ),
    "redriven": (
        LOAD,
        [
            *CALLED,
            fails(),
            end(),
            ("ExecutionRedriven", {}),
            call(),
            answer({"n": 1}),
            out("Task", "load", done("load")),
            into("Task", "next"),
            ("ExecutionAborted", {}),
        ],
    ),
    "an end without words": (LOAD, [*CALLED, fails("", error=""), end("", "")]),
    "an output that was cut": (LOAD, [*CALLED, ("TaskStateExited", {"name": "load", "output": '{"jobs": {"lo'})]),
    "a state that the machine lacks": (LOAD, [into("Task", "gone"), fails(), end()]),
    "a cause that was cut": (
        LOAD,
        [
            *CALLED,
            fails("another", error="Other"),
            call(),
            fails(),
            call(),
            fails("not that"),
            out("Task", "load", done("load", outcome="failed", load={"error": "ValueError", "cause": BOOM[:20]})),
        ],
    ),
    "brought along": (
        LOAD,
        [
            into("Choice", "load", {}),
            out("Choice", "load", done("load")),
            into("Task", "next"),
            fails("late", error="States.Timeout", kind="TaskTimedOut"),
            end("States.Timeout", "late"),
        ],
    ),
    "brought along and done again": (
        LOAD,
        [
            into("Choice", "load", {}),
            out("Choice", "load"),
            *CALLED,
            answer({}),
            out("Task", "load", done("load")),
            into("Task", "next"),
        ],
    ),
    "brought along and loaded": (
        machine({"load": {"Type": "Task"}, "load.restore": RESTORE, "next": {"Type": "Task"}}),
        [
            into("Task", "load.restore"),
            call({"resourceType": "aws-sdk:s3", "resource": "getObject"}, Key="k"),
            answer({"Body": "{}"}),
            out("Task", "load.restore", done("load")),
            into("Task", "next"),
        ],
    ),
    "a silent container that was tried again": (
        BOTH,
        [
            into("Parallel", "_par"),
            ("TaskScheduled", {}),
            fails("late", {}, "Late"),
            ("TaskScheduled", {}),
            ("TaskSucceeded", {}),
            out("Parallel", "_par", {"jobs": {"right": {"n": 1}}, "status": {"left": "failed", "right": "succeeded"}}),
            into("Fail", "_failed"),
            end("One", "failed: left (One)"),
        ],
    ),
    "a silent container that failed": (
        BOTH,
        [into("Parallel", "_par"), ("TaskScheduled", {}), fails("late", {}, "Late"), end("Late", "late")],
    ),
    "a silent container that was caught": (
        BOTH,
        [
            into("Parallel", "_par"),
            ("TaskScheduled", {}),
            fails("late", {}, "Late"),
            out("Parallel", "_par"),
            into("Task", "elsewhere"),
        ],
    ),
    "a silent container that was stopped": (
        BOTH,
        [into("Parallel", "_par"), ("TaskScheduled", {}), end("", "enough", "ExecutionAborted")],
    ),
    "a silent container with what was brought along": (
        BOTH,
        [into("Parallel", "_par"), ("TaskScheduled", {}), end("Late", "late")],
    ),
    "a silent container that was only entered": (BOTH, [into("Parallel", "_par")]),
    "not begun": (LOAD, []),
}
RESUMED: Json = {"resume": {"jobs": {"load": {"n": 5}}, "status": {"load": "succeeded", "left": "recovered", "next": "failed"}}}
GIVEN: Mapping[str, Json] = {
    "brought along": RESUMED,
    "brought along and done again": RESUMED,
    "brought along and loaded": RESUMED,
    "a silent container with what was brought along": RESUMED,
}
"""What the executions were given; nothing where it is not said."""


def events_of(name: str) -> list[HistoryEvent]:
    """Return the events, one second apart."""
    started = ("ExecutionStarted", {"input": json.dumps(GIVEN.get(name, {}))})
    found = []
    for number, step in enumerate((started, *HISTORIES[name][1]), 1):
        *before, kind, details = step
        found.append(
            HistoryEvent(
                id=number, previous_id=before[0] if before else number - 1, type=kind, at=at(number - 1), details=details
            )
        )
    return found
