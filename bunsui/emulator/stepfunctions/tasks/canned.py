"""The answers that a project names for calls that nobody here serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.mocks import MockedAnswer
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest

_REFUSED = "States.TaskFailed"
"""The error of a call that the role does not permit: each service has a name of its own for it, and this one matches all."""


class CannedAnswers(Protocol):
    """What the project has calls answer."""

    def answer(self, call: str, request: TaskRequest) -> MockedAnswer | None:
        """Return the answer to a call such as `glue:startJobRun`; None where none is named."""
        ...

    def refusal(self, call: str, role_arn: str, account: str) -> str:
        """Return AWS's words where the role certainly does not permit the call; empty where it may, and note who was asked."""
        ...


class NoAnswers:
    """Answers nothing."""

    def answer(self, call: str, request: TaskRequest) -> MockedAnswer | None:
        """Know no answer."""
        return None

    def refusal(self, call: str, role_arn: str, account: str) -> str:
        """Refuse nothing."""
        return ""


def give_canned(answers: CannedAnswers, call: str, task: AssignedTask) -> Callable[[], None] | None:
    """Answer a task as the project says, and return what takes that back; None where it says nothing."""
    told = answers.answer(call, task.request)
    if told is None:
        return None
    refused = answers.refusal(call, task.role_arn, task.location.account)
    last: TaskReport | None = TaskFailed(error=_REFUSED, cause=refused) if refused else told.last
    if last is None:
        return _nothing
    later = threading.Timer(0 if refused else told.after_seconds, task.say, args=(last,))
    later.daemon = True
    later.start()
    return later.cancel


def _nothing() -> None:
    """Stop nothing."""
