"""`ecs_task`: runs a container to its end, from a task definition that exists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission, ServiceCall
from bunsui.operations.emission.task import task
from bunsui.operations.emission.written_result import (
    RESULT_HINTS,
    RESULT_URI,
    WRITTEN_FIELDS,
    ResultForm,
    result_uri,
    with_written_result,
    written_answer,
    written_permissions,
)
from bunsui.operations.fields import CONFIG, Known, KnownMapping, Knowns, StrictBool, TextMapping, Texts
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, arn, events_rule
from bunsui.operations.integrations.secrets import check_secrets

EVENTS_RULE = "StepFunctionsGetEventsForECSTaskRule"

_CLUSTER = re.compile(r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?([A-Za-z0-9_-]{1,255})$")
_DEFINITION = re.compile(
    r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/)?([A-Za-z0-9_-]{1,255})(?::([1-9][0-9]*))?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOverride:
    """What is different for this run, in one container of the task definition."""

    __pydantic_config__: ClassVar = CONFIG

    name: Annotated[str, Field(min_length=1)]
    """Name of the container in the task definition."""
    command: Texts | None = None
    """Command and arguments, instead of the task definition's."""
    environment: TextMapping = field(default_factory=dict)
    """Environment variables, beside those of the task definition."""
    secrets: KnownMapping = field(default_factory=dict)
    """ARNs of secrets, or of parameters of Systems Manager, by the environment variables that hand them over: the program reads
    the value, which the task's own role must allow. ECS puts values in only by `secrets` of the task definition."""
    cpu: Annotated[int, Field(ge=1, strict=True)] | None = None
    """CPU units of the container, 1024 being one processor."""
    memory: Annotated[int, Field(ge=4, strict=True)] | None = None
    """Memory of the container in MiB."""

    def __post_init__(self) -> None:
        """Refuse what is no reference."""
        check_secrets(self.secrets, self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where the task runs. Networks are referred to, never made."""

    __pydantic_config__: ClassVar = CONFIG

    subnets: Knowns
    """Ids of subnets."""
    security_groups: Knowns = ()
    """Ids of security groups; the VPC's default one when not given."""
    public_ip: StrictBool = False
    """True gives the task a public address, which it needs in a subnet without NAT to pull its image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsTaskParams:
    """Runs a task on ECS and waits until it stopped."""

    __pydantic_config__: ClassVar = CONFIG

    cluster: Known
    """Name or ARN of the cluster."""
    task_definition: Known
    """Family and revision, `load:7`, or the ARN."""
    container: ContainerOverride | None = None
    """What is different for this run."""
    network: Network | None = None
    """Subnets and security groups; needed on Fargate."""
    launch: Literal["fargate", "ec2"] = "fargate"
    """What runs the task."""
    result: ResultForm | None = None
    """What the container writes to the address in its environment variable BUNSUI_RESULT_URI, before it ends: `file` is a JSON
    object of at most 200 KiB, whose fields `$result` has; `s3` is anything, of which `uri`, `etag` and `bytes` travel. The
    environment needs a `bucket`, the task's own role `s3:PutObject` on it."""
    roles: Knowns = ()
    """ARNs of the task's role and execution role, which the machine must be allowed to hand over."""

    def __post_init__(self) -> None:
        """Refuse what ECS would refuse."""
        if isinstance(self.cluster, str) and not _CLUSTER.match(self.cluster):
            raise ValueError("cluster: write the cluster's name or ARN")
        if isinstance(self.task_definition, str) and not _DEFINITION.match(self.task_definition):
            raise ValueError("task_definition: write FAMILY:REVISION or the task definition's ARN")
        if self.launch == "fargate" and self.network is None:
            raise ValueError("network: a Fargate task needs subnets")
        if self.result is not None and self.container is None:
            raise ValueError("result: name the container that writes it, under `container: {name: …}`")


def _emit(params: EcsTaskParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {
        "Cluster": context.value(params.cluster),
        "TaskDefinition": context.value(params.task_definition),
        "LaunchType": params.launch.upper(),
    }
    if params.network is not None:
        arguments["NetworkConfiguration"] = {"AwsvpcConfiguration": _network(params.network, context)}
    if params.container is not None:
        told = {RESULT_URI: code(result_uri(context))} if params.result is not None else {}
        arguments["Overrides"] = {"ContainerOverrides": [_override(params.container, context, told)]}
    result = _result(params)
    started = task(operation, context, name="ecs:runTask.sync", arguments=arguments, result=result)
    return started if params.result is None else with_written_result(started, params.result, context, result=result)


def _network(network: Network, context: EmitContext) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "Subnets": context.value(_as_value(network.subnets)),
        "AssignPublicIp": "ENABLED" if network.public_ip else "DISABLED",
    }
    if network.security_groups:
        fields["SecurityGroups"] = context.value(_as_value(network.security_groups))
    return fields


def _override(container: ContainerOverride, context: EmitContext, told: Mapping[str, Json]) -> dict[str, Json]:
    """Return what differs; `told` are variables of bunsui's own, as ASL."""
    fields: dict[str, Json] = {"Name": container.name}
    if container.command is not None:
        fields["Command"] = context.value(_as_value(container.command))
    own: dict[str, Value] = {**container.environment, **container.secrets}
    environment = {**{name: context.value(value) for name, value in own.items()}, **told}
    if environment:
        fields["Environment"] = [{"Name": name, "Value": value} for name, value in environment.items()]
    if container.cpu is not None:
        fields["Cpu"] = container.cpu
    if container.memory is not None:
        fields["Memory"] = container.memory
    return fields


def _result(params: EcsTaskParams) -> str:
    containers = "$states.result.Containers"
    one = (
        f"{containers}[Name = {string_literal(params.container.name)}]" if params.container is not None else f"{containers}[0]"
    )
    return f"{{'arn': $states.result.TaskArn, 'exit_code': {one}.ExitCode, 'reason': $states.result.StoppedReason}}"


def _as_value(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


def _permissions(params: EcsTaskParams, context: EmitContext) -> tuple[Permission, ...]:
    scope = context.scope
    cluster = _CLUSTER.match(params.cluster) if isinstance(params.cluster, str) else None
    tasks = arn(scope, "ecs", f"task/{cluster.group(1) if cluster else '*'}/*")
    needed = [
        Permission(actions=("ecs:RunTask",), resources=(_definition(params.task_definition, scope),)),
        Permission(actions=("ecs:StopTask", "ecs:DescribeTasks"), resources=(tasks,)),
        Permission(actions=EVENTS_ACTIONS, resources=(events_rule(scope, EVENTS_RULE),)),
    ]
    roles = list(params.roles) if isinstance(params.roles, Sequence) else [params.roles]
    if roles:
        condition = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        needed.append(Permission(actions=("iam:PassRole",), resources=tuple(roles), condition=condition))
    if params.result is not None:
        needed += written_permissions(context)
    return tuple(needed)


def _definition(definition: Value, scope: Scope) -> Value:
    """Any revision only when none is named."""
    match = _DEFINITION.match(definition) if isinstance(definition, str) else None
    if match is None:
        return definition
    named = match.group() if match.group().startswith("arn:") else arn(scope, "ecs", f"task-definition/{match.group()}")
    return named if match.group(2) else f"{named}:*"


def _findings(params: EcsTaskParams, operation: Operation) -> Sequence[Diagnostic]:
    match = _DEFINITION.match(params.task_definition) if isinstance(params.task_definition, str) else None
    if match is None or match.group(2):
        return ()
    return (
        Diagnostic(
            code="BS271",
            severity=Severity.WARNING,
            summary=f"task definition {match.group(1)} is not pinned to a revision",
            detail="A new revision would change running sessions, and a resume could run another image.",
            hint=f"Write {match.group(1)}:REVISION.",
            pointer="/task_definition",
        ),
    )


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
