"""`ecs_task`: runs a container to its end, from a task definition that exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Task, code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import (
    EmitContext,
    Emitted,
    OperationType,
    Permission,
    ServiceCall,
    ServiceCallKeys,
)
from bunsui.operations.ecs.codes import ROLES_UNSAID
from bunsui.operations.ecs.exit_codes import HOST_STOPS, names_failures, task_result, with_named_failures
from bunsui.operations.ecs.parameters import CLUSTER, DEFINITION, EcsTaskParams
from bunsui.operations.ecs.request import run_task_arguments, said_twice, with_arguments
from bunsui.operations.emission.task import task
from bunsui.operations.emission.written_result import (
    RESULT_HINTS,
    RESULT_URI,
    WRITTEN_FIELDS,
    result_key,
    result_uri,
    with_written_result,
    written_answer,
    written_permissions,
)
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, arn, events_rule

EVENTS_RULE = "StepFunctionsGetEventsForECSTaskRule"


def _emit(params: EcsTaskParams, operation: Operation, context: EmitContext) -> Emitted:
    told = {RESULT_URI: code(result_uri(context))} if params.result is not None else {}
    arguments: Any = run_task_arguments(params, context.value, told)
    arguments = with_arguments(arguments, {name: context.value(value) for name, value in params.arguments.items()})
    container = _container(params)
    result = task_result("$states.result", container)
    started = task(operation, context, name="ecs:runTask.sync", arguments=arguments, result=result)
    if not names_failures(params.exit_codes, operation):
        return started if params.result is None else with_written_result(started, params.result, context, result=result)
    (run,) = started.values()
    assert isinstance(run, Task), "one Task runs it"
    key = result_key(context) if params.result is not None else ""
    wrapper = with_named_failures(run, params.exit_codes, operation, context, container=container, key=key)
    if params.result is None:
        return {context.state: replace(wrapper, output=context.output("$states.result[0]"))}
    own, written = "$states.result[0].own", "$states.result[0].key"
    return with_written_result({context.state: wrapper}, params.result, context, result=own, key=written)


def _container(params: EcsTaskParams) -> str:
    """Return JSONata that leads from a task to the container of the result."""
    return f".Containers[Name = {string_literal(params.container.name)}]" if params.container else ".Containers[0]"


def _permissions(params: EcsTaskParams, context: EmitContext) -> tuple[Permission, ...]:
    scope = context.scope
    cluster = CLUSTER.match(params.cluster) if isinstance(params.cluster, str) else None
    tasks = arn(scope, "ecs", f"task/{cluster.group(1) if cluster else '*'}/*")
    needed = [
        Permission(actions=("ecs:RunTask",), resources=(_definition(params.task_definition, scope),)),
        Permission(actions=("ecs:StopTask", "ecs:DescribeTasks"), resources=(tasks,)),
        Permission(actions=EVENTS_ACTIONS, resources=(events_rule(scope, EVENTS_RULE),)),
    ]
    given = params.roles if params.roles is not None else ()
    roles: list[Value] = list(given) if isinstance(given, Sequence) else [given]
    roles += [role for role in (params.task_role, params.execution_role, *_roles_in(params.arguments)) if role is not None]
    if roles:
        condition: dict[str, Json] = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        needed.append(Permission(actions=("iam:PassRole",), resources=tuple(roles), condition=condition))
    if params.tags or params.propagate_tags or _asks(params, "Tags", "PropagateTags", "EnableECSManagedTags"):
        condition = {"StringEquals": {"ecs:CreateAction": "RunTask"}}
        needed.append(Permission(actions=("ecs:TagResource",), resources=(tasks,), condition=condition))
    if params.result is not None:
        needed += written_permissions(context)
    return tuple(needed)


def _roles_in(arguments: Value) -> list[Value]:
    """Return the roles that `arguments` names; in an expression nobody knows them, and `roles` has to."""
    overrides = arguments.get("Overrides") if isinstance(arguments, Mapping) else None
    given = overrides if isinstance(overrides, Mapping) else {}
    return [role for name in ("TaskRoleArn", "ExecutionRoleArn") if isinstance(role := given.get(name), (str, Reference))]


def _asks(params: EcsTaskParams, *names: str) -> bool:
    """Tell whether `arguments` gives one of these."""
    return any(name in params.arguments for name in names)


def _definition(definition: Value, scope: Scope) -> Value:
    """Any revision only when none is named."""
    match = DEFINITION.match(definition) if isinstance(definition, str) else None
    if match is None:
        return definition
    named = match.group() if match.group().startswith("arn:") else arn(scope, "ecs", f"task-definition/{match.group()}")
    return named if match.group(2) else f"{named}:*"


def _findings(params: EcsTaskParams, operation: Operation) -> Sequence[Diagnostic]:
    found = []
    match = DEFINITION.match(params.task_definition) if isinstance(params.task_definition, str) else None
    if match is not None and not match.group(2):
        found.append(
            Diagnostic(
                code="BS271",
                severity=Severity.WARNING,
                summary=f"task definition {match.group(1)} is not pinned to a revision",
                detail="A new revision would change running sessions, and a resume could run another image.",
                hint=f"Write {match.group(1)}:REVISION.",
                pointer="/task_definition",
            )
        )
    if params.roles is None and params.is_fargate and params.execution_role is None:
        found.append(
            Diagnostic(
                code=ROLES_UNSAID,
                severity=Severity.WARNING,
                summary="nothing says which roles the task definition has, so that the machine may hand over none",
                detail="A Fargate task that pulls from ECR or logs has an execution role, and RunTask then needs iam:PassRole "
                "for it and for the task's own.",
                hint="Write roles: [ARN, …] with those of the task definition, or roles: [] when it has none.",
                pointer="/task_definition",
            )
        )
    if (twice := said_twice(params)) is not None:
        name, key = twice
        found.append(
            Diagnostic(
                code="BS278",
                severity=Severity.ERROR,
                summary=f"what {name} is for RunTask says the key {key}",
                detail="Nobody could tell which of the two holds.",
                hint=f"Write it under {key}, and remove {name} from arguments.",
                pointer=f"/arguments/{name.replace('.', '/')}",
            )
        )
    return found


def _answer(params: EcsTaskParams, result: Json, call: ServiceCall) -> Json:
    if params.result is not None and not call.resource.startswith("ecs:"):
        return written_answer(result, call, own=sorted(_FIELDS))
    told = result if isinstance(result, Mapping) else {}
    container = {
        "Name": params.container.name if params.container is not None else "main",
        "ExitCode": told.get("exit_code", 0),
    }
    return {
        "TaskArn": told.get("arn", "arn:aws:ecs:us-east-1:123456789012:task/simulated/0"),
        "Containers": [container],
        "StoppedReason": told.get("reason", "Essential container in task exited"),
        "LastStatus": "STOPPED",
    }


def _result_fields(params: EcsTaskParams) -> frozenset[str]:
    return _FIELDS | WRITTEN_FIELDS if params.result == "s3" else _FIELDS


_HOST_HINT = (
    "ECS ended the task for the sake of its host, whatever it was at: let `retry` repeat it, or take capacity that is not Spot."
)
_FIELDS = frozenset({"arn", "exit_code", "reason"})

TYPE = OperationType(
    name="ecs_task",
    summary="Runs a task on ECS and waits until it stopped",
    params=EcsTaskParams,
    emit=_emit,
    permissions=_permissions,
    result="`arn` of the task, `exit_code` of the container (the first one when none is named) and `reason`, why the "
    "task stopped. A container that ends with another code than 0 fails the operation. With `result: file` the fields of the "
    "object that it wrote come beside these, with `result: s3` `uri`, `etag` and `bytes` of what it wrote.",
    result_fields=_FIELDS | WRITTEN_FIELDS,
    writes_result=lambda params: params.result is not None,
    open_result_with=("result", "file"),
    findings=_findings,
    service_call=ServiceCallKeys(call="ecs:runTask", arguments="arguments"),
    answer_call=_answer,
    sample=lambda params: None if params.result == "file" else dict.fromkeys(sorted(_result_fields(params))),
    not_local="it starts no containers",
    local_setting="local: {ecs: process}",
    hints={
        "States.TaskFailed": "A container ended with another code than 0, or the task could not be started: see "
        "StoppedReason and the containers' Reason in the cause.",
        "ECS.ClientException": "ECS refused the request, as a rule because the task definition does not exist in this account "
        "and region: make it, or correct `task_definition`. Resuming alone cannot help.",
        "AmazonECS.Unknown": "ECS found no place for the task: RESOURCE in the reasons is what no host has enough of, a quota "
        "on Fargate.",
        "ECS.AccessDeniedException": "The machine's role may not run the task or hand over its roles: name both in `roles`.",
        "ECS.ClusterNotFoundException": "The cluster does not exist in this account and region.",
        "ECS.InvalidParameterException": "Subnets, security groups and task definition must fit: awsvpc network mode on "
        "Fargate, and all of one VPC.",
        **dict.fromkeys(HOST_STOPS, _HOST_HINT),
        "TaskFailedToStart": "The containers did not start: see StoppedReason and the containers' Reason in the cause.",
        "ECS.ServerException": "ECS itself failed; the retry class `infrastructure` covers it.",
        "States.Timeout": "The operation's `timeout` passed; Step Functions stopped the task.",
        **RESULT_HINTS,
    },
    example="""\
type: ecs_task
cluster: etl
task_definition: "load:7"
container:
  name: load
  command: [load, --date, "{% $params.date %}"]
network: {subnets: [subnet-0123456789abcdef0], security_groups: [sg-0123456789abcdef0]}
roles: [arn:aws:iam::111122223333:role/load-execution]
timeout: 2h
""",
)
