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
from bunsui.sessions.inputs import _READERS, _unknown_parameter, read_parameters, read_value


def parameter(name: str, kind: str, **schema: Json) -> Parameter:
    return Parameter(name=name, type=kind, schema={"type": kind, **schema})


def test_every_type_that_a_parameter_can_have_is_read() -> None:
    assert set(_READERS) == {"string", "integer", "number", "boolean", "array", "object"}


@pytest.mark.parametrize(
    ("name", "told"),
    [("daxx", "; did you mean date?"), ("dxxx", ""), ("dates", "; did you mean date?"), ("dat", "; did you mean date?")],
)
def test_a_name_half_of_which_is_right_is_taken_for_a_slip(name: str, told: str) -> None:
    known = {each: parameter(each, "string") for each in ("date", "rates")}
    assert _unknown_parameter(name, known) == f"no such parameter{told}"


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


MANY = Pipeline(
    name="p",
    path="p",
    parameters=(
        Parameter(name="day", type="string", schema={"type": "string", "format": "date"}, description="which day"),
        Parameter(name="code", type="string", schema={"pattern": "^[a-z]+$"}),
        Parameter(name="rows", type="integer", schema={"minimum": 1, "maximum": 9}),
        Parameter(name="zone", type="string", schema={"enum": ["east", "west"]}, default="east", required=False),
        Parameter(name="free", type="string", schema={}, required=False),
        Parameter(name="given", type="string", schema={}, default="x"),
    ),
)


def test_every_mistake_is_told_whole_and_in_its_order() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_parameters(MANY, ["zone=ost", "x", "rowz=1", "nothing_like_it=1", "rows=0", "rows=x", "zone=est"])
    assert caught.value.code == "bad-parameters"
    assert caught.value.facts == {
        "parameter zone": "'est' is not one of ['east', 'west']; allowed: east | west; did you mean west?",
        "parameter x": "write it as NAME=VALUE",
        "parameter rowz": "no such parameter; did you mean rows?",
        "parameter nothing_like_it": "no such parameter",
        "parameter rows": "'x' is not an integer",
        "parameter day": "missing; give --param day=… (string, format date): which day",
        "parameter code": "missing; give --param code=… (string, pattern ^[a-z]+$)",
    }
    assert caught.value.hint == (
        "Parameters of this pipeline: day (string, format date), code (string, pattern ^[a-z]+$), "
        "rows (integer, minimum 1, maximum 9), zone (east | west), free (string), given (string)"
    )


def test_a_value_against_the_schema_is_told_with_what_the_parameter_is_for() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_parameters(MANY, ["day=today", "code=a", "rows=10"])
    assert caught.value.facts == {
        "parameter day": "'today' is not a 'date'; allowed: string, format date: which day",
        "parameter rows": "10 is greater than the maximum of 9; allowed: integer, minimum 1, maximum 9",
    }


def test_what_is_given_stands_in_the_order_of_the_pipeline_with_the_defaults() -> None:
    found = read_parameters(MANY, ["rows=9", "code=a", "day=2026-01-31"])
    assert list(found.items()) == [("day", "2026-01-31"), ("code", "a"), ("rows", 9), ("zone", "east"), ("given", "x")]
    assert read_parameters(Pipeline(name="p", path="p"), []) == {}
    with pytest.raises(InvalidInput) as caught:
        read_parameters(Pipeline(name="p", path="p"), ["a=1"])
    assert caught.value.hint == "Parameters of this pipeline: none"
