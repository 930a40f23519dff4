"""The optimised integrations of Step Functions, with the patterns that each supports.

Source: developer guide, "Integrating services with Step Functions", as of 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping

_SYNC = frozenset({"sync"})
_TOKEN = frozenset({"waitForTaskToken"})
_PLAIN: frozenset[str] = frozenset()


def _all(actions: str, patterns: frozenset[str]) -> dict[str, frozenset[str]]:
    return dict.fromkeys(actions.split(), patterns)


OPTIMISED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "apigateway": _all("invoke", _TOKEN),
    "athena": _all("startQueryExecution", _SYNC) | _all("stopQueryExecution getQueryExecution getQueryResults", _PLAIN),
    "batch": _all("submitJob", _SYNC),
    "bedrock": _all("invokeModel", _TOKEN) | _all("createModelCustomizationJob", _SYNC),
    "codebuild": _all("startBuild startBuildBatch retryBuildBatch", _SYNC)
    | _all("stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch retryBuild", _PLAIN),
    "databrew": _all("startJobRun", _SYNC),
    "dynamodb": _all("getItem putItem updateItem deleteItem", _PLAIN),
    "ecs": _all("runTask", _SYNC | _TOKEN),
    "eks": _all("runJob", _SYNC)
    | _all("call", _PLAIN)
    | _all("createCluster deleteCluster createNodegroup deleteNodegroup createFargateProfile deleteFargateProfile", _SYNC),
    "elasticmapreduce": _all("createCluster addStep terminateCluster", _SYNC)
    | _all("cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName", _PLAIN),
    "emr-containers": _all("createVirtualCluster deleteVirtualCluster startJobRun", _SYNC),
    "emr-serverless": _all(
        "createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun", _SYNC
    ),
    "events": _all("putEvents", _TOKEN),
    "glue": _all("startJobRun", _SYNC),
    "http": _all("invoke", _PLAIN),
    "lambda": _all("invoke", _TOKEN),
    "mediaconvert": _all("createJob", _SYNC),
    "sagemaker": _all(
        "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob createTransformJob", _SYNC
    )
    | _all("createEndpoint createEndpointConfig createModel updateEndpoint", _PLAIN),
    "sns": _all("publish", _TOKEN),
    "sqs": _all("sendMessage", _TOKEN),
    "states": _all("startExecution", _SYNC | _TOKEN | {"sync:2"}),
}
"""Service -> action -> the patterns beside the plain one."""

READERS = frozenset({"s3:getObject", "s3:listObjectsV2"})
"""What the ItemReader of a distributed Map may call."""
WRITERS = frozenset({"s3:putObject"})
"""What its ResultWriter may call."""
