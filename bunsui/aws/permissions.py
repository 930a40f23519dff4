"""What whoever runs bunsui must be allowed: who plans, applies, runs sessions, approves, rolls back.

What a kind of resource needs stands in its provider's file; here is what all share. `tests/architecture/test_permissions.py`
holds the grants against the calls that stand in `bunsui.aws`. Source of actions, resources and conditions: the Service
Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bunsui.aws.account import task_definitions, usage
from bunsui.aws.approvals.grants import APPROVAL_GRANTS
from bunsui.aws.beside.grants import BESIDE_GRANTS
from bunsui.aws.dynamodb import TABLE_NAME
from bunsui.aws.grants import Grant, Purpose, actions_of, fill_condition, fill_pattern
from bunsui.aws.objects.lookups import LOOK_UP_GRANTS
from bunsui.aws.objects.stack_resources import STACK_GRANTS
from bunsui.aws.operator_grants import OPERATOR_GRANTS
from bunsui.aws.providers.log_group import LOGS
from bunsui.aws.providers.registry import kind_grants
from bunsui.aws.references.grants import VERIFY_GRANTS
from bunsui.model.json import Json
from bunsui.model.resource import Scope

__all__ = ["GRANTS", "Grant", "Purpose", "actions_of", "grants", "lost_without", "policy"]

_TABLE: Mapping[str, tuple[str, ...]] = {
    # A transaction is allowed by what it holds.
    "TransactWriteItems": ("ConditionCheckItem", "DeleteItem", "PutItem"),
    "CreateTable": ("CreateTable", "TagResource"),
}
_SHARED: tuple[Grant, ...] = (
    Grant(sid="WhoAmI", purpose=Purpose.PLAN, service="sts", operations=("GetCallerIdentity",)),
    Grant(
        sid="StateRead",
        purpose=Purpose.PLAN,
        service="dynamodb",
        operations=("DescribeContinuousBackups", "DescribeTable", "GetItem", "Query"),
        on=(f"dynamodb:table/{TABLE_NAME}", f"dynamodb:table/{TABLE_NAME}/index/*"),
    ),
    Grant(sid="Tags", purpose=Purpose.PLAN, service="resourcegroupstaggingapi", operations=("GetResources",)),
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
        on=("ssm:parameter/*",),
        optional="${ssm:...} in the files cannot be filled in",
    ),
    Grant(
        sid="StateWrite",
        purpose=Purpose.APPLY,
        service="dynamodb",
        operations=(
            "CreateTable",
            "DeleteItem",
            "PutItem",
            "TransactWriteItems",
            "UpdateContinuousBackups",
            "UpdateTimeToLive",
        ),
        actions=_TABLE,
        on=(f"dynamodb:table/{TABLE_NAME}",),
    ),
    Grant(sid="RunAs", purpose=Purpose.RUN, service="sts", operations=("GetCallerIdentity",)),
    Grant(
        sid="Sessions",
        purpose=Purpose.RUN,
        service="dynamodb",
        operations=("BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
        actions=_TABLE,
        on=(f"dynamodb:table/{TABLE_NAME}", f"dynamodb:table/{TABLE_NAME}/index/*"),
    ),
    Grant(
        sid="Start",
        purpose=Purpose.RUN,
        service="stepfunctions",
        operations=("DescribeStateMachine", "DescribeStateMachineAlias", "ListExecutions", "StartExecution"),
        on=("states:stateMachine:{names}",),
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
            "RedriveExecution",
            "StopExecution",
        ),
        on=("states:execution:{names}", "states:mapRun:{names}"),
    ),
    Grant(
        sid="Logs",
        purpose=Purpose.RUN,
        service="logs",
        operations=("FilterLogEvents", "GetLogEvents"),
        on=LOGS,
    ),
    Grant(
        sid="Objects",
        purpose=Purpose.RUN,
        service="s3",
        operations=("GetObject", "PutObject"),
        on=("s3:{objects}",),
        optional="a session whose kept outputs are larger than an execution's input cannot be resumed",
    ),
    Grant(
        sid="ObjectsKey",
        purpose=Purpose.RUN,
        service="kms",
        operations=("Decrypt", "GenerateDataKey"),
        on=("{bucket_kms_key}",),
        condition={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
        optional="a session whose kept outputs are larger than an execution's input cannot be resumed",
    ),
    Grant(
        sid="ItemSources",
        purpose=Purpose.RUN,
        service="s3",
        operations=("ListObjectsV2",),
        actions={"ListObjectsV2": ("ListBucket",)},
        on=("s3:*",),
        optional="items that came from S3 run again when a session is resumed, unless `--keep JOB` says otherwise",
    ),
    Grant(
        sid="SchedulesLook",
        purpose=Purpose.RUN,
        service="scheduler",
        operations=("GetSchedule", "ListSchedules"),
        optional="what others did to schedules is not known to the morning page",
    ),
    Grant(
        sid="ContainerLogs",
        purpose=Purpose.RUN,
        service="ecs",
        operations=("DescribeTaskDefinition",),
        optional="what containers wrote",
    ),
)
GRANTS: tuple[Grant, ...] = (
    *_SHARED,
    *usage.GRANTS,
    *task_definitions.GRANTS,
    *LOOK_UP_GRANTS,
    *APPROVAL_GRANTS,
    *OPERATOR_GRANTS,
    *VERIFY_GRANTS,
    *kind_grants(),
    *BESIDE_GRANTS,
    *STACK_GRANTS,
)
"""Everything, in the order in which policies print it."""

_PLANNING = frozenset({Purpose.APPLY, Purpose.DRIFT})
"""Who plans besides."""


def grants(purpose: Purpose, *, proves: bool = False) -> Iterator[Grant]:
    """Return what a purpose needs. An apply that `proves` what it deployed runs sessions and may roll back besides."""
    besides = {Purpose.PLAN} if purpose in _PLANNING else set()
    if proves and purpose is Purpose.APPLY:
        besides |= {Purpose.RUN, Purpose.ROLLBACK}
    for grant in GRANTS:
        if grant.purpose is purpose or grant.purpose in besides:
            yield grant


def policy(purpose: Purpose, scope: Scope, *, given_roles: Iterable[str] = (), proves: bool = False) -> dict[str, Json]:
    """Return an IAM policy document for a caller of that purpose, of this project and environment only. `given_roles` are ARNs
    of roles that somebody else makes: they are looked at and passed on, not written.

    What a pipeline names with `resource_name`, `${ssm:…}` or a function of somebody else's lies elsewhere and is not in it."""
    statements: list[Json] = []
    for grant in grants(purpose, proves=proves):
        condition: dict[str, Json] = {"Condition": fill_condition(grant.condition, scope)} if grant.condition else {}
        resources: list[Json] = [*_resources(grant, scope)]
        if not resources:
            continue
        resources += sorted(_also_absent(grant, given_roles)) if grant.on_given_roles else []
        statements.append(
            {"Sid": grant.sid, "Effect": "Allow", "Action": list(actions_of(grant)), "Resource": resources, **condition}
        )
    return {"Version": "2012-10-17", "Statement": statements}


def lost_without(purpose: Purpose, scope: Scope, *, proves: bool = False) -> Sequence[tuple[str, str]]:
    """Return the statements of the policy that may be left out, by their name, and what is lost then."""
    return tuple(
        (grant.sid, grant.optional) for grant in grants(purpose, proves=proves) if grant.optional and _resources(grant, scope)
    )


def _resources(grant: Grant, scope: Scope) -> Sequence[str]:
    """Return on what the grant is; nothing where the scope has no such thing."""
    return [found for pattern in grant.on if (found := fill_pattern(pattern, scope))]


def _also_absent(grant: Grant, arns: Iterable[str]) -> set[str]:
    """Return the ARNs of given roles, and where these are looked at, as IAM checks them for one that is not there: without its
    path."""
    found = set(arns)
    if grant.purpose is Purpose.PLAN:
        found |= {f"{arn.partition(':role/')[0]}:role/{arn.rpartition('/')[2]}" for arn in found}
    return found
