"""What a Task can fail with, by what it calls, in the names that Step Functions gives to the errors of services.

The SDK integrations name errors as the AWS SDK for Java 2.x does (`S3.NoSuchKeyException`; what the service's model does not
know is `S3.S3Exception`), the optimised ones as its version 1 (`DynamoDB.InternalServerErrorException`,
`DynamoDB.AmazonDynamoDBException`). A call that got no answer is `SdkClientException` in both. The errors themselves stand in
`service_names/errors.json`, which `python -m tests.write_service_names` writes.

Sources: developer guide, "Learning to use AWS service SDK integrations" and "Handling errors in Step Functions workflows"; for
the optimised names recordings of AWS, and what others met: `Batch.AWSBatchException` (ASFHyP3/hyp3 912), `ECS.ServerException`
(wellcomecollection/catalogue-pipeline 3554), `SageMaker.AmazonSageMakerException`
(aws/aws-step-functions-data-science-sdk-python 191).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bunsui.asl.sdk_names import first_java_error, java_error

_INTEGRATION = re.compile(r":states:::(?P<service>(?:aws-sdk:)?[^:.]+):(?P<call>[^:.]+)")
_NO_ANSWER = "SdkClientException"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskErrors:
    """The names that a Task can fail with, apart from those of Step Functions itself (`States.…`)."""

    throttling: tuple[str, ...] = ()
    """The service takes no more for the moment: nothing was done."""
    infrastructure: tuple[str, ...] = ()
    """The service itself failed, or could not be reached."""
    timeout: tuple[str, ...] = ()
    """Somebody gave up, and does not know whether the work was done."""
    others: tuple[str, ...] = ()
    prefixes: frozenset[str] = frozenset()
    """What stands before the dot in names of this service; what else begins so is misspelt."""
    is_open: bool = False
    """True where others can come: a function fails with the names of its own exceptions, a job with those of its work."""

    @property
    def all(self) -> frozenset[str]:
        """Every name."""
        return frozenset((*self.throttling, *self.infrastructure, *self.timeout, *self.others))

    def nearest(self, name: str) -> str:
        """Return the name that was probably meant; empty when none is like it."""
        small = {one.lower(): one for one in self.all}
        whole = f"{name}Exception".lower()
        found = [whole] if whole in small else difflib.get_close_matches(name.lower(), list(small), n=1, cutoff=0.75)
        return small[found[0]] if found else ""

    def can_be(self, name: str) -> bool:
        """Tell whether the Task can fail with an error of that name, as far as is known."""
        prefix, dot, _ = name.rpartition(".")
        if name.startswith("States.") or not dot:
            return not name.startswith("States.Http.") or name in self.all
        return prefix in self.prefixes or prefix not in known_prefixes()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Optimised:
    """How an optimised integration names the errors of its service."""

    model: str
    """The service whose model has them, as the SDK integration calls it."""
    prefix: str
    unmodelled: str
    """The name of what the model does not know."""
    throttling: tuple[str, ...] = ()
    """Names that the model does not have, whole."""
    infrastructure: tuple[str, ...] = ()
    timeout: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


_OPTIMISED: Mapping[str, _Optimised] = {
    "apigateway": _Optimised(
        model="",
        prefix="ApiGateway",
        unmodelled="",
        throttling=("ApiGateway.429",),
        infrastructure=("ApiGateway.500", "ApiGateway.502", "ApiGateway.503"),
        timeout=("ApiGateway.504",),
    ),
    "athena": _Optimised(model="athena", prefix="Athena", unmodelled="AmazonAthenaException"),
    "batch": _Optimised(model="batch", prefix="Batch", unmodelled="AWSBatchException"),
    "bedrock": _Optimised(model="bedrockruntime", prefix="Bedrock", unmodelled="BedrockException"),
    "codebuild": _Optimised(model="codebuild", prefix="CodeBuild", unmodelled="AWSCodeBuildException"),
    "databrew": _Optimised(model="databrew", prefix="DataBrew", unmodelled="AWSGlueDataBrewException"),
    "dynamodb": _Optimised(model="dynamodb", prefix="DynamoDB", unmodelled="AmazonDynamoDBException"),
    "ecs": _Optimised(
        model="ecs",
        prefix="ECS",
        unmodelled="AmazonECSException",
        # A task that found no place ("Run Amazon ECS or Fargate tasks").
        infrastructure=("AmazonECS.Unknown",),
        prefixes=("AmazonECS",),
    ),
    "eks": _Optimised(
        model="eks",
        prefix="EKS",
        unmodelled="AmazonEKSException",
        throttling=("EKS.429",),
        infrastructure=("EKS.500", "EKS.503"),
        timeout=("EKS.504",),
    ),
    "elasticmapreduce": _Optimised(model="emr", prefix="EMR", unmodelled="AmazonElasticMapReduceException"),
    "emr-containers": _Optimised(model="emrcontainers", prefix="EMRContainers", unmodelled="AmazonEMRContainersException"),
    "emr-serverless": _Optimised(model="emrserverless", prefix="EMRServerless", unmodelled="AWSEMRServerlessException"),
    "events": _Optimised(
        model="eventbridge", prefix="EventBridge", unmodelled="AmazonEventBridgeException", others=("EventBridge.FailedEntry",)
    ),
    "glue": _Optimised(model="glue", prefix="Glue", unmodelled="AWSGlueException"),
    "lambda": _Optimised(
        model="lambda",
        prefix="Lambda",
        unmodelled="AWSLambdaException",
        # "Best practices: handle transient Lambda service exceptions".
        infrastructure=("Lambda.ClientExecutionTimeoutException",),
        # Of Lambda.Unknown the same page says that Lambda ran out of memory or did not answer.
        timeout=("Sandbox.Timedout", "Lambda.Unknown"),
        prefixes=("Sandbox", "Runtime"),
    ),
    "mediaconvert": _Optimised(model="mediaconvert", prefix="MediaConvert", unmodelled="AWSMediaConvertException"),
    "sagemaker": _Optimised(model="sagemaker", prefix="SageMaker", unmodelled="AmazonSageMakerException"),
    "sns": _Optimised(model="sns", prefix="SNS", unmodelled="AmazonSNSException"),
    "sqs": _Optimised(model="sqs", prefix="SQS", unmodelled="AmazonSQSException"),
    "states": _Optimised(model="sfn", prefix="StepFunctions", unmodelled="AWSStepFunctionsException"),
}
"""By the service in a Task's Resource."""

_HTTP = TaskErrors(
    throttling=("States.Http.StatusCode.429",),
    infrastructure=tuple(f"States.Http.StatusCode.{status}" for status in (500, 502, 503)),
    timeout=("States.Http.Socket", "States.Http.StatusCode.504"),
    others=tuple(f"States.Http.StatusCode.{status}" for status in range(400, 600) if status not in (429, 500, 502, 503, 504)),
)
_GIVEN_UP = ("States.Timeout", "States.HeartbeatTimeout")
"""Step Functions gave up: the worker is at work still."""
_CODE = frozenset({"lambda"})
"""What runs code, which fails with the names of its own exceptions."""


def call_of(resource: str) -> tuple[str, str]:
    """Return service and call of a Task's Resource, such as `("aws-sdk:s3", "putObject")`; two empty texts for what is no
    integration."""
    if ":lambda:" in resource and ":function:" in resource:
        return "lambda", "invoke"
    found = _INTEGRATION.search(resource)
    return (found["service"], found["call"]) if found else ("", "")


def task_errors(resource: str) -> TaskErrors:
    """Return what a Task can fail with."""
    service, _ = call_of(resource)
    if service == "http":
        found = _HTTP
    elif service.startswith("aws-sdk:"):
        found = _by_sdk(service.removeprefix("aws-sdk:"))
    else:
        found = _by_optimised(service) if service in _OPTIMISED else TaskErrors(is_open=True)
    return _with(found, timeout=_GIVEN_UP, is_open=found.is_open or service in _CODE or resource.endswith(".waitForTaskToken"))


def all_errors(resources: Iterable[str]) -> TaskErrors:
    """Return what any of several Tasks can fail with."""
    whole = TaskErrors()
    for found in map(task_errors, dict.fromkeys(resources)):
        whole = TaskErrors(
            throttling=_join(whole.throttling, found.throttling),
            infrastructure=_join(whole.infrastructure, found.infrastructure),
            timeout=_join(whole.timeout, found.timeout),
            others=_join(whole.others, found.others),
            prefixes=whole.prefixes | found.prefixes,
            is_open=whole.is_open or found.is_open,
        )
    return whole


@cache
def known_prefixes() -> frozenset[str]:
    """Return what the names of errors of all services begin with."""
    optimised = {prefix for about in _OPTIMISED.values() for prefix in (about.prefix, *about.prefixes)}
    return frozenset(optimised | {str(row[0]) for row in _table().values()} | {"States.Http.StatusCode", "States.Http"})


@cache
def _by_sdk(service: str) -> TaskErrors:
    row = _table().get(service)
    if row is None:
        # A service that is newer than the table: what the names of its errors begin with is not known.
        return TaskErrors(is_open=True)
    prefix = row[0]
    throttling, failures, others = ([f"{prefix}.{java_error(name)}" for name in text.split()] for text in row[1:])
    unmodelled = f"{prefix}.{prefix}Exception"
    return TaskErrors(
        throttling=tuple(throttling) or (unmodelled,),
        infrastructure=(*failures, unmodelled, f"{prefix}.{_NO_ANSWER}"),
        others=tuple(others),
        prefixes=frozenset({prefix}),
    )


@cache
def _by_optimised(service: str) -> TaskErrors:
    about = _OPTIMISED[service]
    _, *texts = _table().get(about.model, ["", "", "", ""])
    throttling, failures, others = ([f"{about.prefix}.{first_java_error(name)}" for name in text.split()] for text in texts)
    generic = (f"{about.prefix}.{about.unmodelled}",) if about.unmodelled else ()
    return TaskErrors(
        throttling=_join(tuple(throttling), about.throttling) or generic,
        infrastructure=(*failures, *generic, *((f"{about.prefix}.{_NO_ANSWER}",) if generic else ()), *about.infrastructure),
        timeout=about.timeout,
        others=(*others, *about.others),
        prefixes=frozenset({about.prefix, *about.prefixes}),
    )


def _with(found: TaskErrors, *, timeout: tuple[str, ...], is_open: bool) -> TaskErrors:
    return TaskErrors(
        throttling=found.throttling,
        infrastructure=found.infrastructure,
        timeout=_join(timeout, found.timeout),
        others=found.others,
        prefixes=found.prefixes,
        is_open=is_open,
    )


def _join(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


@cache
def _table() -> Mapping[str, list[str]]:
    """Return by service what names of errors begin with, then its errors of throttling, its own failures, and all others."""
    text = (files("bunsui.operations.integrations") / "service_names" / "errors.json").read_text(encoding="utf-8")
    found: Any = json.loads(text)["services"]
    services: Mapping[str, list[str]] = found
    return services
