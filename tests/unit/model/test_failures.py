"""Errors of bunsui's own under the name that Step Functions gives them, and the contract of a machine."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.compile.retries import names_of
from bunsui.model.failures import RETRY_CLASSES, contract_of, named
from bunsui.operations.integrations.service_errors import task_errors

THROWN = (
    "An error occurred while executing the state 'a' (entered at the event id #2). The JSONata expression "
    "'($g := $x; $exists($g) ? $g : $error('Bunsui.OutputMissing: output b of job a gave nothing'))' specified for the field "
    "'Output/jobs' threw an error during evaluation. D3137: {}"
)


def test_what_an_expression_threw_gets_its_own_name_back() -> None:
    cause = THROWN.format("Bunsui.OutputType: output b of job a must be a text, and is of the type number")
    assert named("States.QueryEvaluationError", cause) == (
        "Bunsui.OutputType",
        "output b of job a must be a text, and is of the type number",
    )


def test_the_words_of_the_expression_itself_are_no_error() -> None:
    cause = THROWN.format("something else")
    assert named("States.QueryEvaluationError", cause) == ("States.QueryEvaluationError", cause)
    assert named("ValueError", "Bunsui.OutputType: x") == ("ValueError", "Bunsui.OutputType: x")


@pytest.mark.parametrize(
    ("assign", "contract"), [({"contract": 2}, 2), ({"session": "x"}, 1), (None, 1)], ids=["said", "unsaid", "nothing assigned"]
)
def test_a_compiled_machine_has_the_contract_that_it_assigns_or_the_first(assign: dict[str, Any] | None, contract: int) -> None:
    start = {"Type": "Pass"} if assign is None else {"Type": "Pass", "Assign": assign}
    assert contract_of({"StartAt": "_start", "States": {"_start": start}}) == contract
    assert contract_of({"StartAt": "first", "States": {"first": start}}) == 0


def test_the_classes_that_a_retry_may_name_are_those_that_are_known() -> None:
    known = task_errors("arn:aws:states:::lambda:invoke")
    assert all(names_of([name], known) not in ((), (name,)) for name in RETRY_CLASSES)
    assert names_of(["throttled"], known) == ("throttled",)
