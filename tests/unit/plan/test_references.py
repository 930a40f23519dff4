"""References: what a value may become once they are known."""

from __future__ import annotations

import pytest
from hypothesis import given

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.values import Reference, Value
from bunsui.plan.references import as_written, may_become, resolve_references
from tests.unit.aws.stores.test_item import JSON

LATER = Reference(Address("lambda_function", "p", "job.op"), "version_arn")


@given(JSON)
def test_a_value_may_become_itself(value: Json) -> None:
    assert may_become(value, value)


def test_a_reference_may_become_any_text() -> None:
    before: dict[str, Value] = {"definition": {"Resource": LATER, "Next": ["a", LATER]}}
    assert may_become(before, resolve_references(before, lambda reference: "arn"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ([1, 2], [1]),
        ([1], {"0": 1}),
        ({"a": LATER}, {"a": 1}),
        ({"a": "x"}, {"a": "y"}),
        ({}, None),
        (1, 1.0),
    ],
)
def test_nothing_else_may_it_become(value: Value, written: Json) -> None:
    assert not may_become(value, written)


def test_what_is_no_json_yet_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="a Reference cannot be written"):
        as_written({"a": [LATER]})
    assert as_written({"a": (1, 2.5, None, True, "x")}) == {"a": [1, 2.5, None, True, "x"]}
