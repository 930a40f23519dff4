"""Parallel and Choice shape their output on the embedded AWS as on the real one, and operations that rely on it work."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.values import Expression
from bunsui.operations.asl import AslParams
from bunsui.operations.choice import Case, ChoiceParams
from tests.embedded import EmbeddedAccount
from tests.executing import Run, compiled, echo, execute

pytestmark = [pytest.mark.embedded]

MACHINE: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "both",
    "States": {
        "both": {
            "Type": "Parallel",
            "Arguments": {"n": "{% $states.input.n + 1 %}"},
            "Branches": [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in ("left", "right")],
            "Output": {"sum": "{% $sum($states.result.n) %}", "given": "{% $states.input.n %}"},
            "Assign": {"first": "{% $states.result[0].n %}"},
            "Next": "which",
        },
        "which": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.sum = 0 %}", "Next": "never"}],
            "Default": "end",
            "Output": {"sum": "{% $states.input.sum %}", "first": "{% $first %}"},
        },
        "never": {"Type": "Fail"},
        "end": {"Type": "Pass", "End": True},
    },
}


def test_parallel_and_choice_shape_their_output(embedded_account: EmbeddedAccount) -> None:
    ended = execute(embedded_account, [Run(name="shape", definition=MACHINE, payload={"n": 1})])["shape"]
    assert (ended.status, ended.output) == ("SUCCEEDED", {"sum": 4, "first": 2})


def pipeline(*operations: Operation) -> Pipeline:
    job = Job(name="only", operations=operations, outputs={"found": Expression("$result")})
    return Pipeline(name="only", path="p.yaml", jobs=(job,))


def states(value: str) -> Operation:
    params = AslParams(
        start_at="A", states={"A": {"Type": "Pass", "Output": {"got": Expression(value)}, "End": True}}, input={"n": 2}
    )
    return Operation(id="states", type="asl", params=params)


def decides(condition: str) -> Operation:
    case = Case(when=Expression(condition), operations=(echo("yes", name="yes"),))
    return Operation(id="decide", type="choice", params=ChoiceParams(cases=[case]))


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        ([states("$states.input.n")], {"got": 2}),
        ([states("$states.input.n"), echo(Expression("$ops.states.got + 1"))], 3),
        ([decides("1 = 1")], "yes"),
        ([decides("1 = 2")], {}),
        ([echo(5, name="first"), decides("$result = 5"), echo(Expression("$result & '!'"))], "yes!"),
        ([echo(5, name="first"), decides("$result = 6"), echo(Expression("$count($keys($result))"))], 0),
    ],
)
def test_raw_states_and_choices_hand_on_their_result(
    embedded_account: EmbeddedAccount, operations: list[Operation], found: Any
) -> None:
    ended = execute(embedded_account, [Run(name="only", definition=compiled(pipeline(*operations)).definition)])["only"]
    assert ended.status == "SUCCEEDED", (ended.error, ended.cause)
    assert ended.output == {"only": {"found": found}}
