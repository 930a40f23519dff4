"""Values that AWS refuses are refused: the emulator takes what breaks a service's model, or a rule that no model says.

Of the calls with which functions, roles, log groups and schedules are made and changed; Step Functions checks its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from bunsui.aws.constraints.requests import broken_rules, validation_message
from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.patches.markup import as_text
from bunsui.kinds.constraints.environment import broken_environment
from bunsui.kinds.constraints.tags import broken_tags

Call = Callable[..., Any]
_MODELLED = "ValidationException"
"""The code with which services answer to what their model does not take; IAM's is ValidationError."""


def refuse_what_aws_refuses() -> None:
    """Check the requests of these calls before the emulator sees them."""
    from ministack.core.responses import error_response_json
    from ministack.services import cloudwatch_logs, iam, lambda_svc, scheduler

    def refuse_json(code: str, message: str) -> Any:
        return error_response_json(code, message, 400)

    def refuse_xml(code: str, message: str) -> Any:
        return inner(iam, "_error")(400, "ValidationError" if code == _MODELLED else code, as_text(message))

    def guard(module: object, name: str, service: str, operation: str, request_of: Callable[..., Mapping[str, Any]]) -> None:
        replace_inner(module, name, with_check(inner(module, name), service, operation, request_of, refuse_json))

    guard(lambda_svc, "_create_function", "lambda", "CreateFunction", lambda data: data)
    guard(
        lambda_svc,
        "_update_config",
        "lambda",
        "UpdateFunctionConfiguration",
        lambda name, data: {**data, "FunctionName": name},
    )
    guard(lambda_svc, "_tag_resource", "lambda", "TagResource", lambda arn, data: {**data, "Resource": arn})
    guard(cloudwatch_logs, "_create_log_group", "logs", "CreateLogGroup", lambda data: data)
    guard(scheduler, "_create_schedule", "scheduler", "CreateSchedule", lambda name, body: {**body, "Name": name})
    guard(scheduler, "_update_schedule", "scheduler", "UpdateSchedule", lambda name, body: {**body, "Name": name})
    guard(scheduler, "_create_schedule_group", "scheduler", "CreateScheduleGroup", lambda name, body: {**body, "Name": name})
    handlers: dict[str, Call] = inner(iam, "_IAM_HANDLERS")
    extract: Call = inner(iam, "_extract_tags")
    for operation in ("CreateRole", "TagRole"):
        handlers[operation] = with_check(
            handlers[operation], "iam", operation, lambda form: role_request(form, extract(form)), refuse_xml
        )


def with_check(
    call: Call, service: str, operation: str, request_of: Callable[..., Mapping[str, Any]], refuse: Callable[[str, str], Any]
) -> Call:
    """Return the call that is refused, in the service's form, when its request breaks a rule."""

    def checked_call(*arguments: Any) -> Any:
        code, message = next(chain(refusals(service, operation, request_of(*arguments)), [("", "")]))
        return refuse(code, message) if code else call(*arguments)

    return checked_call


def refusals(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield AWS's codes and sentences for what is wrong with a request: first what the model says, then what it does not."""
    if rules := list(broken_rules(service, operation, request)):
        yield _MODELLED, validation_message(rules)
    environment = request.get("Environment")
    variables = environment.get("Variables") if isinstance(environment, Mapping) else None
    if isinstance(variables, Mapping):
        yield from ((broken.aws_code, broken.aws_message) for broken in broken_environment(variables))
    if service == "iam":
        own = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ()) if not tag["Key"].startswith("bunsui:")}
        yield from ((broken.aws_code, broken.aws_message) for broken in broken_tags(own))


def role_request(form: Mapping[str, Any], tags: list[dict[str, str]]) -> dict[str, Any]:
    """Return the parameters of a call about a role from its form, whose values may be lists of one."""
    texts = ("RoleName", "Path", "Description", "AssumeRolePolicyDocument", "PermissionsBoundary")
    found = {name: value[0] if isinstance(value, list) else value for name in texts if (value := form.get(name))}
    return {**found, "Tags": [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in tags]}
