from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Parameter, Pipeline
from bunsui.model.values import Expression
from bunsui.sessions.inputs import read_parameters, read_value


def parameter(name: str, kind: str, **schema: Json) -> Parameter:
    return Parameter(name=name, type=kind, schema={"type": kind, **schema})


PIPELINE = Pipeline(
    name="p",
    path="pipelines/p.yaml",
    parameters=(
        Parameter(
            name="date",
            type="string",
            schema={"type": "string", "format": "date"},
            default=Expression("$session.date"),
            required=False,
        ),
        Parameter(
            name="region", type="string", schema={"type": "string", "enum": ["japan", "us"]}, default="japan", required=False
        ),
        parameter("rows", "integer", minimum=1),
        Parameter(name="tags", type="array", schema={"type": "array"}, default=["a"], required=False),
    ),
)


def test_values_are_read_as_the_parameters_type_and_literal_defaults_filled_in() -> None:
    assert read_parameters(PIPELINE, ["rows=3", "date=2026-01-31"]) == {
        "date": "2026-01-31",
        "region": "japan",
        "rows": 3,
        "tags": ["a"],
    }


def test_a_default_that_is_an_expression_is_left_for_the_run() -> None:
    assert "date" not in read_parameters(PIPELINE, ["rows=3"])


def test_all_mistakes_are_told_at_once_by_parameter() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_parameters(PIPELINE, ["region=japn", "dat=2026-01-31", "date=31.1.2026", "tags={}", "novalue"])
    facts = caught.value.facts
    assert "did you mean japan?" in facts["parameter region"]
    assert "japan | us" in facts["parameter region"]
    assert facts["parameter dat"] == "no such parameter; did you mean date?"
    assert "format date" in facts["parameter date"]
    assert "array" in facts["parameter tags"]
    assert facts["parameter novalue"] == "write it as NAME=VALUE"
    assert facts["parameter rows"].startswith("missing")


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_parameters(PIPELINE, ["rows=1", "rows=2"])
    assert caught.value.facts == {"parameter rows": "given twice"}


def test_a_value_may_hold_an_equals_sign() -> None:
    pipeline = Pipeline(name="p", path="p", parameters=(parameter("q", "string"),))
    assert read_parameters(pipeline, ["q=a=b"]) == {"q": "a=b"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1.5"),
        ("integer", ""),
        ("number", "nan"),
        ("number", "inf"),
        ("boolean", "yes"),
        ("array", "3"),
    ],
)
def test_a_text_of_another_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        read_value(parameter("x", kind), text)


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.lists(st.integers())))
def test_what_json_writes_is_read_back(value: Json) -> None:
    kind = {bool: "boolean", int: "integer", float: "number", list: "array"}[type(value)]
    found = read_value(parameter("x", kind), json.dumps(value))
    assert found == value
    assert not isinstance(found, float) or math.isfinite(found)
