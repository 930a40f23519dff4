"""Step Functions' optimised integrations: which there are, and the IAM names of services and calls.

Sources: Step Functions developer guide, "Integrating AWS services" (optimized integrations, which patterns each supports, and
the IAM policies that "Run a Job" needs); service authorization reference. As of 2026-11; a call that is not here goes by the
AWS SDK integration, which is always right, only with longer results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Wait = Literal["response", "job", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """How one call can be waited for."""

    job: bool = False
    """True when `.sync` exists."""
    token: bool = False
    """True when `.waitForTaskToken` exists."""
    job_actions: tuple[str, ...] = ()
    """IAM actions that following and stopping the job needs."""
    job_rule: str = ""
    """The events rule by which Step Functions learns of its end; empty when it asks instead."""


OPTIMISED: Mapping[str, Integration] = {
    "athena:startQueryExecution": Integration(
        job=True, job_actions=("athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetDataCatalog")
    ),
    "athena:stopQueryExecution": Integration(),
    "athena:getQueryExecution": Integration(),
    "athena:getQueryResults": Integration(),
    "batch:submitJob": Integration(
        job=True, job_actions=("batch:DescribeJobs", "batch:TerminateJob"), job_rule="StepFunctionsGetEventsForBatchJobsRule"
    ),
    "bedrock:invokeModel": Integration(),
    "codebuild:startBuild": Integration(
        job=True,
        job_actions=("codebuild:StopBuild", "codebuild:BatchGetBuilds"),
        job_rule="StepFunctionsGetEventForCodeBuildStartBuildRule",
    ),
    "databrew:startJobRun": Integration(job=True, job_actions=("databrew:ListJobRuns", "databrew:StopJobRun")),
    "dynamodb:getItem": Integration(),
    "dynamodb:putItem": Integration(),
    "dynamodb:updateItem": Integration(),
    "dynamodb:deleteItem": Integration(),
    "events:putEvents": Integration(token=True),
    "glue:startJobRun": Integration(job=True, job_actions=("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")),
    "lambda:invoke": Integration(token=True),
    "sns:publish": Integration(token=True),
    "sqs:sendMessage": Integration(token=True),
}
"""By `service:call`, as in the Task's resource."""

SDK_SERVICES: Mapping[str, str] = {"bedrock": "bedrockruntime", "events": "eventbridge"}
"""Where the optimised integrations call a service otherwise than the SDK integrations do."""

OWN_ARGUMENTS = frozenset({"bedrock:invokeModel"})
"""Optimised integrations that take other arguments than the API: this one can read its body from S3, and write there."""

UNOFFERED: Mapping[str, str] = dict.fromkeys(
    (
        "comprehendmedical:detectEntities",
        "efs:createTags",
        "elastictranscoder:testRole",
        "emr:describeJobFlows",
        "iotdeviceadvisor:listTestCases",
        "lambda:invokeAsync",
        "mediapackage:rotateChannelCredentials",
        "rdsdata:executeSql",
        "shield:deleteSubscription",
    ),
    "the API no longer recommends it, and the developer guide listed it as not supported",
)
"""Calls that the SDK integrations left out, with the reason (developer guide, "AWS SDK service integrations", in 2022; later
editions have no such list). Streams are left out as well, and told by the models."""

IAM_SERVICES: Mapping[str, str] = {
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "databasemigration": "dms",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elasticloadbalancingv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "emrserverless": "emr-serverless",
    "eventbridge": "events",
    "kinesisanalyticsv2": "kinesisanalytics",
    "opensearch": "es",
    "redshiftdata": "redshift-data",
    "sagemakerruntime": "sagemaker",
    "bedrockruntime": "bedrock",
    "sesv2": "ses",
    "sfn": "states",
}
"""Where IAM calls a service otherwise than the SDK integration does."""

IAM_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "lambda:invoke": ("lambda:InvokeFunction",),
    "events:putEvents": ("events:PutEvents",),
    "s3:copyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:createMultipartUpload": ("s3:PutObject",),
    "s3:deleteObjects": ("s3:DeleteObject",),
    "s3:headBucket": ("s3:ListBucket",),
    "s3:headObject": ("s3:GetObject",),
    "s3:listBuckets": ("s3:ListAllMyBuckets",),
    "s3:listObjects": ("s3:ListBucket",),
    "s3:listObjectsV2": ("s3:ListBucket",),
    "sqs:sendMessageBatch": ("sqs:SendMessage",),
    "sqs:deleteMessageBatch": ("sqs:DeleteMessage",),
    "sns:publishBatch": ("sns:Publish",),
    "dynamodb:transactWriteItems": (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ),
    "dynamodb:transactGetItems": ("dynamodb:GetItem",),
    "dynamodb:executeStatement": ("dynamodb:PartiQLSelect",),
    "bedrockruntime:invokeModel": ("bedrock:InvokeModel",),
}
"""Where IAM calls an action otherwise than by the call's name with a capital."""


def is_optimised(action: str) -> bool:
    """Tell whether `service:call` is an optimised integration, so that names are those of the API."""
    return action in OPTIMISED


def iam_actions(action: str) -> tuple[str, ...]:
    """Return what IAM must allow for `service:call`."""
    if action in IAM_ACTIONS:
        return IAM_ACTIONS[action]
    service, _, call = action.partition(":")
    return (f"{IAM_SERVICES.get(service, service)}:{call[0].upper()}{call[1:]}",)


def resource(action: str, wait: Wait) -> str:
    """Return the Task resource's name for the call: optimised where that can be waited for as wanted, else by the SDK;
    ValueError when a job cannot be waited for."""
    known = OPTIMISED.get(action)
    match wait:
        case "response":
            return action if known is not None else f"aws-sdk:{action}"
        case "job":
            if known is None or not known.job:
                raise ValueError(f"{action} is no job that Step Functions can wait for: write wait: response, or wait: token")
            return f"{action}.sync"
        case "token":
            name = action if known is not None and known.token else f"aws-sdk:{action}"
            return f"{name}.waitForTaskToken"
