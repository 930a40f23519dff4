"""What whoever runs bunsui must be allowed: who plans, who applies, who runs sessions.

A grant is what one purpose needs of one service: the operations that bunsui calls, and what they are called on. Most operations
have an action of the same name; `_ACTIONS` has the others. `tests/architecture/test_permissions.py` holds the table against the
calls that stand in `bunsui.aws`. Source of actions, resources and conditions: the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bunsui.aws.dynamodb import TABLE_NAME
from bunsui.aws.providers.bulk import name_prefix
from bunsui.model.resource import Scope
from bunsui.model.values import Json


class Purpose(StrEnum):
    """What the caller is for. `apply` holds what `plan` does; `run` stands alone."""

    PLAN = "plan"
    APPLY = "apply"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Operations of one service on some resources."""

    sid: str
    purpose: Purpose
    service: str
    """As boto3 calls it."""
    operations: tuple[str, ...]
    on: tuple[str, ...] = ("*",)
    """Patterns of ARNs; `{machines}` and the like stand for the scope's own, see `_resources`."""
    condition: Mapping[str, Json] = field(default_factory=dict)
    optional: str = ""
    """What is lost without it; empty when it is needed."""


_PREFIXES = {"stepfunctions": "states", "resourcegroupstaggingapi": "tag"}
_ACTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    # Publishing while creating or updating, and tags in the create call, have actions of their own.
    ("stepfunctions", "CreateStateMachine"): ("CreateStateMachine", "PublishStateMachineVersion", "TagResource"),
    ("stepfunctions", "UpdateStateMachine"): ("UpdateStateMachine", "PublishStateMachineVersion"),
    ("iam", "CreateRole"): ("CreateRole", "TagRole"),
    ("lambda", "CreateFunction"): ("CreateFunction", "TagResource", "PublishVersion"),
    ("lambda", "UpdateFunctionCode"): ("UpdateFunctionCode", "PublishVersion"),
    ("logs", "CreateLogGroup"): ("CreateLogGroup", "TagResource"),
    ("scheduler", "CreateScheduleGroup"): ("CreateScheduleGroup", "TagResource"),
    ("scheduler", "DeleteScheduleGroup"): ("DeleteScheduleGroup", "DeleteSchedule"),
    # A transaction is allowed by what it holds.
    ("dynamodb", "TransactWriteItems"): ("ConditionCheckItem", "DeleteItem", "PutItem"),
}

_OF_GIVEN_ROLES = frozenset({"RolesRead", "RolesPass"})
_LOGS = ("{machine-logs}", "{function-logs}")

GRANTS: tuple[Grant, ...] = (
    Grant(sid="WhoAmI", purpose=Purpose.PLAN, service="sts", operations=("GetCallerIdentity",)),
    Grant(
        sid="StateRead",
        purpose=Purpose.PLAN,
        service="dynamodb",
        operations=("DescribeTable", "GetItem", "Query"),
        on=("{table}", "{table}/index/*"),
    ),
    Grant(sid="MachinesList", purpose=Purpose.PLAN, service="stepfunctions", operations=("ListStateMachines",)),
    Grant(
        sid="MachinesRead",
        purpose=Purpose.PLAN,
        service="stepfunctions",
        operations=(
            "DescribeStateMachine",
            "DescribeStateMachineAlias",
            "ListExecutions",
            "ListStateMachineAliases",
            "ListTagsForResource",
        ),
        on=("{machines}",),
    ),
    Grant(sid="Tags", purpose=Purpose.PLAN, service="resourcegroupstaggingapi", operations=("GetResources",)),
    Grant(sid="RolesList", purpose=Purpose.PLAN, service="iam", operations=("ListRoles",)),
    Grant(sid="RolesRead", purpose=Purpose.PLAN, service="iam", operations=("GetRole", "GetRolePolicy"), on=("{roles}",)),
    Grant(
        sid="RolesBulk",
        purpose=Purpose.PLAN,
        service="iam",
        operations=("GetAccountAuthorizationDetails",),
        optional="there are two calls for each role instead of one for hundreds",
    ),
    Grant(sid="LogGroupsList", purpose=Purpose.PLAN, service="logs", operations=("DescribeLogGroups",)),
    Grant(
        sid="LogGroupsRead",
        purpose=Purpose.PLAN,
        service="logs",
        operations=("ListTagsForResource",),
        on=_LOGS,
    ),
    Grant(sid="FunctionsList", purpose=Purpose.PLAN, service="lambda", operations=("ListFunctions",)),
    Grant(
        sid="FunctionsRead",
        purpose=Purpose.PLAN,
        service="lambda",
        operations=("GetFunction", "GetFunctionConcurrency", "ListAliases", "ListTags", "ListVersionsByFunction"),
        on=("{functions}",),
    ),
    Grant(
        sid="SchedulesRead",
        purpose=Purpose.PLAN,
        service="scheduler",
        operations=("GetSchedule", "GetScheduleGroup", "ListScheduleGroups", "ListSchedules", "ListTagsForResource"),
    ),
    Grant(
        sid="Trail",
        purpose=Purpose.PLAN,
        service="cloudtrail",
        operations=("LookupEvents",),
        optional="plan --refresh hinted is refused",
    ),
    Grant(
        sid="Parameters",
        purpose=Purpose.PLAN,
        service="ssm",
        operations=("GetParameter",),
        on=("{parameters}",),
        optional="${ssm:...} in the files cannot be filled in",
    ),
    Grant(
        sid="StateWrite",
        purpose=Purpose.APPLY,
        service="dynamodb",
        operations=("CreateTable", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateContinuousBackups"),
        on=("{table}",),
    ),
    Grant(
        sid="MachinesWrite",
        purpose=Purpose.APPLY,
        service="stepfunctions",
        operations=(
            "CreateStateMachine",
            "CreateStateMachineAlias",
            "DeleteStateMachine",
            "DeleteStateMachineAlias",
            "DeleteStateMachineVersion",
            "ListStateMachineVersions",
            "TagResource",
            "UntagResource",
            "UpdateStateMachine",
            "UpdateStateMachineAlias",
        ),
        on=("{machines}",),
    ),
    Grant(
        sid="RolesWrite",
        purpose=Purpose.APPLY,
        service="iam",
        operations=(
            "CreateRole",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "TagRole",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ),
        on=("{roles}",),
    ),
    Grant(
        sid="RolesPass",
        purpose=Purpose.APPLY,
        service="iam",
        operations=("PassRole",),
        on=("{roles}",),
        condition={
            "StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"]}
        },
    ),
    Grant(
        sid="LogGroupsWrite",
        purpose=Purpose.APPLY,
        service="logs",
        operations=(
            "CreateLogGroup",
            "DeleteLogGroup",
            "DeleteRetentionPolicy",
            "PutRetentionPolicy",
            "TagResource",
            "UntagResource",
        ),
        on=_LOGS,
    ),
    Grant(
        sid="FunctionsWrite",
        purpose=Purpose.APPLY,
        service="lambda",
        operations=(
            "CreateFunction",
            "DeleteFunction",
            "PublishVersion",
            "TagResource",
            "UntagResource",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ),
        on=("{functions}",),
    ),
    Grant(
        sid="SchedulesWrite",
        purpose=Purpose.APPLY,
        service="scheduler",
        operations=(
            "CreateSchedule",
            "CreateScheduleGroup",
            "DeleteSchedule",
            "DeleteScheduleGroup",
            "TagResource",
            "UntagResource",
            "UpdateSchedule",
        ),
        on=("{schedules}", "{schedule-groups}"),
    ),
    Grant(sid="RunAs", purpose=Purpose.RUN, service="sts", operations=("GetCallerIdentity",)),
    Grant(
        sid="Sessions",
        purpose=Purpose.RUN,
        service="dynamodb",
        operations=(
            "CreateTable",
            "DescribeTable",
            "GetItem",
            "PutItem",
            "Query",
            "TransactWriteItems",
            "UpdateContinuousBackups",
        ),
        on=("{table}", "{table}/index/*"),
    ),
    Grant(
        sid="Start",
        purpose=Purpose.RUN,
        service="stepfunctions",
        operations=("DescribeStateMachine", "DescribeStateMachineAlias", "ListExecutions", "StartExecution"),
        on=("{machines}",),
    ),
    Grant(
        sid="Executions",
        purpose=Purpose.RUN,
        service="stepfunctions",
        operations=(
            "DescribeExecution",
            "DescribeMapRun",
            "DescribeStateMachineForExecution",
            "GetExecutionHistory",
            "ListExecutions",
            "StopExecution",
        ),
        on=("{executions}", "{map-runs}"),
    ),
    Grant(
        sid="Logs",
        purpose=Purpose.RUN,
        service="logs",
        operations=("FilterLogEvents",),
        on=_LOGS,
    ),
)
"""Everything, in the order in which policies print it."""


def grants(purpose: Purpose) -> Iterator[Grant]:
    """Give what a purpose needs."""
    for grant in GRANTS:
        if grant.purpose is purpose or (purpose is Purpose.APPLY and grant.purpose is Purpose.PLAN):
            yield grant


def actions_of(grant: Grant) -> tuple[str, ...]:
    """Give the IAM actions, sorted."""
    prefix = _PREFIXES.get(grant.service, grant.service)
    named = {action for name in grant.operations for action in _ACTIONS.get((grant.service, name), (name,))}
    return tuple(f"{prefix}:{action}" for action in sorted(named))


def policy(purpose: Purpose, scope: Scope, *, given_roles: Iterable[str] = ()) -> dict[str, Json]:
    """Give an IAM policy document for a caller of that purpose, of this project and environment only. `given_roles` are ARNs of
    roles that somebody else makes: they are looked at and passed on, not written.

    What a pipeline names with `resource_name`, `${ssm:…}` or a function of somebody else's lies elsewhere and is not in it."""
    statements: list[Json] = []
    places = _resources(scope)
    for grant in grants(purpose):
        condition: dict[str, Json] = {"Condition": dict(grant.condition)} if grant.condition else {}
        resources: list[Json] = [_filled(pattern, places) for pattern in grant.on]
        resources += sorted(given_roles) if grant.sid in _OF_GIVEN_ROLES else []
        statements.append(
            {"Sid": grant.sid, "Effect": "Allow", "Action": list(actions_of(grant)), "Resource": resources, **condition}
        )
    return {"Version": "2012-10-17", "Statement": statements}


def lost_without(purpose: Purpose) -> Sequence[tuple[str, str]]:
    """Give the statements that may be left out, by their name, and what is lost then."""
    return tuple((grant.sid, grant.optional) for grant in grants(purpose) if grant.optional)


def _filled(pattern: str, places: Mapping[str, str]) -> str:
    name, end, rest = pattern.partition("}")
    return places[name.removeprefix("{")] + rest if end else pattern


def _resources(scope: Scope) -> Mapping[str, str]:
    """Give the ARNs behind the names in braces. In IAM's patterns a star stands for any text, versions and aliases included."""
    names = name_prefix(scope) + "*"

    def arn(service: str, resource: str, *, region: str = scope.region) -> str:
        return f"arn:{scope.partition}:{service}:{region}:{scope.account}:{resource}"

    return {
        "table": arn("dynamodb", f"table/{TABLE_NAME}"),
        "machines": arn("states", f"stateMachine:{names}"),
        "executions": arn("states", f"execution:{names}"),
        "map-runs": arn("states", f"mapRun:{names}"),
        "roles": arn("iam", f"role/bunsui/{scope.project}/{scope.environment}/*", region=""),
        "machine-logs": arn("logs", f"log-group:/aws/vendedlogs/states/{names}"),
        "function-logs": arn("logs", f"log-group:/aws/lambda/{names}"),
        "functions": arn("lambda", f"function:{names}"),
        "schedules": arn("scheduler", f"schedule/{names}"),
        "schedule-groups": arn("scheduler", f"schedule-group/{names}"),
        "parameters": arn("ssm", "parameter/*"),
    }
