"""Where this Step Functions meets the emulator of the other services.

The emulator starts executions itself (schedules, rules, pipes), saves state by service, and finds resources by their tags.
Each of these reaches this service here, in the location of the emulator's own Step Functions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.stepfunctions.api.stacks import Machines, Tags, operation
from bunsui.emulator.stepfunctions.server import StepFunctions
from bunsui.emulator.stepfunctions.store.arns import Location

_log = logging.getLogger("bunsui.emulator")

CAPABILITIES = ("step-functions", "tracing")
"""What the endpoint says it can, because this service is there: tracing configurations are kept."""
_STACK_SECONDS = 30.0
_PRIVATE = {
    "UpdateStateMachine": "_update_state_machine",
    "TagResource": "_tag_resource",
    "UntagResource": "_untag_resource",
}


def place_of(account: str, region: str) -> Location:
    """Return the location that the emulator's other services see for a caller."""
    from ministack.core import responses

    responses.set_request_account_id(account)
    responses.set_request_region(region)
    return _here()


def put_event(location: Location, entry: Mapping[str, Any]) -> None:
    """Put an event on the location's default bus, also of a source that callers may not use."""
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    with request_scope(location.account, location.region):
        inner(eventbridge, "_put_events")({"Entries": [dict(entry)]}, allow_aws_source=True)


def has_log_group(arn: str) -> bool:
    """Tell whether there is a log group of that ARN."""
    from ministack.core.responses import request_scope
    from ministack.services import cloudwatch_logs

    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "logs":
        return False
    with request_scope(parts[4], parts[3]):
        return parts[6] in inner(cloudwatch_logs, "_log_groups")


def take_over(service: StepFunctions) -> None:
    """Put the service in the location of the emulator's own. AttributeError when the emulator is not as expected."""
    from ministack.services import stepfunctions, tagging

    def start_execution(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Start without waiting: the emulator may call this from the loop that answers every request."""
        location, arn = _here(), str(request.get("stateMachineArn", ""))
        if not service.knows(location, arn):
            answer = {"__type": "StateMachineDoesNotExist", "message": f"State Machine Does Not Exist: '{arn}'"}
            return 400, {}, json.dumps(answer).encode()
        service.answer(location, "StartExecution", request).add_done_callback(_log_refusal)
        return 200, {}, b"{}"

    def resolve(arn: str) -> str | None:
        return arn if service.knows(_here(), arn) else None

    def collect() -> Iterator[tuple[str, list[dict[str, str]]]]:
        for arn, tags in service.tags(_here()).items():
            yield arn, [{"Key": key, "Value": value} for key, value in tags.items()]

    replace_inner(stepfunctions, "_start_execution", start_execution)
    replace_inner(stepfunctions, "_resolve_state_machine_arn", resolve)
    replace_inner(stepfunctions, "get_state", service.snapshot)
    replace_inner(stepfunctions, "load_persisted_state", service.restore)
    replace_inner(stepfunctions, "reset", service.clear)
    inner(tagging, "_COLLECTORS")["states"] = collect

    def ask(operation_name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Wait for an answer: stacks are provisioned on threads of their own."""
        return service.answer(_here(), operation_name, request, from_stack=True).result(_STACK_SECONDS)

    replace_inner(stepfunctions, "_state_machines", Machines(ask))
    replace_inner(stepfunctions, "_tags", Tags())
    for name in ("UpdateStateMachine", "TagResource", "UntagResource"):
        replace_inner(stepfunctions, _PRIVATE[name], operation(ask, name))


def _here() -> Location:
    from ministack.core import responses

    return Location(responses.get_account_id(), responses.get_region())


def _log_refusal(answer: Any) -> None:
    problem = answer.exception()
    if problem is not None:
        _log.warning("a schedule or a rule could not start an execution: %s", problem)
