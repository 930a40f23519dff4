"""A JSON text is no object, and an object is no text: nothing converts one into the other but what says so.

The recordings cannot tell the two apart. Facts: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
(StringToJson, JsonToString), https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html ($parse, $string),
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (Cause is a string).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scripted import fails, gives, machine, played, task

TEXT = '{"a": 1.0,\n "b": [null]}'
VALUE: dict[str, Any] = {"a": 1.0, "b": [None]}


@pytest.mark.parametrize("given", [TEXT, VALUE])
def test_data_passes_as_it_is(given: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Parameters": {"x.$": "$.x"}, "ResultPath": "$.y"},
        "B": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": {"x": "{% $states.input.x %}", "y": "{% $states.input.y %}"},
        },
        "C": task(ResultSelector={"x.$": "$.x", "z.$": "$.y"}),
    }
    found = played(machine(**states), {"x": given}).output
    assert found == {"x": given, "z": {"x": given}}
    assert isinstance(found["x"], type(given))


def test_a_result_that_is_a_text_stays_one() -> None:
    assert played(machine(A=task()), A=[gives(TEXT)]).output == TEXT


def test_what_is_recorded_is_the_text_of_the_value_and_of_a_text_its_own_quoted_one() -> None:
    run = played(machine(A=task(), B={"Type": "Pass"}), {"x": 1}, A=[gives(TEXT)])
    assert run.details("LambdaFunctionSucceeded")[0]["output"] == json.dumps(TEXT)
    assert run.details("PassStateEntered")[0]["input"] == json.dumps(TEXT)


def test_an_intrinsic_function_converts_in_each_direction() -> None:
    convert = {"v.$": "States.StringToJson($.t)", "t.$": "States.JsonToString($.v)"}
    assert played(machine(A={"Type": "Pass", "Parameters": convert}), {"t": TEXT, "v": VALUE}).output == {
        "v": VALUE,
        "t": '{"a":1.0,"b":[null]}',
    }


def test_jsonata_converts_in_each_direction() -> None:
    output = {"v": "{% $parse($states.input.t) %}", "t": "{% $string($states.input.v) %}"}
    convert = {"QueryLanguage": "JSONata", **machine(A={"Type": "Pass", "Output": output})}
    assert played(convert, {"t": TEXT, "v": {"a": [1]}}).output == {"v": {"a": 1, "b": [None]}, "t": '{"a":[1]}'}


def test_a_path_does_not_look_into_a_text() -> None:
    run = played(machine(A={"Type": "Pass", "InputPath": "$.x.a"}), {"x": TEXT})
    assert run.execution.error == "States.Runtime"


def test_a_cause_that_is_a_json_text_is_caught_as_a_text() -> None:
    catch = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}])
    run = played(machine(A=catch, B={"Type": "Pass"}), A=[fails("E", '{"errorMessage":"m"}')])
    assert run.output == {"Error": "E", "Cause": '{"errorMessage":"m"}'}


def test_a_choice_tells_a_text_from_an_object() -> None:
    rules = [{"Variable": "$.x", "IsString": True, "Next": "Text"}]
    choice = {"Type": "Choice", "Choices": rules, "Default": "Other"}
    definition = machine(A=choice, Text={"Type": "Succeed"}, Other={"Type": "Succeed"})
    assert played(definition, {"x": TEXT}).entered == ["A", "Text"]
    assert played(definition, {"x": VALUE}).entered == ["A", "Other"]
