"""Errors as AWS words them, each with who raised it, what kind it is and what its advice must say.

`tests/cases/failures/error-texts.json` holds texts, recorded or as documentation has them. `reported-texts.json` holds what
people report of AWS in issues and questions, classed before the rules were looked at (83 of 120 were judged right then);
`held-out-texts.json` is of the same hand and was not looked at until the rules were mended (28 of 40 before, 38 after).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.failures.advice import HINTS, advice_of
from bunsui.sessions.failures.classes import FailureVerdict, judge
from bunsui.sessions.failures.operation_hints import OperationHints
from bunsui.sessions.failures.origins import Raised

FOLDER = Path(__file__).parents[3] / "cases" / "failures"
TABLES = ("error-texts", "reported-texts", "held-out-texts")
TEXTS: list[dict[str, Any]] = [
    text for table in TABLES for text in json.loads((FOLDER / f"{table}.json").read_text(encoding="utf-8"))
]


def judged(text: Mapping[str, Any]) -> FailureVerdict:
    fields = ("error", "cause", "event", "service", "action", "state_type")
    return judge(Raised(**{name: text[name] for name in fields}))


def advice(text: Mapping[str, Any]) -> str:
    hints = OperationHints(builtin_registry(), {}).of("", job="", state="", service=text["service"])
    return advice_of(judged(text), hints, error=text["error"], again="resume")


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len(TEXTS) >= 220
    assert len({(text["event"], text["service"], text["error"], text["cause"]) for text in TEXTS}) == len(TEXTS)


@pytest.mark.parametrize("text", TEXTS, ids=[text["name"] for text in TEXTS])
def test_an_error_is_judged_by_who_raised_it_first(text: Mapping[str, Any]) -> None:
    verdict = judged(text)
    assert (verdict.raiser.value, verdict.error_class.value) == (text["raised_by"], text["class"])


@pytest.mark.parametrize("text", TEXTS, ids=[text["name"] for text in TEXTS])
def test_its_advice_leads_to_what_is_wrong(text: Mapping[str, Any]) -> None:
    assert text["advice"] in advice(text)


def test_only_a_failure_of_the_service_is_said_to_be_one() -> None:
    blamed = [text["name"] for text in TEXTS if "The service failed" in advice(text)]
    assert blamed == [text["name"] for text in TEXTS if text["name"] in blamed and text["class"] == "infrastructure"]


def test_every_class_has_an_advice() -> None:
    assert set(HINTS) == set(ErrorClass)


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        ("Lambda.TooManyRequestsException", "", ErrorClass.THROTTLING),
        ("DynamoDB.ProvisionedThroughputExceededException", "", ErrorClass.THROTTLING),
        ("States.Timeout", "", ErrorClass.TIMEOUT),
        ("States.TaskFailed", "Task timed out after 3.00 seconds", ErrorClass.TIMEOUT),
        ("Lambda.AccessDeniedException", "", ErrorClass.PERMISSION),
        ("States.TaskFailed", "User: x is not authorized to perform: s3:GetObject", ErrorClass.PERMISSION),
        ("States.DataLimitExceeded", "", ErrorClass.PAYLOAD),
        ("States.QueryEvaluationError", "", ErrorClass.DATA),
        ("Lambda.ServiceException", "", ErrorClass.INFRASTRUCTURE),
        ("States.ServiceRestart", "", ErrorClass.INFRASTRUCTURE),
        ("ValueError", "", ErrorClass.CODE),
        ("", "", ErrorClass.CODE),
    ],
)
def test_a_name_tells_the_class_where_the_history_tells_nothing_else(error: str, cause: str, expected: ErrorClass) -> None:
    assert judge(Raised(error=error, cause=cause)).error_class is expected
