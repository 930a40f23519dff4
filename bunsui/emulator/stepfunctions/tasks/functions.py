"""Lambda functions as Task states call them: by `lambda:invoke`, or by their own ARN.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html, and recordings of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bunsui.asl.sdk_names import java_service
from bunsui.aws.service_calls import ServiceAnswer, ServiceFailure, UnusableArguments
from bunsui.emulator.stepfunctions.tasks.errors import TaskError
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.jsonpath.paths import compact
from bunsui.model.json import Json

_FIELDS = frozenset({"FunctionName", "Payload", "InvocationType", "LogType", "ClientContext", "Qualifier"})
_TIMED_OUT = "Task timed out after"


def invoke_function(services: Services, task: AssignedTask) -> Json:
    """Return what `lambda:invoke` gives: the payload with the version that ran and the HTTP metadata. Raises TaskError."""
    arguments = task.request.arguments
    if not isinstance(arguments, Mapping) or "FunctionName" not in arguments:
        raise _unusable(arguments, "The field 'FunctionName' is required but was missing")
    unknown = [key for key in arguments if key not in _FIELDS]
    if unknown:
        raise _unusable(arguments, f'The field "{unknown[0]}" is not supported by Step Functions')
    request = {**arguments, "Payload": compact(arguments.get("Payload", {}))}
    answer = _invoke(services, task, request)
    headers = dict(answer.headers)
    return {
        "ExecutedVersion": answer.output.get("ExecutedVersion", "$LATEST"),
        "Payload": _result(answer),
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": answer.status,
        },
        "SdkResponseMetadata": {"RequestId": answer.request_id},
        "StatusCode": answer.output.get("StatusCode", answer.status),
    }


def invoke_bare(services: Services, task: AssignedTask) -> Json:
    """Return what the function gives, for a state that names the function's ARN as its resource. Raises TaskError."""
    request = {"FunctionName": task.request.resource, "Payload": compact(task.request.arguments)}
    try:
        return _result(_invoke(services, task, request))
    except TaskError as refusal:
        if refusal.error.startswith("Lambda.") and not refusal.at:
            raise TaskError(refusal.error, refusal.cause) from refusal
        raise


def _invoke(services: Services, task: AssignedTask, request: Mapping[str, Json]) -> ServiceAnswer:
    name = str(request["FunctionName"])
    parts = name.split(":")
    named = name.startswith("arn:") and len(parts) > 6
    try:
        answer = services.call(
            "lambda",
            "invoke",
            request,
            account=parts[4] if named else task.location.account,
            region=parts[3] if named else task.location.region,
            role_arn=task.role_arn,
            keep_names=True,
        )
    except ServiceFailure as failure:
        code = failure.code.removesuffix("Exception") if failure.is_modelled else "AWSLambda"
        told = f"(Service: {java_service(failure.name)}, Status Code: {failure.status}, Request ID: {failure.request_id})"
        raise TaskError(f"Lambda.{code}Exception", f"{failure.message} {told}") from failure
    except UnusableArguments as problem:
        raise _unusable(dict(request), str(problem)) from problem
    if answer.output.get("FunctionError"):
        raise _thrown_error(_result(answer))
    return answer


def _thrown_error(error: Json) -> TaskError:
    """Return the failure of a function that ended with an exception: the exception's own name, and all that Lambda tells."""
    about = error if isinstance(error, Mapping) else {"errorMessage": str(error)}
    kind = about.get("errorType")
    if kind is None and _TIMED_OUT in str(about.get("errorMessage", "")):
        kind = "Sandbox.Timedout"
    return TaskError(str(kind or "Lambda.Unknown"), compact(dict(about)))


def _result(answer: ServiceAnswer) -> Json:
    """Return the payload read as JSON; as text when it is none."""
    text = answer.output.get("Payload", "")
    if not isinstance(text, str) or not text:
        return text or None
    try:
        found: Json = json.loads(text)
    except ValueError:
        return text
    return found


def _unusable(arguments: Json, reason: str) -> TaskError:
    cause = f"The Parameters '{compact(arguments)}' could not be used to start the Task: [{reason}]"
    return TaskError("States.Runtime", cause)
