"""What Step Functions would refuse in a compiled machine is told at the job that brought it in."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.asl.validation.validate import validate
from bunsui.compile.limits import refusals
from bunsui.compile.pipeline import compile_pipeline
from bunsui.diagnostics import Position
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.asl import AslParams
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE

PLACE = Position("pipelines/p.yaml", 7, 3)


def written_by_hand(**state: Any) -> Pipeline:
    params = AslParams(start_at="Mine", states={"Mine": {"Type": "Pass", "End": True, **state}})
    operation = Operation(id="op", type="asl", params=params)
    return Pipeline(name="p", path="pipelines/p.yaml", jobs=(Job(name="j", operations=(operation,), position=PLACE),))


def test_a_state_written_by_hand_that_would_be_refused_is_told_at_its_job() -> None:
    compiled = compile_pipeline(written_by_hand(Output="{% phone %}"), scope=SCOPE, registry=builtin_registry())
    (found,) = [finding for finding in compiled.diagnostics if finding.code == "BS429"]
    assert found.position == PLACE
    assert "phone" in found.summary
    assert "(ASL024)" in found.summary


@pytest.mark.parametrize("inner", ["x", None, 5, []])
def test_an_inner_state_that_is_no_mapping_is_told_at_its_job(inner: object) -> None:
    branches = [{"StartAt": "In", "States": {"In": inner}}]
    pipeline = written_by_hand(Type="Parallel", Branches=branches)
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    assert "BS429" in [finding.code for finding in compiled.diagnostics]


@pytest.mark.parametrize("states", ["x", None, 5, []])
def test_inner_states_that_are_no_mapping_are_told_at_their_job(states: object) -> None:
    pipeline = written_by_hand(Type="Parallel", Branches=[{"StartAt": "In", "States": states}])
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    assert "BS429" in [finding.code for finding in compiled.diagnostics]


def test_states_where_none_can_stand_are_told_at_their_job() -> None:
    inside = {"Condition": True, "Next": "Mine", "Iterator": {"StartAt": "In", "States": {"In": {"Type": "Succeed"}}}}
    pipeline = written_by_hand(Type="Choice", Choices=[inside])
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    assert "BS429" in [finding.code for finding in compiled.diagnostics]


def test_a_lawful_state_written_by_hand_is_not_told() -> None:
    compiled = compile_pipeline(written_by_hand(Output="{% $states.input %}"), scope=SCOPE, registry=builtin_registry())
    assert compiled.diagnostics == ()
    assert validate(compiled.definition) == ()


def test_who_does_not_ask_is_not_told_and_may_ask_later() -> None:
    pipeline = written_by_hand(Output="{% phone %}")
    compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry(), asks_whether_refused=False)
    assert compiled.diagnostics == ()
    assert [found.code for found in refusals(pipeline, compiled.definition)] == ["BS429"]
