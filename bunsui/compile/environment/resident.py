"""The resident of an environment: a Lambda function of bunsui's own code, and a small Express machine that calls it.

A rule starts the machine for each execution of the environment's pipelines that ends, a schedule starts it every five minutes,
since AWS sends those events as well as it can and promises no more. The machine invokes the function, and again where Lambda
could not take the call: neither rules nor schedules then need a policy on the function.

Sources: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge" and "Invoke an AWS Lambda
function with Step Functions"; service authorization reference, "AWS Step Functions", "Amazon DynamoDB".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.compile.context import ALIAS
from bunsui.compile.environment.channel_grants import channel_permissions
from bunsui.compile.policy import function_permissions, policy, start_permission, trust
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.log_group import LOG_GROUP
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.role import ROLE
from bunsui.kinds.schedule import SCHEDULE
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.kinds.state_machine import LOGGING_OFF, MACHINE
from bunsui.model.address import RESIDENT, Address
from bunsui.model.alerts import Channel
from bunsui.model.environment.resident import (
    CODE_PATH,
    EVENT,
    LOCK_PATH,
    SWEEP,
    SWEEP_SECONDS,
    VARIABLE,
    ResidentCode,
    ResidentPlace,
)
from bunsui.model.gates import STATE_TABLE
from bunsui.model.names import (
    ROLE_NAME_LIMIT,
    RULE_NAME_LIMIT,
    SCHEDULE_NAME_LIMIT,
    STATE_MACHINE_NAME_LIMIT,
    function_name,
    resource_name,
)
from bunsui.model.resource import CodeSource, DesiredResource, Scope
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn, integration

NO_CHANNELS: Mapping[str, Channel] = {}
PART = "_resident"
"""Stands for a pipeline in the names of the resources; no pipeline's id begins so."""
RUNTIME = "python3.13"
ARCHITECTURE = "x86_64"
MEMORY_MB = 512
TIMEOUT_SECONDS = 240
"""The Express machine around it has five minutes for everything."""
LOG_DAYS = 30
STATUSES = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_LOOK, _RULES, _CLOCK = "look", "rules", "clock"
FUNCTION_ADDRESS = Address(FUNCTION, RESIDENT, _LOOK)
_MACHINE = Address(MACHINE, RESIDENT)
_PASSING = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
]
_PATHS = {"machine": "$.detail.stateMachineArn", "execution": "$.detail.executionArn", "status": "$.detail.status"}
"""What the function is told of an event: names that Step Functions gave, never an input or an output."""


def resident_resources(
    code: ResidentCode | None, place: ResidentPlace, scope: Scope, channels: Mapping[str, Channel] = NO_CHANNELS
) -> dict[str, tuple[DesiredResource, ...]]:
    """Return what the resident is made of, by what stands for a pipeline in its addresses; empty without one. `channels` are
    those on which it tells alerts."""
    if code is None:
        return {}
    name = function_name(scope.project, scope.environment, PART, _LOOK)
    log_group = f"/aws/lambda/{name}"
    group = resource_name(scope.project, scope.environment, PART, limit=SCHEDULE_NAME_LIMIT)
    return {
        RESIDENT: (
            _log_group(log_group),
            _function_role(scope, log_group, channels),
            _function(code, place, name, log_group),
            _machine_role(scope, name),
            _machine(scope),
            _starting_role(_RULES, "events.amazonaws.com", _rule_arn(scope), "Tells the resident what ended", scope),
            _rule(scope),
            DesiredResource(address=Address(SCHEDULE_GROUP, RESIDENT), physical_name=group, attributes={"tags": {}}),
            _starting_role(
                _CLOCK,
                "scheduler.amazonaws.com",
                arn(scope, "scheduler", f"schedule-group/{group}"),
                "Has the resident look every few minutes",
                scope,
            ),
            _schedule(group),
        )
    }


def _function(code: ResidentCode, place: ResidentPlace, name: str, log_group: str) -> DesiredResource:
    attributes: dict[str, Value] = {
        "runtime": RUNTIME,
        "handler": "bunsui.resident.handler.handle",
        "memory_mb": MEMORY_MB,
        "timeout_seconds": TIMEOUT_SECONDS,
        "architecture": ARCHITECTURE,
        "role_arn": Reference(Address(ROLE, RESIDENT, _LOOK), "arn"),
        "environment": {VARIABLE: place.text()},
        "code_digest": code.digest,
        "log_group": log_group,
        "tags": {},
    }
    source = CodeSource(
        path=CODE_PATH,
        requirements=LOCK_PATH,
        runtime=RUNTIME,
        architecture=ARCHITECTURE,
        digest=code.digest,
        is_own=True,
    )
    needs = (Address(LOG_GROUP, RESIDENT, _LOOK),)
    return DesiredResource(address=FUNCTION_ADDRESS, physical_name=name, attributes=attributes, depends_on=needs, code=source)


def _function_role(scope: Scope, log_group: str, channels: Mapping[str, Channel]) -> DesiredResource:
    log_arn = f"arn:{scope.partition}:logs:{scope.region}:{scope.account}:log-group:{log_group}"
    needed = (*_looking(scope), *_telling(scope, channels))
    return _role(_LOOK, scope, trust("lambda.amazonaws.com"), function_permissions(needed, log_arn), "Looks at sessions")


def _telling(scope: Scope, channels: Mapping[str, Channel]) -> tuple[Permission, ...]:
    """Return what telling alerts needs: to send on the channels, to see how schedules are."""
    if not channels:
        return ()
    groups = f"{name_prefix(scope)}*"
    return (
        *channel_permissions(channels, scope),
        # A list of schedules knows no resource.
        Permission(actions=("scheduler:ListSchedules",), resources=("*",)),
        Permission(actions=("scheduler:GetSchedule",), resources=(arn(scope, "scheduler", f"schedule/{groups}"),)),
    )


def _looking(scope: Scope) -> tuple[Permission, ...]:
    """Return what a look needs: to read machines and executions of the environment, and to write rows of its sessions."""
    names = f"{name_prefix(scope)}*"
    table = f"arn:{scope.partition}:dynamodb:{scope.region}:{scope.account}:table/{STATE_TABLE}"
    return (
        Permission(actions=("states:ListExecutions",), resources=(arn(scope, "states", f"stateMachine:{names}"),)),
        Permission(
            actions=(
                "states:DescribeExecution",
                "states:DescribeMapRun",
                "states:DescribeStateMachineForExecution",
                "states:GetExecutionHistory",
                "states:ListExecutions",
            ),
            resources=(arn(scope, "states", f"execution:{names}"), arn(scope, "states", f"mapRun:{names}")),
        ),
        Permission(
            # A row that changes leaves lists of rows, in one transaction.
            actions=(
                "dynamodb:BatchGetItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
            ),
            resources=(table, f"{table}/index/*"),
        ),
    )


def _machine_role(scope: Scope, name: str) -> DesiredResource:
    machine = arn(scope, "states", f"stateMachine:{_machine_name(scope)}")
    trusted = trust("states.amazonaws.com", scope=scope, source_arns=(machine, f"{machine}:*"))
    function = arn(scope, "lambda", f"function:{name}")
    permission = Permission(actions=("lambda:InvokeFunction",), resources=(function, f"{function}:*"))
    return _role("", scope, trusted, (permission,), "Calls the resident")


def _machine(scope: Scope) -> DesiredResource:
    attributes: dict[str, Value] = {
        "type": "EXPRESS",
        "definition": definition(scope),
        "role_arn": Reference(Address(ROLE, RESIDENT), "arn"),
        "tracing": False,
        "alias": ALIAS,
        "logging": LOGGING_OFF,
        "tags": {},
    }
    # The roles of those who start it are made first, so that IAM knows them everywhere when they are used.
    needs = (Address(ROLE, RESIDENT, _RULES), Address(ROLE, RESIDENT, _CLOCK))
    return DesiredResource(address=_MACHINE, physical_name=_machine_name(scope), attributes=attributes, depends_on=needs)


def definition(scope: Scope) -> dict[str, Any]:
    """Return the machine: one call of the function, of the version that was applied with it."""
    retry = {"ErrorEquals": _PASSING, "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 2, "JitterStrategy": "FULL"}
    return {
        "Comment": "Calls the resident of the environment: a rule and a schedule start it",
        "QueryLanguage": "JSONata",
        "StartAt": "Look",
        "States": {
            "Look": {
                "Type": "Task",
                "Resource": integration(scope, "lambda:invoke"),
                "Arguments": {
                    "FunctionName": Reference(FUNCTION_ADDRESS, "version_arn"),
                    "Payload": "{% $states.input %}",
                },
                "TimeoutSeconds": TIMEOUT_SECONDS + 5,
                "Retry": [retry],
                "Output": {},
                "End": True,
            },
        },
    }


def _starting_role(part: str, service: str, source_arn: str, description: str, scope: Scope) -> DesiredResource:
    machine = arn(scope, "states", f"stateMachine:{_machine_name(scope)}")
    trusted = trust(service, scope=scope, source_arns=(source_arn,))
    return _role(part, scope, trusted, (start_permission(machine, ALIAS),), description)


def _rule(scope: Scope) -> DesiredResource:
    machines = arn(scope, "states", f"stateMachine:{name_prefix(scope)}")
    members = ",".join(f'"{name}":"<{name}>"' for name in _PATHS)
    target: dict[str, Value] = {
        "arn": Reference(_MACHINE, "alias_arn"),
        "role_arn": Reference(Address(ROLE, RESIDENT, _RULES), "arn"),
        "paths": dict(_PATHS),
        "template": f'{{"cause":"{EVENT}",{members}}}',
    }
    attributes: dict[str, Value] = {
        "description": "Tells the resident of each session that ends",
        "pattern": {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"stateMachineArn": [{"prefix": machines}], "status": list(STATUSES)},
        },
        "enabled": True,
        "targets": {"resident": target},
        "tags": {},
    }
    name = _rule_name(scope)
    return DesiredResource(address=Address(ALERT_RULE, RESIDENT), physical_name=name, attributes=attributes)


def _schedule(group: str) -> DesiredResource:
    attributes: dict[str, Value] = {
        "group": group,
        "expression": f"rate({SWEEP_SECONDS // 60} minutes)",
        "timezone": "UTC",
        "enabled": True,
        "input": {"cause": SWEEP},
        "target_arn": Reference(_MACHINE, "alias_arn"),
        "role_arn": Reference(Address(ROLE, RESIDENT, _CLOCK), "arn"),
        "retries": 0,
    }
    needs = (Address(SCHEDULE_GROUP, RESIDENT),)
    return DesiredResource(
        address=Address(SCHEDULE, RESIDENT, SWEEP), physical_name=SWEEP, attributes=attributes, depends_on=needs
    )


def _role(
    part: str, scope: Scope, trusted: Mapping[str, Value], permissions: tuple[Permission, ...], description: str
) -> DesiredResource:
    parts = (scope.project, scope.environment, PART, *((part,) if part else ()))
    attributes: dict[str, Value] = {
        "path": f"/bunsui/{scope.project}/{scope.environment}/",
        "trust": trusted,
        "policy": policy(permissions),
        "boundary": scope.permissions_boundary,
        "description": description,
        "tags": {},
    }
    physical = resource_name(*parts, limit=ROLE_NAME_LIMIT)
    return DesiredResource(address=Address(ROLE, RESIDENT, part), physical_name=physical, attributes=attributes)


def _log_group(name: str) -> DesiredResource:
    attributes: dict[str, Value] = {"retention_days": LOG_DAYS, "tags": {}}
    return DesiredResource(address=Address(LOG_GROUP, RESIDENT, _LOOK), physical_name=name, attributes=attributes)


def _machine_name(scope: Scope) -> str:
    return resource_name(scope.project, scope.environment, PART, limit=STATE_MACHINE_NAME_LIMIT)


def _rule_name(scope: Scope) -> str:
    return resource_name(scope.project, scope.environment, PART, limit=RULE_NAME_LIMIT)


def _rule_arn(scope: Scope) -> str:
    return arn(scope, "events", f"rule/{_rule_name(scope)}")
