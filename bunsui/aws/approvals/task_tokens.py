"""Answers to tasks of Step Functions that wait for their token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code
from bunsui.command_line import command_line
from bunsui.errors import CloudError, Refused
from bunsui.model.gates import REJECTED, rejection_cause
from bunsui.model.json import Json

_OVER = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
"""AWS's codes for tokens of tasks that wait no more: answered, timed out, stopped, or never there."""


class AwsGateAnswers:
    """Implements `bunsui.ports.gates.GateAnswers`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def approve(self, token: str, *, by: str, note: str, at: datetime) -> None:
        """Let the task succeed with who approved.

        Raises:
            Refused: `task-over`, the task of the token waits no more.

        """
        self._succeed(token, _output("approved", by, note, at))

    def reject(self, token: str, *, by: str, note: str, at: datetime, carries_on: bool) -> None:
        """Let the task fail as rejected; where it `carries_on`, let it succeed with that decision.

        Raises:
            Refused: `task-over`, the task of the token waits no more.

        """
        if carries_on:
            self._succeed(token, _output("rejected", by, note, at))
            return
        cause = rejection_cause(by=by, note=note)
        with _refused_when_over(), self._connection.translated("stepfunctions", "SendTaskFailure"):
            self._connection.writer("stepfunctions").send_task_failure(taskToken=token, error=REJECTED, cause=cause)

    def _succeed(self, token: str, output: Json) -> None:
        text = json.dumps(output, ensure_ascii=False)
        with _refused_when_over(), self._connection.translated("stepfunctions", "SendTaskSuccess"):
            self._connection.writer("stepfunctions").send_task_success(taskToken=token, output=text)


def _output(decision: str, by: str, note: str, at: datetime) -> Json:
    return {"decision": decision, "by": by, "note": note, "at": at.isoformat()}


@contextmanager
def _refused_when_over() -> Iterator[None]:
    try:
        yield
    except CloudError as error:
        if aws_code(error) not in _OVER:
            raise
        raise Refused(
            "task-over",
            "Step Functions waits no more for what the token answers",
            hint=f"See which gates are open:\n  {command_line('approvals')}",
            reason=aws_code(error),
            aws_message=error.facts.get("aws_message"),
        ) from error
