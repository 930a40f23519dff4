"""Which resources a call works on, by the arguments that stand in its Task: literal names as ARNs, for the role's policy.

Sources: service authorization reference, "Resource types defined by …" of each service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.operations.integrations.arns import arn, is_arn

Arguments = Mapping[str, Json]

_NAMED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "athena": (("WorkGroup", "athena", "workgroup/{}"),),
    "batch": (("JobDefinition", "batch", "job-definition/{}"), ("JobQueue", "batch", "job-queue/{}")),
    "bedrockruntime": (("ModelId", "bedrock", "foundation-model/{}"),),
    "cloudwatchlogs": (("LogGroupName", "logs", "log-group:{}:*"),),
    "codebuild": (("ProjectName", "codebuild", "project/{}"),),
    "databrew": (("Name", "databrew", "job/{}"),),
    "dynamodb": (("TableName", "dynamodb", "table/{}"),),
    "emr": (("ClusterId", "elasticmapreduce", "cluster/{}"), ("JobFlowId", "elasticmapreduce", "cluster/{}")),
    "emrcontainers": (("VirtualClusterId", "emr-containers", "/virtualclusters/{}"),),
    "emrserverless": (("ApplicationId", "emr-serverless", "/applications/{}"),),
    "firehose": (("DeliveryStreamName", "firehose", "deliverystream/{}"),),
    "glue": (("JobName", "glue", "job/{}"), ("CrawlerName", "glue", "crawler/{}")),
    "kinesis": (("StreamName", "kinesis", "stream/{}"),),
    "kms": (("KeyId", "kms", "key/{}"),),
    "lambda": (("FunctionName", "lambda", "function:{}"),),
    "rds": (("DBInstanceIdentifier", "rds", "db:{}"), ("DbInstanceIdentifier", "rds", "db:{}")),
    "rdsdata": (("ResourceArn", "", ""),),
    "redshiftdata": (("ClusterIdentifier", "redshift", "cluster:{}"),),
    "sagemaker": (
        ("TrainingJobName", "sagemaker", "training-job/{}"),
        ("TransformJobName", "sagemaker", "transform-job/{}"),
        ("ProcessingJobName", "sagemaker", "processing-job/{}"),
        ("EndpointName", "sagemaker", "endpoint/{}"),
    ),
    "secretsmanager": (("SecretId", "secretsmanager", "secret:{}-??????"),),
    "sfn": (("StateMachineArn", "", ""), ("ExecutionArn", "", "")),
    "sns": (("TopicArn", "", ""), ("TargetArn", "", "")),
}
"""By the service as the SDK integration calls it: an argument, and the ARN of what it names; empty where it is one."""

_BY_CALL: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "glue:startCrawler": (("Name", "glue", "crawler/{}"),),
    "glue:getCrawler": (("Name", "glue", "crawler/{}"),),
    "ssm:getParameter": (("Name", "ssm", "parameter/{}"),),
    "ssm:putParameter": (("Name", "ssm", "parameter/{}"),),
}
_EVERYTHING = frozenset({"cloudwatch:putMetricData", "mediaconvert:createJob"})
"""Calls that are allowed on everything, as AWS's own templates do."""


def call_resources(action: str, arguments: Arguments, scope: Scope) -> tuple[str, ...]:
    """Return the ARNs of what a call works on, `service:call` being the SDK's name for it; none where that is not known."""
    service = action.partition(":")[0]
    if action in _EVERYTHING:
        return ("*",)
    if service == "s3":
        return _objects(action, arguments, scope)
    if service == "sqs":
        return _queue(literal(arguments, "QueueUrl"), scope)
    if action == "eventbridge:putEvents":
        return _buses(arguments, scope)
    if action == "athena:startQueryExecution" and "WorkGroup" not in arguments:
        return (arn(scope, "athena", "workgroup/primary"),)
    if service == "batch" and not {"JobDefinition", "JobQueue"} <= {key for key in arguments if literal(arguments, key)}:
        return ()
    found: list[str] = []
    for name, owner, form in _BY_CALL.get(action, _NAMED.get(service, ())):
        if value := literal(arguments, name):
            found += _name_arn(value, owner, form, scope)
    return tuple(found)


def literal(arguments: Arguments, name: str) -> str:
    """Return a literal argument; empty when it is missing or only known in the run."""
    found = arguments.get(name)
    return found if isinstance(found, str) and not found.startswith(("{%", "$")) and "${" not in found else ""


def _name_arn(value: str, owner: str, form: str, scope: Scope) -> Sequence[str]:
    if is_arn(value):
        # A definition without its revision is any of them (service authorization reference, "AWS Batch").
        return (value,)
    if not form:
        return ()
    if form == "job-definition/{}" and ":" not in value:
        value = f"{value}:*"
    return (arn(scope, owner, form.format(value.removeprefix("/"))),)


def bucket_objects(arguments: Arguments, scope: Scope, *, key: str) -> str:
    """Return the ARN of an object, of all below a prefix (`key` ends with `/*`), or empty when the bucket is not known."""
    bucket = literal(arguments, "Bucket")
    return f"arn:{scope.partition}:s3:::{bucket}/{key}" if bucket else ""


def _objects(action: str, arguments: Arguments, scope: Scope) -> tuple[str, ...]:
    bucket, key = literal(arguments, "Bucket"), literal(arguments, "Key")
    if action == "s3:copyObject":
        source = literal(arguments, "CopySource").lstrip("/")
        both = (f"{bucket}/{key or '*'}", source)
        return tuple(f"arn:{scope.partition}:s3:::{one}" for one in both) if bucket and source else ()
    if not bucket:
        return ()
    on_bucket = "Object" not in action or action.startswith("s3:list")
    return (f"arn:{scope.partition}:s3:::{bucket}" if on_bucket else f"arn:{scope.partition}:s3:::{bucket}/{key or '*'}",)


def _queue(url: str, scope: Scope) -> tuple[str, ...]:
    parts = url.rstrip("/").split("/")
    return (f"arn:{scope.partition}:sqs:{scope.region}:{parts[-2]}:{parts[-1]}",) if len(parts) > 2 else ()


def _buses(arguments: Arguments, scope: Scope) -> tuple[str, ...]:
    given = arguments.get("Entries")
    if not isinstance(given, (list, tuple)):
        return ()
    buses = set()
    for entry in given:
        bus = entry.get("EventBusName", "default") if isinstance(entry, Mapping) else None
        if not isinstance(bus, str) or bus.startswith("{%"):
            return ()
        buses.add(bus if is_arn(bus) else arn(scope, "events", f"event-bus/{bus}"))
    return tuple(sorted(buses))
