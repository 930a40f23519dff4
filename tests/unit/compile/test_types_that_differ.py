"""A text that is compared with a number fails the run, named, in the author's words."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.model.failures import COMPARED, named
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.executing import SCOPE


def ended(count: object, **changes: Any) -> tuple[str, str, str]:
    """Return how a run ends in which the first job's output is the count: status, error, cause."""
    first = Job(
        name="first",
        operations=(Operation(id="call", type="lambda", params=LambdaParams(function="first:1")),),
        outputs={"count": Expression("$result.count")},
    )
    call = Operation(id="call", type="lambda", params=LambdaParams(function="second:1"))
    second = Job(name="second", operations=(call,), depends_on=("first",), **changes)
    pipeline = Pipeline(name="differ", path="p.yaml", jobs=(first, second))
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    definition: Any = shown(compiled.definition)
    machine = MachineUnderTest(name="differ", definition=definition, order=("first", "second"))
    clock = VirtualClock(START)
    mocks: Any = {"first": [{"return": {"Payload": {"count": count}}}], "second": [{"return": {"Payload": {}}}]}
    result = machine.run(
        {"params": {}}, runner=MockedTasks(clock=clock, answers=machine.by_state(read_mocks(mocks))), clock=clock
    )
    return (result.status, *named(result.error or "", result.cause or ""))


WHEN = {"when": Expression("$jobs.first.count = 5")}
OUTPUT = {"outputs": {"full": Expression("$jobs.first.count = 5 ? 'yes' : 'no'")}}


@pytest.mark.parametrize("changes", [WHEN, OUTPUT], ids=["when", "outputs"])
def test_a_text_where_a_number_is_meant_fails_by_name(changes: dict[str, Any]) -> None:
    status, error, cause = ended("5", **changes)
    assert (status, error) == ("FAILED", COMPARED)
    assert cause == "$jobs.first.count is a text, and is compared with a number: write $number($jobs.first.count)"


@pytest.mark.parametrize("changes", [WHEN, OUTPUT], ids=["when", "outputs"])
@pytest.mark.parametrize("count", [5, 6, None])
def test_a_number_is_compared(changes: dict[str, Any], count: object) -> None:
    assert ended(count, **changes)[0] == "SUCCEEDED"
