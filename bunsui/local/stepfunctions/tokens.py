"""Task tokens: who waits for which, and what is told by SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bunsui.engine.tasks import TaskBeat, TaskFailed, TaskReport, TaskSucceeded
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.refusals import Refused

Request = Mapping[str, Any]


def send_task_success(desk: Desk, request: Request) -> dict[str, Any]:
    """Tell that the work is done."""
    try:
        output = json.loads(request["output"])
    except ValueError as problem:
        raise Refused("InvalidOutput", "Invalid Output: 'Invalid token'") from problem
    return _told(desk, request, TaskSucceeded(output=output))


def send_task_failure(desk: Desk, request: Request) -> dict[str, Any]:
    """Tell that the work failed."""
    return _told(desk, request, TaskFailed(error=request.get("error"), cause=request.get("cause")))


def send_task_heartbeat(desk: Desk, request: Request) -> dict[str, Any]:
    """Tell that the worker is alive."""
    return _told(desk, request, TaskBeat())


def _told(desk: Desk, request: Request, report: TaskReport) -> dict[str, Any]:
    token = request["taskToken"]
    match desk.runs.tell(token, report):
        case "told":
            return {}
        case "over":
            raise Refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        case _:
            raise Refused("InvalidToken", "Invalid Token: 'Invalid token'")
