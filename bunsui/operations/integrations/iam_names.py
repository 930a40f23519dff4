"""What IAM calls the calls of services: the actions that allow them.

The prefix is the name that requests are signed with, as a rule; what differs stands in `service_names/actions.json`, beside
all actions that the service authorization reference has (`python -m tests.write_service_names` writes it). A call is an action
of the same name, as a rule; where it is another one, or several, `_CALLS` and `_RENAMED` say so.

Sources: service authorization reference; Amazon S3 user guide, "Required permissions for Amazon S3 API operations"; the API
references of the services named.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bunsui.operations.integrations.optimised import sdk_action

_PARTIQL = ("dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete")

_OPTIMISED: Mapping[str, tuple[str, ...]] = {
    "apigateway:invoke": ("execute-api:Invoke",),
    "eks:call": ("eks:DescribeCluster",),
    "eks:runJob": ("eks:DescribeCluster",),
    "elasticmapreduce:createCluster": ("elasticmapreduce:RunJobFlow",),
    "elasticmapreduce:addStep": ("elasticmapreduce:AddJobFlowSteps",),
    "elasticmapreduce:cancelStep": ("elasticmapreduce:CancelSteps",),
    "elasticmapreduce:terminateCluster": ("elasticmapreduce:TerminateJobFlows",),
    "elasticmapreduce:setClusterTerminationProtection": ("elasticmapreduce:SetTerminationProtection",),
    "elasticmapreduce:modifyInstanceFleetByName": (
        "elasticmapreduce:ModifyInstanceFleet",
        "elasticmapreduce:ListInstanceFleets",
    ),
    "elasticmapreduce:modifyInstanceGroupByName": (
        "elasticmapreduce:ModifyInstanceGroups",
        "elasticmapreduce:ListInstanceGroups",
    ),
    "http:invoke": ("states:InvokeHTTPEndpoint",),
}
"""Optimised integrations that no call of an API stands behind, or another one."""

_CALLS: Mapping[str, tuple[str, ...]] = {
    "accessanalyzer:getFindingV2": ("access-analyzer:GetFinding",),
    "accessanalyzer:listFindingsV2": ("access-analyzer:ListFindings",),
    "batch:terminateJobs": ("batch:TerminateJob",),
    "batch:cancelJobs": ("batch:CancelJob",),
    "bedrockruntime:converse": ("bedrock:InvokeModel",),
    "bedrockruntime:converseStream": ("bedrock:InvokeModelWithResponseStream",),
    "bedrockruntime:startAsyncInvoke": ("bedrock:InvokeModel",),
    "cloudfront:createDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    "comprehendmedical:detectEntities": ("comprehendmedical:DetectEntitiesV2",),
    "databasemigration:describeExtensionPackAssociations": ("dms:ListExtensionPacks",),
    "databasemigration:startExtensionPackAssociation": ("dms:AssociateExtensionPack",),
    "databasemigration:startMetadataModelExportAsScript": ("dms:StartMetadataModelExportAsScripts",),
    "dynamodb:batchExecuteStatement": _PARTIQL,
    "dynamodb:executeStatement": _PARTIQL,
    "dynamodb:executeTransaction": (*_PARTIQL, "dynamodb:ConditionCheckItem"),
    "dynamodb:transactGetItems": ("dynamodb:GetItem",),
    "dynamodb:transactWriteItems": (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    "glue:getUnfilteredPartitionMetadata": ("glue:GetPartition",),
    "glue:getUnfilteredPartitionsMetadata": ("glue:GetPartitions",),
    "glue:getUnfilteredTableMetadata": ("glue:GetTable",),
    "iotjobsdataplane:startCommandExecution": ("iot:StartCommandExecution",),
    "kms:reEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "lambda:getLayerVersionByArn": ("lambda:GetLayerVersion",),
    "lambda:invoke": ("lambda:InvokeFunction",),
    "lambda:invokeWithResponseStream": ("lambda:InvokeFunction",),
    "neptunegraph:executeQuery": ("neptune-graph:ReadDataViaQuery", "neptune-graph:WriteDataViaQuery"),
    "quicksight:describeAnalysisDefinition": ("quicksight:DescribeAnalysis",),
    "quicksight:describeDashboardDefinition": ("quicksight:DescribeDashboard",),
    "quicksight:describeTemplateDefinition": ("quicksight:DescribeTemplate",),
    "sns:publishBatch": ("sns:Publish",),
    "sqs:changeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:deleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:sendMessageBatch": ("sqs:SendMessage",),
    "s3:completeMultipartUpload": ("s3:PutObject",),
    "s3:copyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:createBucketMetadataConfiguration": ("s3:CreateBucketMetadataTableConfiguration",),
    "s3:createMultipartUpload": ("s3:PutObject",),
    "s3:createSession": ("s3express:CreateSession",),
    "s3:deleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:deleteBucketMetadataConfiguration": ("s3:DeleteBucketMetadataTableConfiguration",),
    "s3:deleteBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:deleteObjects": ("s3:DeleteObject",),
    "s3:getBucketLifecycle": ("s3:GetLifecycleConfiguration",),
    "s3:getBucketMetadataConfiguration": ("s3:GetBucketMetadataTableConfiguration",),
    "s3:getBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:getObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:getPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:headBucket": ("s3:ListBucket",),
    "s3:headObject": ("s3:GetObject",),
    "s3:listBuckets": ("s3:ListAllMyBuckets",),
    "s3:listDirectoryBuckets": ("s3express:ListAllMyDirectoryBuckets",),
    "s3:listMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:listObjectVersions": ("s3:ListBucketVersions",),
    "s3:listObjects": ("s3:ListBucket",),
    "s3:listObjectsV2": ("s3:ListBucket",),
    "s3:listParts": ("s3:ListMultipartUploadParts",),
    "s3:putBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:putBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:putObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
    "s3:putPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:deletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:renameObject": ("s3express:CreateSession",),
    "s3:selectObjectContent": ("s3:GetObject",),
    "s3:uploadPart": ("s3:PutObject",),
    "s3:uploadPartCopy": ("s3:GetObject", "s3:PutObject"),
    "s3:writeGetObjectResponse": ("s3-object-lambda:WriteGetObjectResponse",),
    "s3control:deleteBucketLifecycleConfiguration": ("s3-outposts:PutLifecycleConfiguration",),
    "s3control:deleteBucketReplication": ("s3-outposts:PutReplicationConfiguration",),
    "s3control:deleteBucketTagging": ("s3-outposts:PutBucketTagging",),
    "s3control:deletePublicAccessBlock": ("s3:PutAccountPublicAccessBlock",),
    "s3control:getBucket": ("s3-outposts:GetBucket",),
    "s3control:getBucketLifecycleConfiguration": ("s3-outposts:GetLifecycleConfiguration",),
    "s3control:getBucketReplication": ("s3-outposts:GetReplicationConfiguration",),
    "s3control:getPublicAccessBlock": ("s3:GetAccountPublicAccessBlock",),
    "s3control:listRegionalBuckets": ("s3-outposts:ListRegionalBuckets",),
    "s3control:putBucketLifecycleConfiguration": ("s3-outposts:PutLifecycleConfiguration",),
    "s3control:putBucketReplication": ("s3-outposts:PutReplicationConfiguration",),
    "s3control:putPublicAccessBlock": ("s3:PutAccountPublicAccessBlock",),
    "transcribe:updateLanguageModel": ("transcribe:CreateLanguageModel",),
}
"""By the call as the SDK integrations have it."""

_RENAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    # Configurations of a bucket: listed by what reads one, removed by what writes one.
    (
        re.compile(r"^s3:(?:list|get)Bucket(Analytics|IntelligentTiering|Inventory|Metrics)Configurations?$"),
        r"s3:Get\1Configuration",
    ),
    (
        re.compile(r"^s3:(?:put|delete)Bucket(Analytics|IntelligentTiering|Inventory|Metrics)Configuration$"),
        r"s3:Put\1Configuration",
    ),
    (re.compile(r"^s3:(?:put|delete)BucketEncryption$"), r"s3:PutEncryptionConfiguration"),
    (re.compile(r"^s3:getBucketEncryption$"), r"s3:GetEncryptionConfiguration"),
    (re.compile(r"^s3:deleteBucket(Tagging|Cors|OwnershipControls)$"), r"s3:PutBucket\1"),
    (re.compile(r"^s3:(get|put)Bucket(Accelerate|Lifecycle)Configuration$"), r"s3:\1\2Configuration"),
    (re.compile(r"^s3:(get|put)BucketNotificationConfiguration$"), r"s3:\1BucketNotification"),
    (re.compile(r"^s3control:(get|put|delete)AccessPointScope$"), r"s3express:\1AccessPointScope"),
    (re.compile(r"^s3control:listAccessPointsForDirectoryBuckets$"), r"s3express:ListAccessPointsForDirectoryBuckets"),
    (re.compile(r"^budgets:(?:create|update|delete)(?:Budget|Notification|Subscriber)$"), r"budgets:ModifyBudget"),
    (re.compile(r"^budgets:describe(?:Budget|Notifications|Subscribers)[A-Za-z]*$"), r"budgets:ViewBudget"),
    (re.compile(r"^keyspaces:(?:get|list)[A-Za-z]+$"), r"cassandra:Select"),
    (re.compile(r"^keyspaces:(?:create|restore)[A-Za-z]+$"), r"cassandra:Create"),
    (re.compile(r"^keyspaces:update[A-Za-z]+$"), r"cassandra:Alter"),
    (re.compile(r"^keyspaces:delete[A-Za-z]+$"), r"cassandra:Drop"),
    (re.compile(r"^databasemigration:describe(DataProviders|InstanceProfiles|MigrationProjects)$"), r"dms:List\1"),
    (re.compile(r"^databasemigration:describe(MetadataModel(?:Assessments|Conversions|Exports))[A-Za-z]*$"), r"dms:List\1"),
    (
        re.compile(r"^databasemigration:modify(ConversionConfiguration|DataProvider|InstanceProfile|MigrationProject)$"),
        r"dms:Update\1",
    ),
)
"""Calls whose action has another name by a rule."""


def iam_actions(action: str) -> tuple[str, ...]:
    """Return what IAM must allow for `service:call`; none where a call needs no permission. Where the reference knows no such
    action (`is_action` tells), it is the one that the rule gives."""
    if action in _OPTIMISED:
        return _OPTIMISED[action]
    named = sdk_action(action)
    if named in _CALLS:
        return _CALLS[named]
    for pattern, replacement in _RENAMED:
        if pattern.match(named):
            return (_spell(pattern.sub(replacement, named)),)
    service, _, call = named.partition(":")
    prefix, unsigned, *methods = _table()["services"].get(service, [service, ""])
    operation = f"{call[0].upper()}{call[1:]}"
    if operation in unsigned.split():
        return ()
    if methods:
        method = dict(pair.split("=") for pair in methods[0].split()).get(operation)
        return (f"{prefix}:{method}",) if method else (f"{prefix}:*",)
    return (_spell(f"{prefix}:{operation}"),)


def is_action(name: str) -> bool:
    """Tell whether the service authorization reference has an action, such as `s3:GetObject`, or one that a pattern means."""
    prefix, _, action = name.partition(":")
    known = _actions_of(prefix)
    if "*" not in action and "?" not in action:
        return action.lower() in known
    wanted = re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in action.lower()))
    return any(wanted.fullmatch(one) for one in known)


def is_unscoped(name: str) -> bool:
    """Tell whether the action knows no resource, so that it is allowed on `*` or not at all."""
    prefix, _, action = name.partition(":")
    return action.lower() in _unscoped_of(prefix)


def is_prefix(prefix: str) -> bool:
    """Tell whether IAM has actions that begin so."""
    return prefix in _table()["actions"]


def nearest_action(name: str) -> str:
    """Return the action that was probably meant; empty when none is like it."""
    prefix, _, action = name.partition(":")
    if not is_prefix(prefix):
        near = difflib.get_close_matches(prefix, list(_table()["actions"]), n=1, cutoff=0.7)
        meant = _table()["services"].get(prefix, [""])[0] or (near[0] if near else "")
        return f"{meant}:{_actions_of(meant).get(action.lower(), '')}" if action.lower() in _actions_of(meant) else ""
    known = _actions_of(prefix)
    found = difflib.get_close_matches(action.lower(), list(known), n=1, cutoff=0.7)
    return f"{prefix}:{known[found[0]]}" if found else ""


def _spell(name: str) -> str:
    """Return the action as the reference spells it. A call for several things at once, which it does not know, is
    allowed by the action for one: `BatchGetPolicy` by `GetPolicy`."""
    prefix, _, action = name.partition(":")
    known = _actions_of(prefix)
    single = action.removeprefix("Batch")
    return f"{prefix}:{known.get(action.lower()) or known.get(single.lower(), action)}"


@cache
def _actions_of(prefix: str) -> Mapping[str, str]:
    return {action.lower(): action for action in _table()["actions"].get(prefix, "").split()}


@cache
def _unscoped_of(prefix: str) -> frozenset[str]:
    return frozenset(_table()["unscoped"].get(prefix, "").lower().split())


@cache
def _table() -> Mapping[str, Any]:
    """Return `services` (SDK name -> IAM prefix, calls without permission, calls with their method of HTTP), `actions` and
    `unscoped`, both by prefix."""
    text = (files("bunsui.operations.integrations") / "service_names" / "actions.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found
