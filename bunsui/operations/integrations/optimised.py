"""Calls as Step Functions makes them: by an optimised integration where there is one, else by the SDK; the needs of jobs.

Which optimised integrations there are, and how each can be waited for, is told by `bunsui.asl.validation.integrations` alone.
Sources: Step Functions developer guide, "Integrating AWS services" and the pages on IAM policies of each integration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bunsui.asl.validation.integrations import OPTIMISED
from bunsui.model.resource import Scope
from bunsui.model.values import Value
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, arn, events_rule

Wait = Literal["response", "job", "token"]

_PATTERNS: Mapping[Wait, str] = {"response": "", "job": "sync", "token": "waitForTaskToken"}
_BELOW = "/jobruns/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Following:
    """What a role needs to follow a job and to stop it, beside what starts it."""

    own: tuple[str, ...] = ()
    """IAM actions on what the call itself works on."""
    below: tuple[str, ...] = ()
    """IAM actions on the runs of it, whose ids are not known before."""
    elsewhere: tuple[tuple[str, str], ...] = ()
    """IAM actions, each with the ARN's last part (`*` where the service knows no resource)."""
    rule: str = ""
    """The events rule by which Step Functions learns of its end; empty when it asks instead."""


_CLUSTERS = tuple((f"elasticmapreduce:{action}", "cluster/*") for action in ("DescribeCluster", "TerminateJobFlows"))
_APPLICATIONS = "StepFunctionsGetEventsForEMRServerlessApplicationRule"
_BUILD_BATCHES = _Following(
    own=("codebuild:StopBuildBatch", "codebuild:BatchGetBuildBatches"),
    rule="StepFunctionsGetEventForCodeBuildStartBuildBatchRule",
)


def _sagemaker(job: str, rule: str) -> _Following:
    own = (f"sagemaker:Describe{job}", f"sagemaker:Stop{job}", "sagemaker:AddTags")
    return _Following(own=own, elsewhere=(("sagemaker:ListTags", "*"),), rule=f"StepFunctionsGetEventsForSageMaker{rule}Rule")


_FOLLOWING: Mapping[str, _Following] = {
    "athena:startQueryExecution": _Following(
        own=("athena:StopQueryExecution", "athena:GetQueryExecution"),
        elsewhere=(("athena:GetDataCatalog", "datacatalog/*"),),
    ),
    "batch:submitJob": _Following(
        elsewhere=(("batch:DescribeJobs", "*"), ("batch:TerminateJob", "job/*")),
        rule="StepFunctionsGetEventsForBatchJobsRule",
    ),
    "bedrock:createModelCustomizationJob": _Following(
        elsewhere=tuple(
            (f"bedrock:{action}", "model-customization-job/*")
            for action in ("GetModelCustomizationJob", "StopModelCustomizationJob")
        ),
    ),
    "codebuild:startBuild": _Following(
        own=("codebuild:StopBuild", "codebuild:BatchGetBuilds"), rule="StepFunctionsGetEventForCodeBuildStartBuildRule"
    ),
    "codebuild:startBuildBatch": _BUILD_BATCHES,
    "codebuild:retryBuildBatch": _BUILD_BATCHES,
    "databrew:startJobRun": _Following(own=("databrew:ListJobRuns", "databrew:StopJobRun")),
    "eks:createCluster": _Following(own=("eks:DescribeCluster", "eks:DeleteCluster")),
    "eks:deleteCluster": _Following(own=("eks:DescribeCluster",)),
    "eks:createNodegroup": _Following(
        elsewhere=(("eks:DescribeNodegroup", "nodegroup/*"), ("eks:DeleteNodegroup", "nodegroup/*"))
    ),
    "eks:deleteNodegroup": _Following(own=("eks:DescribeNodegroup",)),
    "eks:createFargateProfile": _Following(
        elsewhere=(("eks:DescribeFargateProfile", "fargateprofile/*"), ("eks:DeleteFargateProfile", "fargateprofile/*"))
    ),
    "eks:deleteFargateProfile": _Following(own=("eks:DescribeFargateProfile",)),
    "elasticmapreduce:createCluster": _Following(elsewhere=_CLUSTERS, rule="StepFunctionsGetEventForEMRRunJobFlowRule"),
    "elasticmapreduce:addStep": _Following(
        own=("elasticmapreduce:DescribeStep", "elasticmapreduce:CancelSteps"),
        rule="StepFunctionsGetEventForEMRAddJobFlowStepsRule",
    ),
    "elasticmapreduce:terminateCluster": _Following(
        own=("elasticmapreduce:DescribeCluster",), rule="StepFunctionsGetEventForEMRTerminateJobFlowsRule"
    ),
    "emr-containers:createVirtualCluster": _Following(
        elsewhere=tuple(
            (f"emr-containers:{action}", "/virtualclusters/*") for action in ("DescribeVirtualCluster", "DeleteVirtualCluster")
        )
    ),
    "emr-containers:deleteVirtualCluster": _Following(own=("emr-containers:DescribeVirtualCluster",)),
    "emr-containers:startJobRun": _Following(below=("emr-containers:DescribeJobRun", "emr-containers:CancelJobRun")),
    "emr-serverless:createApplication": _Following(
        elsewhere=tuple((f"emr-serverless:{action}", "/applications/*") for action in ("GetApplication", "DeleteApplication")),
        rule=_APPLICATIONS,
    ),
    "emr-serverless:startApplication": _Following(
        own=("emr-serverless:GetApplication", "emr-serverless:StopApplication"), rule=_APPLICATIONS
    ),
    "emr-serverless:stopApplication": _Following(own=("emr-serverless:GetApplication",), rule=_APPLICATIONS),
    "emr-serverless:deleteApplication": _Following(own=("emr-serverless:GetApplication",), rule=_APPLICATIONS),
    "emr-serverless:startJobRun": _Following(
        below=("emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"), rule="StepFunctionsGetEventsForEMRServerlessJobRule"
    ),
    "emr-serverless:cancelJobRun": _Following(
        own=("emr-serverless:GetJobRun",), rule="StepFunctionsGetEventsForEMRServerlessJobRule"
    ),
    "glue:startJobRun": _Following(own=("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")),
    "mediaconvert:createJob": _Following(
        elsewhere=(("mediaconvert:GetJob", "*"), ("mediaconvert:CancelJob", "*")),
        rule="StepFunctionsGetEventsForMediaConvertJobRule",
    ),
    "sagemaker:createHyperParameterTuningJob": _sagemaker("HyperParameterTuningJob", "TuningJobs"),
    "sagemaker:createLabelingJob": _sagemaker("LabelingJob", "LabelingJobs"),
    "sagemaker:createProcessingJob": _sagemaker("ProcessingJob", "ProcessingJobs"),
    "sagemaker:createTrainingJob": _sagemaker("TrainingJob", "TrainingJobs"),
    "sagemaker:createTransformJob": _sagemaker("TransformJob", "TransformJobs"),
}
"""By `service:call`."""

SDK_SERVICES: Mapping[str, str] = {
    "bedrock": "bedrockruntime",
    "elasticmapreduce": "emr",
    "emr-containers": "emrcontainers",
    "emr-serverless": "emrserverless",
    "events": "eventbridge",
    "states": "sfn",
}
"""Where the optimised integrations call a service otherwise than the SDK integrations do."""
_SDK_SERVICE_OF_CALL: Mapping[str, str] = {"bedrock:createModelCustomizationJob": "bedrock"}
_OPTIMISED_SERVICES: Mapping[str, str] = {"emrcontainers": "emr-containers", "emrserverless": "emr-serverless"}
"""SDK integrations whose calls the optimised ones have under another name of the service."""

OWN_ARGUMENTS = frozenset({"bedrock:invokeModel"})
"""Optimised integrations that take other arguments than the API: this one can read its body from S3, and write there. Those
that have no call of the API take their own ones anyway."""

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


def is_optimised(action: str) -> bool:
    """Tell whether `service:call` is an optimised integration, so that names are those of the API."""
    return _patterns_of(action) is not None


def optimised_calls(service: str) -> frozenset[str]:
    """Return the calls of a service that optimised integrations have; none for other services."""
    return frozenset(OPTIMISED.get(service, {}))


def sdk_action(action: str) -> str:
    """Return `service:call` as the SDK integration and the published models have it; the call may not exist there."""
    service, _, call = action.partition(":")
    if not is_optimised(action):
        return action
    return f"{_SDK_SERVICE_OF_CALL.get(action) or SDK_SERVICES.get(service, service)}:{call}"


def resource(action: str, wait: Wait) -> str:
    """Return the Task resource's name for the call: optimised where that can be waited for as wanted, else by the SDK;
    ValueError when a job cannot be waited for."""
    patterns, pattern = _patterns_of(action), _PATTERNS[wait]
    if patterns is not None and (pattern == "" or pattern in patterns):
        return f"{action}.{pattern}" if pattern else action
    service, _, call = action.partition(":")
    other = f"{_OPTIMISED_SERVICES.get(service, '')}:{call}"
    if wait == "job" and pattern in (_patterns_of(other) or ()):
        return f"{other}.{pattern}"
    if wait == "job":
        known = ", ".join(sorted(name for name, found in OPTIMISED.get(service, {}).items() if "sync" in found))
        hint = f"; of {service} these are: {known}" if known else ": write wait: response and poll, or wait: token"
        raise ValueError(f"wait: {action} is no job that Step Functions can wait for{hint}")
    if patterns is not None and not _is_sdk_call(action):
        raise ValueError(f"{action} cannot wait for a task token")
    name = f"aws-sdk:{sdk_action(action)}"
    return f"{name}.{pattern}" if pattern else name


def job_permissions(action: str, resources: tuple[Value, ...], scope: Scope) -> tuple[Permission, ...]:
    """Return what following and stopping the job needs that `action` starts on `resources`."""
    service, _, call = action.partition(":")
    known = _FOLLOWING.get(action) or _FOLLOWING.get(f"{_OPTIMISED_SERVICES.get(service, service)}:{call}")
    if known is None:
        return ()
    found = []
    if known.own:
        found.append(Permission(actions=known.own, resources=resources))
    if known.below:
        runs = tuple(f"{one}{_BELOW}" if isinstance(one, str) and one != "*" else "*" for one in resources)
        found.append(Permission(actions=known.below, resources=runs))
    for name, part in known.elsewhere:
        where = "*" if part == "*" else arn(scope, name.partition(":")[0], part)
        found.append(Permission(actions=(name,), resources=(where,)))
    if known.rule:
        found.append(Permission(actions=EVENTS_ACTIONS, resources=(events_rule(scope, known.rule),)))
    return tuple(found)


def _patterns_of(action: str) -> frozenset[str] | None:
    service, _, call = action.partition(":")
    return OPTIMISED.get(service, {}).get(call)


def _is_sdk_call(action: str) -> bool:
    return action.partition(":")[0] not in ("apigateway", "eks", "elasticmapreduce", "http")
