"""What nobody serves is answered as the project says, if the role permits it; else it fails by name."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.emulator.access.canned_answers import LocalAnswers
from bunsui.emulator.access.judged import Judge
from bunsui.emulator.access.ledger import CallLedger
from bunsui.engine.mocks import MockedAnswer
from bunsui.engine.tasks import TaskRequest
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import ToldServices, calling, running

GLUE = calling("arn:aws:states:::glue:startJobRun.sync", {"JobName": "sales"})


class Permitting(LocalAnswers):
    """Of a role that nobody looks at."""

    def refusal(self, call: str, role_arn: str, account: str) -> str:
        return ""


class Refusing(LocalAnswers):
    """Of a role that permits nothing."""

    def refusal(self, call: str, role_arn: str, account: str) -> str:
        return f"not authorized to perform: {call}"


def test_a_call_that_nobody_serves_is_answered_as_the_project_says() -> None:
    told: dict[str, Json] = {
        "glue:startJobRun": [{"answer": {"JobRunState": "SUCCEEDED"}}, {"error": "Glue.No", "cause": {"a": 1}}],
    }
    with running(ToldServices()) as bench:
        bench.service.answers = Permitting(Judge(CallLedger()), told)
        first, second, third = (bench.ran(GLUE) for _ in range(3))

    assert (first["status"], first["output"]) == ("SUCCEEDED", '{"JobRunState":"SUCCEEDED"}')
    assert (second["error"], second["cause"]) == ("Glue.No", '{"a":1}')
    assert third["error"] == "States.Runtime"
    assert "Name its answer under `local: {answers: …}`" in third["cause"]


def test_a_role_that_does_not_permit_a_call_is_refused_all_the_same() -> None:
    with running(ToldServices()) as bench:
        bench.service.answers = Refusing(Judge(CallLedger()), {"glue:startJobRun": {"answer": {}}})
        found = bench.ran(GLUE)

    assert (found["error"], found["cause"]) == ("States.TaskFailed", "not authorized to perform: glue:startJobRun")


@pytest.mark.parametrize("told", [{"glue:startJobRun": {"answer": 1, "error": "E"}}, {"glue:startJobRun": {}}])
def test_what_is_no_answer_is_refused(told: dict[str, Json]) -> None:
    with pytest.raises(InvalidInput):
        LocalAnswers(Judge(CallLedger()), told)


def test_an_answer_takes_its_time_or_never_comes() -> None:
    request = TaskRequest(state="A", resource="arn:aws:states:::http:invoke", arguments={})

    def asked(told: Any) -> MockedAnswer | None:
        return LocalAnswers(Judge(CallLedger()), told).answer("http:invoke", request)

    assert asked({"http:invoke": {"never": True}}) == MockedAnswer(last=None)
    late = asked({"http:invoke": {"answer": 1, "after": "30s"}})
    assert late is not None
    assert late.after_seconds == 30
    assert asked({}) is None
