"""What bunsui needs of each answer: without it an answer is nobody's, least of all an empty one of AWS's.

More than the models ask for: most of them mark nothing of an answer as required, and an answer without its list would read as
"there are none". Less as well: what bunsui does not read, an endpoint may leave out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_ROLE = ("RoleName", "Path", "Arn:arn", "AssumeRolePolicyDocument:policy", "Tags?[].Key", "Tags?[].Value")
_FUNCTION = ("FunctionName", "FunctionArn:function", "CodeSha256", "Role")
_RULE = ("Name", "Arn:arn")
_SCHEDULE = ("Arn", "ScheduleExpression", "Target.Arn", "Target.RoleArn")
_EXECUTION = ("executionArn", "name", "status:enum", "startDate")
_MACHINE = ("type", "definition:json", "roleArn", "loggingConfiguration?.destinations?[].cloudWatchLogsLogGroup.logGroupArn")


def _each(prefix: str, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in fields)


NEEDED: Mapping[str, tuple[str, ...]] = {
    "cloudformation.ListStackResources": ("StackResourceSummaries[].LogicalResourceId",),
    "cloudtrail.LookupEvents": ("Events[].EventName", "Events[].EventTime"),
    "dynamodb.BatchGetItem": ("Responses",),
    "dynamodb.DescribeTable": ("Table.TableStatus",),
    "dynamodb.Query": ("Items[]",),
    "ec2.DescribeRouteTables": ("RouteTables[].VpcId",),
    "ec2.DescribeSecurityGroups": ("SecurityGroups[].GroupId",),
    "ec2.DescribeSubnets": ("Subnets[].SubnetId", "Subnets[].VpcId"),
    "ecs.DescribeClusters": ("clusters[].status",),
    "ecs.DescribeTaskDefinition": ("taskDefinition.containerDefinitions[].name",),
    "events.DescribeRule": _RULE,
    "events.ListRuleNamesByTarget": ("RuleNames[]",),
    "events.ListRules": _each("Rules[]", _RULE),
    "events.ListTagsForResource": ("Tags?[].Key", "Tags?[].Value"),
    "events.ListTargetsByRule": ("Targets[].Id", "Targets[].Arn"),
    "events.PutRule": ("RuleArn:arn",),
    "events.PutTargets": ("FailedEntryCount",),
    "events.RemoveTargets": ("FailedEntryCount",),
    "iam.CreateRole": ("Role.Arn:arn",),
    "iam.GetAccountAuthorizationDetails": (
        *_each("RoleDetailList[]", _ROLE),
        "RoleDetailList[].RolePolicyList?[].PolicyName",
        "RoleDetailList[].RolePolicyList?[].PolicyDocument:policy",
    ),
    "iam.GetAccountSummary": ("SummaryMap.Roles", "SummaryMap.RolesQuota"),
    "iam.GetRole": _each("Role", _ROLE),
    "iam.GetRolePolicy": ("PolicyDocument:policy",),
    "iam.ListAttachedRolePolicies": ("AttachedPolicies[].PolicyArn",),
    "iam.ListRolePolicies": ("PolicyNames[]",),
    "iam.ListRoles": ("Roles[].RoleName",),
    "kms.CreateKey": ("KeyMetadata.Arn:arn", "KeyMetadata.KeyId"),
    "kms.DescribeKey": ("KeyMetadata.Arn:arn",),
    "lambda.CreateFunction": ("FunctionArn:function", "Version"),
    "lambda.GetAccountSettings": (
        "AccountLimit.ConcurrentExecutions",
        "AccountLimit.UnreservedConcurrentExecutions",
        "AccountLimit.TotalCodeSize",
        "AccountUsage.TotalCodeSize",
    ),
    "lambda.GetFunctionConfiguration": ("FunctionArn",),
    "lambda.GetFunction": _each("Configuration", _FUNCTION),
    "lambda.GetPolicy": ("Policy:policy",),
    "lambda.ListAliases": ("Aliases[].FunctionVersion", "Aliases[].Name"),
    "lambda.ListEventSourceMappings": ("EventSourceMappings[].UUID",),
    "lambda.ListFunctionEventInvokeConfigs": ("FunctionEventInvokeConfigs[].FunctionArn:function",),
    "lambda.ListFunctionUrlConfigs": _each("FunctionUrlConfigs[]", ("FunctionUrl", "FunctionArn:function", "AuthType:enum")),
    "lambda.ListFunctions": _each("Functions[]", _FUNCTION),
    "lambda.ListProvisionedConcurrencyConfigs": ("ProvisionedConcurrencyConfigs[].FunctionArn:function",),
    "lambda.ListTags": ("Tags",),
    "lambda.ListVersionsByFunction": ("Versions[].Version",),
    "lambda.PublishVersion": ("Version",),
    "logs.DescribeLogGroups": ("logGroups[].logGroupName", "logGroups[].arn:arn"),
    "logs.DescribeSubscriptionFilters": ("subscriptionFilters[].filterName", "subscriptionFilters[].destinationArn"),
    "logs.FilterLogEvents": ("events[].timestamp", "events[].message"),
    "logs.GetLogEvents": ("events[].timestamp", "events[].message"),
    "logs.ListTagsForResource": ("tags",),
    "resourcegroupstaggingapi.GetResources": (
        "ResourceTagMappingList[].ResourceARN",
        "ResourceTagMappingList[].Tags?[].Key",
        "ResourceTagMappingList[].Tags?[].Value",
    ),
    "s3.CreateBucket": ("Location",),
    "s3.GetBucketEncryption": ("ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.SSEAlgorithm",),
    "s3.GetBucketLifecycleConfiguration": ("Rules[]",),
    "s3.GetBucketOwnershipControls": ("OwnershipControls.Rules[].ObjectOwnership",),
    "s3.GetBucketPolicy": ("Policy:policy",),
    "s3.GetBucketTagging": ("TagSet[].Key", "TagSet[].Value"),
    "s3.GetObject": ("ETag",),
    "s3.GetPublicAccessBlock": ("PublicAccessBlockConfiguration",),
    "s3.ListObjectVersions": ("Name",),
    "s3.ListObjectsV2": ("Name", "Contents?[].Key", "Contents?[].LastModified"),
    "s3.PutObject": ("ETag",),
    "scheduler.CreateSchedule": ("ScheduleArn",),
    "scheduler.CreateScheduleGroup": ("ScheduleGroupArn",),
    "scheduler.GetSchedule": _SCHEDULE,
    "scheduler.GetScheduleGroup": ("Arn",),
    "scheduler.ListScheduleGroups": ("ScheduleGroups[].Name", "ScheduleGroups[].Arn"),
    "scheduler.ListSchedules": ("Schedules[].Name", "Schedules[].GroupName"),
    "scheduler.ListTagsForResource": ("Tags?[].Key", "Tags?[].Value"),
    "sns.CreateTopic": ("TopicArn:arn",),
    "secretsmanager.DescribeSecret": ("ARN",),
    "sqs.GetQueueUrl": ("QueueUrl",),
    "sns.GetTopicAttributes": ("Attributes.Policy:policy", "Attributes.SubscriptionsConfirmed"),
    "sns.ListSubscriptionsByTopic": ("Subscriptions[].SubscriptionArn",),
    "sns.ListTagsForResource": ("Tags?[].Key", "Tags?[].Value"),
    "sns.ListTopics": ("Topics[].TopicArn:arn",),
    "ssm.DescribeParameters": ("Parameters[].Name",),
    "ssm.GetParameter": ("Parameter.Type:enum", "Parameter.Value"),
    "stepfunctions.DescribeExecution": (*_EXECUTION, "stateMachineArn"),
    "stepfunctions.DescribeMapRun": (
        "status",
        "executionArn",
        *_each("itemCounts", ("total", "succeeded", "failed", "timedOut")),
    ),
    "stepfunctions.DescribeStateMachine": _MACHINE,
    "stepfunctions.DescribeStateMachineAlias": (
        "routingConfiguration[1].stateMachineVersionArn",
        "routingConfiguration[1].weight",
    ),
    "stepfunctions.DescribeStateMachineForExecution": ("definition:json",),
    "stepfunctions.GetExecutionHistory": ("events[].id", "events[].type", "events[].timestamp"),
    "stepfunctions.ListExecutions": _each("executions[]", _EXECUTION),
    "stepfunctions.ListStateMachineAliases": ("stateMachineAliases[].stateMachineAliasArn",),
    "stepfunctions.ListStateMachineVersions": ("stateMachineVersions[].stateMachineVersionArn",),
    "stepfunctions.ListStateMachines": ("stateMachines[].name",),
    "stepfunctions.ListTagsForResource": ("tags[].key",),
    "stepfunctions.PublishStateMachineVersion": ("stateMachineVersionArn",),
    "stepfunctions.StartExecution": ("executionArn",),
    "stepfunctions.UpdateStateMachine": ("stateMachineVersionArn",),
    "sts.AssumeRole": _each("Credentials", ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")),
    "sts.GetCallerIdentity": ("Account", "Arn:arn"),
}
"""By botocore's name of the service and the operation. `a[]` is a list of any length, `a[1]` of one item at least, `a?` may be
absent, and after a colon stands the form that a text must have."""

_ARN_PARTS = 6
_FUNCTION_ARN_PARTS = 7


def _is_json(_: Any, text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_policy(_: Any, text: str) -> bool:
    """Tell whether it begins and ends as a policy does, percent-encoded or not; boto3 decodes it a moment later."""
    return text.lstrip()[:3].upper().startswith(("{", "%7B")) and text.rstrip()[-3:].upper().endswith(("}", "%7D"))


_FORMS: Mapping[str, Callable[[Any, str], bool]] = {
    "": lambda _, __: True,
    "arn": lambda _, text: text.startswith("arn:") and text.count(":") >= _ARN_PARTS - 1,
    "function": lambda _, text: text.startswith("arn:") and text.count(":") >= _FUNCTION_ARN_PARTS - 1,
    "enum": lambda shape, text: text in shape.enum,
    "json": _is_json,
    "policy": _is_policy,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    name: str
    may_be_absent: bool
    is_list: bool
    least: int
    """How many items the list has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RequestField:
    path: tuple[_Segment, ...]
    form: Callable[[Any, str], bool]


def lacking(operation: str, shape: Any, parsed: Mapping[str, Any]) -> str:
    """Return the path of the first field that bunsui needs and the answer lacks, or has in another form; empty when none.

    `operation` is such as `iam.GetRole`, `shape` botocore's of the answer, and the values are of the shape's types."""
    for field in _fields(operation):
        if missing := _lacking(field, field.path, shape, parsed):
            return missing
    return ""


@cache
def _fields(operation: str) -> tuple[_RequestField, ...]:
    return tuple(_read(text) for text in NEEDED.get(operation, ()))


def _read(text: str) -> _RequestField:
    path, _, form = text.partition(":")
    return _RequestField(path=tuple(_segment(part) for part in path.split(".")), form=_FORMS[form])


def _segment(text: str) -> _Segment:
    name, _, rest = text.partition("[")
    return _Segment(
        name=name.removesuffix("?"), may_be_absent=name.endswith("?"), is_list=bool(rest), least=1 if rest == "1]" else 0
    )


def _lacking(field: _RequestField, path: Sequence[_Segment], shape: Any, value: Mapping[str, Any]) -> str:
    segment, rest = path[0], path[1:]
    found = value.get(segment.name)
    if found is None:
        return "" if segment.may_be_absent else segment.name
    member = shape.value if shape.type_name == "map" else shape.members[segment.name]
    items: Sequence[Any] = found if segment.is_list else (found,)
    if len(items) < segment.least:
        return segment.name
    if segment.is_list:
        member = member.member
    for item in items:
        if rest:
            if missing := _lacking(field, rest, member, item):
                return f"{segment.name}.{missing}"
        elif not (item is not None and (not isinstance(item, str) or field.form(member, item))):
            return segment.name
    return ""
