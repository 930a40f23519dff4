"""Actions whose lack nothing shows on a laptop, each with AWS's source for why."""

from __future__ import annotations

from collections.abc import Mapping

_EVENTS = (
    'Step Functions developer guide, "How Step Functions generates IAM policies for integrated services": what `.sync` waits'
    " for is told by events, and asked for only where they fail"
)
_STOPPED = "the same page: only a session that is stopped stops what it waits for"
_REDRIVEN = 'Step Functions developer guide, "IAM policies for using Distributed Map states": only a redrive redrives children'
_LOG_DELIVERY = (
    'Step Functions developer guide, "Logging using CloudWatch Logs"; it tells of log delivery as a whole (aws/aws-cdk 26432)'
)
_TRACES = 'X-Ray developer guide, "AWS X-Ray daemon": segments are sent beside the work, which goes on without'
_FUNCTION_LOG = (
    'Lambda developer guide, "Defining Lambda function permissions with an execution role": a function that may not write its'
    " log runs without"
)
_INTERFACES = 'Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC": no networks are here'
_DEAD_LETTERS = 'Lambda developer guide, "Adding a dead-letter queue": only events that are invoked asynchronously go there'
_KEYS = (
    'DynamoDB developer guide, "DynamoDB encryption at rest", and Lambda developer guide, "Securing environment variables":'
    " the services use a key in the caller's name, and nothing is encrypted here"
)
UNSHOWN: Mapping[str, str] = {
    "ec2:AssignPrivateIpAddresses": _INTERFACES,
    "ec2:CreateNetworkInterface": _INTERFACES,
    "ec2:DeleteNetworkInterface": _INTERFACES,
    "ec2:DescribeNetworkInterfaces": _INTERFACES,
    "ec2:DescribeSubnets": _INTERFACES,
    "ec2:UnassignPrivateIpAddresses": _INTERFACES,
    "ecs:DescribeTasks": _EVENTS,
    "ecs:StopTask": _STOPPED,
    "kms:Decrypt": _KEYS,
    "kms:DescribeKey": _KEYS,
    "kms:Encrypt": _KEYS,
    "kms:GenerateDataKey": _KEYS,
    "logs:CreateLogStream": _FUNCTION_LOG,
    "logs:DeleteLogDelivery": _LOG_DELIVERY,
    "logs:DescribeLogGroups": _LOG_DELIVERY,
    "logs:DescribeResourcePolicies": _LOG_DELIVERY,
    "logs:GetLogDelivery": _LOG_DELIVERY,
    "logs:ListLogDeliveries": _LOG_DELIVERY,
    "logs:PutLogEvents": _FUNCTION_LOG,
    "logs:PutResourcePolicy": _LOG_DELIVERY,
    "logs:UpdateLogDelivery": _LOG_DELIVERY,
    "states:DescribeExecution": _EVENTS,
    "states:RedriveExecution": _REDRIVEN,
    "states:StopExecution": _STOPPED,
    "xray:GetSamplingRules": _TRACES,
    "xray:GetSamplingTargets": _TRACES,
    "xray:PutTelemetryRecords": _TRACES,
    "xray:PutTraceSegments": _TRACES,
}
_QUERIED = (
    'Athena user guide, "Access through identity-based policies": Athena reads catalog and objects in the name of who asks, and'
    " nothing is queried here"
)
_JOBS = 'Step Functions developer guide, "Start an AWS Glue job": a run is followed and stopped, and nothing runs here'
_ENDPOINTS = (
    'Step Functions developer guide, "Call HTTPS APIs": the credentials of the connection are read for the request, and none is'
    " sent here"
)
UNSHOWN_OF: Mapping[tuple[str, str], str] = {
    ("athena-query", "athena:Get*"): _QUERIED,
    ("athena-query", "athena:Stop*"): _QUERIED,
    ("athena-query", "glue:*"): _QUERIED,
    ("athena-query", "s3:*"): _QUERIED,
    ("aws", "glue:BatchStopJobRun"): _JOBS,
    ("aws", "glue:GetJobRun*"): _JOBS,
    ("glue-job", "glue:BatchStopJobRun"): _JOBS,
    ("glue-job", "glue:GetJobRun*"): _JOBS,
    ("http", "events:RetrieveConnectionCredentials"): _ENDPOINTS,
    ("http", "secretsmanager:*"): _ENDPOINTS,
    ("lambda", "sqs:SendMessage"): _DEAD_LETTERS,
}
"""The same of one pipeline alone, by its name and a pattern of actions."""
_UNTOLD = "answered by what `local: {answers: …}` names, without a request that would tell the resource"
NOT_JUDGED: Mapping[str, str] = {
    "athena:GetQueryResults": _UNTOLD,
    "athena:StartQueryExecution": _UNTOLD,
    "glue:StartJobRun": _UNTOLD,
    "secretsmanager:GetSecretValue": "a request names a secret without the characters at the end of its ARN",
    "states:InvokeHTTPEndpoint": _UNTOLD,
}
"""Actions of calls that nobody here can judge, with the reason."""
