from typing import Any

import pytest

from bunsui.engine.context import ExpressionScope
from bunsui.engine.failures import RESULT_PATH, RUNTIME, StateFailure
from bunsui.engine.jsonpath.templates import fill, select, value_of, write
from bunsui.model.json import Json

SCOPE = ExpressionScope(data={"a": {"b": 1}}, context={"State": {"Name": "S"}}, variables={"v": [1, 2]})


def test_only_fields_ending_in_a_dollar_are_evaluated() -> None:
    template: Json = {"x.$": "$.a.b", "name.$": "$$.State.Name", "v.$": "$v[1]", "plain": "$.a", "list": [{"y.$": "$"}, "$.a"]}
    assert fill(template, SCOPE) == {
        "x": 1,
        "name": "S",
        "v": 2,
        "plain": "$.a",
        "list": [{"y": {"a": {"b": 1}}}, "$.a"],
    }


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("$.no", "The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{\"a\":{\"b\":1}}'"),
        (
            "$$.no",
            "The JSONPath '$$.no' specified for the field 'x.$' could not be found in the input '{\"State\":{\"Name\":\"S\"}}'",
        ),
    ],
)
def test_a_template_names_the_field_that_finds_nothing(text: str, cause: str) -> None:
    with pytest.raises(StateFailure) as caught:
        fill({"x.$": text}, SCOPE)
    assert (caught.value.error, caught.value.cause) == (RUNTIME, cause)


def test_a_path_field_names_the_path_that_finds_nothing() -> None:
    with pytest.raises(StateFailure) as caught:
        select("$.NoSuchInputPath", SCOPE)
    assert caught.value.cause == "Invalid path '$.NoSuchInputPath' : No results for path: $['NoSuchInputPath']"


def test_an_error_path_may_be_a_call() -> None:
    assert value_of("States.Format('{}!', $.a.b)", SCOPE, field="ErrorPath") == "1!"


def test_null_as_input_path_gives_an_empty_object_and_as_result_path_discards() -> None:
    assert select(None, SCOPE) == {}
    assert write(None, "result", {"kept": True}) == {"kept": True}


def test_a_result_is_written_beside_the_input() -> None:
    assert write("$.r", 1, {"a": 2}) == {"a": 2, "r": 1}
    assert write("$", 1, {"a": 2}) == 1


@pytest.mark.parametrize(("into", "shown"), [("text", '"text"'), ([1], "[1]")])
def test_a_result_cannot_be_written_into_what_is_no_object(into: Any, shown: str) -> None:
    with pytest.raises(StateFailure) as caught:
        write("$.r", 1, into)
    assert (caught.value.error, caught.value.cause) == (RESULT_PATH, f"Unable to apply ReferencePath $.r to input {shown}")


@pytest.mark.parametrize("text", ["$.a[", "States.Nope()", "nonsense"])
def test_what_cannot_be_parsed_fails_the_state_rather_than_the_engine(text: str) -> None:
    with pytest.raises(StateFailure):
        fill({"x.$": text}, SCOPE)
    with pytest.raises(StateFailure):
        select(text, SCOPE)
