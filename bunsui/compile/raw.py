"""What the role of a raw definition needs, derived from the ARNs in it. The definition itself is passed on untouched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import Scope
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn, is_arn
from bunsui.operations.integrations.executions import run_permissions

_TABLE_ACTIONS = {
    "dynamodb:getItem": "dynamodb:GetItem",
    "dynamodb:putItem": "dynamodb:PutItem",
    "dynamodb:updateItem": "dynamodb:UpdateItem",
    "dynamodb:deleteItem": "dynamodb:DeleteItem",
}


def raw_permissions(pipeline: Pipeline, scope: Scope) -> tuple[tuple[Permission, ...], tuple[Diagnostic, ...]]:
    """Return the permissions of a raw pipeline's tasks, and a finding for each task whose needs cannot be told."""
    assert pipeline.definition is not None, "only called for raw pipelines"
    found: list[Permission] = []
    findings: list[Diagnostic] = []
    for pointer, state in task_states(pipeline.definition.document, ""):
        derived = _task(state, scope)
        found += derived
        if not derived:
            findings.append(_unknown_pipeline(pipeline, pointer, state))
    return tuple(found), tuple(findings)


def task_states(scope: Mapping[str, Json], pointer: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Return every Task with its JSON pointer, those inside of Parallel and Map included."""
    states = scope.get("States")
    if not isinstance(states, Mapping):
        return
    for name, state in states.items():
        if not isinstance(state, Mapping):
            continue
        here = f"{pointer}/States/{name.replace('~', '~0').replace('/', '~1')}"
        if state.get("Type") == "Task":
            yield here, state
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, (list, tuple)) else ()):
            if isinstance(branch, Mapping):
                yield from task_states(branch, f"{here}/Branches/{index}")
        for key in ("ItemProcessor", "Iterator"):
            inner = state.get(key)
            if isinstance(inner, Mapping):
                yield from task_states(inner, f"{here}/{key}")


def _task(state: Mapping[str, Json], scope: Scope) -> tuple[Permission, ...]:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        return ()
    if ":lambda:" in resource and ":function:" in resource:
        return (Permission(actions=("lambda:InvokeFunction",), resources=(resource,)),)
    _, separator, integration = resource.partition(":states:::")
    if not separator:
        return ()
    name = integration.removesuffix(".waitForTaskToken").removesuffix(":2").removesuffix(".sync")
    return _integration(name, state, scope)


def _integration(name: str, state: Mapping[str, Json], scope: Scope) -> tuple[Permission, ...]:
    if name in ("lambda:invoke", "aws-sdk:lambda:invoke"):
        function = _argument(state, "FunctionName")
        return _allow_call("lambda:InvokeFunction", function, scope, "lambda", "function:")
    if name == "states:startExecution":
        machine = _argument(state, "StateMachineArn")
        return run_permissions(machine, scope) if is_arn(machine) else ()
    if name == "sns:publish":
        topic = _argument(state, "TopicArn")
        return _allow_call("sns:Publish", topic if is_arn(topic) else "", scope, "sns", "")
    if name == "sqs:sendMessage":
        queue = _argument(state, "QueueUrl").rstrip("/").split("/")
        found = f"arn:{scope.partition}:sqs:{scope.region}:{queue[-2]}:{queue[-1]}" if len(queue) > 2 else ""
        return _allow_call("sqs:SendMessage", found, scope, "sqs", "")
    if name in _TABLE_ACTIONS:
        return _allow_call(_TABLE_ACTIONS[name], _argument(state, "TableName"), scope, "dynamodb", "table/")
    if name == "events:putEvents":
        return _buses(state, scope)
    return ()


def _allow_call(action: str, resource: str, scope: Scope, service: str, prefix: str) -> tuple[Permission, ...]:
    full = resource if is_arn(resource) else arn(scope, service, prefix + resource)
    return (Permission(actions=(action,), resources=(full,)),) if resource else ()


def _buses(state: Mapping[str, Json], scope: Scope) -> tuple[Permission, ...]:
    given = _arguments(state).get("Entries")
    if not isinstance(given, (list, tuple)):
        return ()
    buses = set()
    for entry in given:
        bus = entry.get("EventBusName", "default") if isinstance(entry, Mapping) else None
        if not isinstance(bus, str) or bus.startswith("{%"):
            return ()
        buses.add(bus if is_arn(bus) else arn(scope, "events", f"event-bus/{bus}"))
    return (Permission(actions=("events:PutEvents",), resources=tuple(sorted(buses))),) if buses else ()


def _arguments(state: Mapping[str, Json]) -> Mapping[str, Json]:
    for key in ("Arguments", "Parameters"):
        found = state.get(key)
        if isinstance(found, Mapping):
            return found
    return {}


def _argument(state: Mapping[str, Json], name: str) -> str:
    """Return a literal argument; empty when it is missing or only known in the run."""
    found = _arguments(state).get(name)
    return found if isinstance(found, str) and not found.startswith(("{%", "$")) else ""


def _unknown_pipeline(pipeline: Pipeline, pointer: str, state: Mapping[str, Json]) -> Diagnostic:
    assert pipeline.definition is not None, "only called for raw pipelines"
    resource = state.get("Resource")
    return Diagnostic(
        code="BS407",
        severity=Severity.WARNING,
        summary=f"the permissions that {resource} needs cannot be derived",
        position=Position(pipeline.definition.path, 1, 1),
        pointer=pointer,
        detail="The machine's role will lack them, and the task will fail with an access error.",
        hint="Name what the task works on literally (a name or an ARN), or make it a job with an operation of type aws.",
    )
