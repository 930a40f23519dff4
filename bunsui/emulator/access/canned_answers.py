"""The answers that bunsui.yaml names under `local: {answers: …}` for calls that the embedded AWS does not serve.

They have the form of the mocks of tests, by the call: `glue:startJobRun`. The machine's role is asked all the same whether it
permits the call, and what was answered so is counted as not judged, so that nobody takes it for a call that was made.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from bunsui.emulator.access.judged import Judge
from bunsui.emulator.access.principals import STEP_FUNCTIONS, role_session
from bunsui.emulator.access.requested import Need
from bunsui.engine.mocks import MockedAnswer
from bunsui.engine.tasks import TaskFailed, TaskRequest, TaskSucceeded
from bunsui.model.json import Json
from bunsui.operations.integrations.iam_names import iam_actions
from bunsui.testing.mocks import read_mocks

CANNED = "bunsui.yaml answered it (`local: {answers: …}`): nothing was called"


class LocalAnswers:
    """Implements `bunsui.emulator.stepfunctions.tasks.canned.CannedAnswers`."""

    def __init__(self, judge: Judge, told: Mapping[str, Json] | None = None) -> None:
        """`told` is the mapping of bunsui.yaml. Raises InvalidInput where it says what no answer is."""
        self._judge = judge
        self.told: Mapping[str, Json] = dict(told or {})
        self._answers = read_mocks(self.told)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, call: str, request: TaskRequest) -> MockedAnswer | None:
        """Return the answer to a call; of a list the next one, and None behind its end."""
        found = self._answers.get(call)
        if found is None:
            return None
        with self._lock:
            number = self._asked[call]
            self._asked[call] += 1
        told = found.answer(request, number, attempt=number + 1)
        if told is None:
            return None
        if told.never:
            return MockedAnswer(last=None)
        last = TaskSucceeded(output=told.result) if told.error is None else TaskFailed(error=told.error, cause=told.cause)
        return MockedAnswer(last=last, after_seconds=told.after_seconds)

    def refusal(self, call: str, role_arn: str, account: str) -> str:
        """Return AWS's words where the role certainly does not permit the call, and note that it was answered where it may."""
        session = role_session(role_arn, STEP_FUNCTIONS, account=account)
        if session is None:
            return ""
        needed = [Need(action, "") for action in iam_actions(call)]
        words = (self._judge.refusal(session, need, not_called=CANNED) for need in needed)
        return next((found for found in words if found), "")
