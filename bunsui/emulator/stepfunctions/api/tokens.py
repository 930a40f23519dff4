"""Task tokens: who waits for which, and what is told by SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.engine.tasks import TaskBeat, TaskFailed, TaskReport, TaskSucceeded

Request = Mapping[str, Any]


def send_task_success(context: RequestContext, request: Request) -> dict[str, Any]:
    """Tell that the work is done."""
    try:
        output = json.loads(request["output"])
    except ValueError as problem:
        raise ApiError("InvalidOutput", "Invalid Output: 'Invalid token'") from problem
    return _report(context, request, TaskSucceeded(output=output))


def send_task_failure(context: RequestContext, request: Request) -> dict[str, Any]:
    """Tell that the work failed."""
    return _report(context, request, TaskFailed(error=request.get("error"), cause=request.get("cause")))


def send_task_heartbeat(context: RequestContext, request: Request) -> dict[str, Any]:
    """Tell that the worker is alive."""
    return _report(context, request, TaskBeat())


def _report(context: RequestContext, request: Request, report: TaskReport) -> dict[str, Any]:
    token = request["taskToken"]
    match context.runs.tell(token, report):
        case "told":
            return {}
        case "over":
            raise ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        case _:
            raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
