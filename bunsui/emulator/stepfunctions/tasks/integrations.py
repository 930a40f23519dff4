"""Service integrations: requests as the services take them, answers and errors as Step Functions gives them.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html, and recordings of AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.asl.sdk_names import java_error, java_service
from bunsui.aws.service_calls import ServiceAnswer, ServiceFailure, UnusableArguments
from bunsui.emulator.stepfunctions.tasks.errors import TaskError
from bunsui.emulator.stepfunctions.tasks.functions import invoke_function
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.jsonpath.paths import compact
from bunsui.model.json import Json

__all__ = ["NotServed", "Services", "TaskError", "call", "is_optimized", "waits_for_the_end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Optimized:
    """An optimized integration."""

    boto: str
    actions: frozenset[str]
    error_prefix: str
    """What the names of its errors begin with."""
    name: str
    """The service's name in causes, and the name of an error that its model does not know."""


class NotServed(TaskError):
    """The embedded AWS has no such service, or none that does this."""

    def __init__(self, call: str, error: str, cause: str) -> None:
        """`call` is what was called, such as `forecast:listForecasts`."""
        super().__init__(error, cause)
        self.call = call


_OPTIMIZED: Mapping[str, _Optimized] = {
    "dynamodb": _Optimized(
        boto="dynamodb",
        actions=frozenset({"getItem", "putItem", "updateItem", "deleteItem"}),
        error_prefix="DynamoDB",
        name="AmazonDynamoDBv2",
    ),
    "sns": _Optimized(boto="sns", actions=frozenset({"publish"}), error_prefix="SNS", name="AmazonSNS"),
    "sqs": _Optimized(boto="sqs", actions=frozenset({"sendMessage"}), error_prefix="SQS", name="AmazonSQS"),
    "events": _Optimized(
        boto="events", actions=frozenset({"putEvents"}), error_prefix="EventBridge", name="AmazonCloudWatchEvents"
    ),
    "states": _Optimized(
        boto="stepfunctions", actions=frozenset({"startExecution"}), error_prefix="StepFunctions", name="AWSStepFunctions"
    ),
    "lambda": _Optimized(boto="lambda", actions=frozenset({"invoke"}), error_prefix="Lambda", name="AWSLambda"),
    "ecs": _Optimized(boto="ecs", actions=frozenset({"runTask"}), error_prefix="ECS", name="AmazonECS"),
}
_SYNC = frozenset({("states", "startExecution"), ("ecs", "runTask")})
_UNMODELLED: Mapping[str, str] = {"dynamodb": "AmazonDynamoDB", "events": "AmazonEventBridge", "states": "AWSStepFunctions"}


def is_optimized(service: str, action: str) -> bool:
    """Tell whether there is such an optimized integration here."""
    return service in _OPTIMIZED and action in _OPTIMIZED[service].actions


def waits_for_the_end(service: str, action: str) -> bool:
    """Tell whether there is a `.sync` of it here."""
    return (service, action) in _SYNC


def call(services: Services, task: AssignedTask, service: str, action: str) -> Json:
    """Do one call and give what the state gets as its result. Raises TaskError."""
    if service.startswith("aws-sdk:"):
        return _called_by_sdk(services, task, service.removeprefix("aws-sdk:"), action)
    if service == "lambda":
        return invoke_function(services, task)
    about = _OPTIMIZED[service]
    arguments = _shape_arguments(service, task.request.arguments)
    try:
        answer = _ask(services, task, about.boto, action, arguments, keep_names=True)
    except ServiceFailure as failure:
        raise TaskError(_optimized_error(service, about, failure), _old_cause(about, failure)) from failure
    output = answer.output
    if service == "events" and output.get("FailedEntryCount"):
        raise TaskError("EventBridge.FailedEntry", compact(output))
    return output if service == "events" else {**output, **http_metadata(answer)}


def http_metadata(answer: ServiceAnswer) -> dict[str, Json]:
    """Return what optimized integrations tell of the HTTP request."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in answer.headers.items()},
            "HttpHeaders": dict(answer.headers),
            "HttpStatusCode": answer.status,
        },
        "SdkResponseMetadata": {"RequestId": answer.request_id},
    }


def _called_by_sdk(services: Services, task: AssignedTask, service: str, action: str) -> Json:
    try:
        return _ask(services, task, service, action, task.request.arguments, keep_names=False).output
    except ServiceFailure as failure:
        name = java_service(failure.name)
        # A code may hold dots, as those of EC2 do; the class of the SDK does not.
        error = f"{name}.{java_error(failure.code) if failure.is_modelled else f'{name}Exception'}"
        told = f"(Service: {name}, Status Code: {failure.status}, Request ID: {failure.request_id})"
        if failure.message:
            raise TaskError(error, f"{failure.message} {told} (SDK Attempt Count: 1)") from failure
        # The emulator answers without a word where it has no such service.
        message = f"The embedded AWS does not serve {service}:{action}."
        raise NotServed(f"{service}:{action}", error, f"{message} {told} (SDK Attempt Count: 1)") from failure


def _ask(
    services: Services, task: AssignedTask, service: str, action: str, arguments: Json, *, keep_names: bool
) -> ServiceAnswer:
    if not isinstance(arguments, Mapping):
        raise TaskError("States.Runtime", _unusable(arguments, "They must be an object"))
    try:
        return services.call(
            service,
            action,
            arguments,
            account=account_of(task),
            region=task.location.region,
            role_arn=role_of(task),
            keep_names=keep_names,
        )
    except UnusableArguments as problem:
        raise TaskError("States.Runtime", _unusable(arguments, str(problem))) from problem


def account_of(task: AssignedTask) -> str:
    """Return the account in which the work is done: that of the credentials' role, or the machine's."""
    parts = _named_role(task).split(":")
    return parts[4] if len(parts) > 5 else task.location.account


def role_of(task: AssignedTask) -> str:
    """Return the role in whose session the work is done: that of the state's credentials, or the machine's."""
    return _named_role(task) or task.role_arn


def _named_role(task: AssignedTask) -> str:
    credentials = task.request.credentials
    return str(credentials.get("RoleArn", "")) if isinstance(credentials, Mapping) else ""


def _unusable(arguments: Json, reason: str) -> str:
    return f"The Parameters '{compact(arguments)}' could not be used to start the Task: [{reason}]"


def _shape_arguments(service: str, arguments: Json) -> Json:
    """Return the arguments as the service takes them, where Step Functions adds something of its own."""
    if service == "states" and isinstance(arguments, Mapping):
        return {key: value for key, value in arguments.items() if key != "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"}
    return arguments


def _optimized_error(service: str, about: _Optimized, failure: ServiceFailure) -> str:
    code = failure.code.removesuffix("Exception") if failure.is_modelled else _UNMODELLED.get(service, about.name)
    return f"{about.error_prefix}.{code}Exception"


def _old_cause(about: _Optimized, failure: ServiceFailure) -> str:
    """Return the cause as the older SDK words it, which the optimized integrations use."""
    return (
        f"{failure.message} (Service: {about.name}; Status Code: {failure.status}; Error Code: {failure.code};"
        f" Request ID: {failure.request_id}; Proxy: null)"
    )
