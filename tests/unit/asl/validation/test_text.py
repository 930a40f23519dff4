import json

import pytest

from bunsui.asl.validation.answers import validation_answer
from bunsui.asl.validation.validate import validate
from tests.unit.asl.validation.definitions import machine, only, passing, told


@pytest.mark.parametrize("text", ["", " \n", "[]", "1", '"text"', "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    finding = only(text)
    assert (finding.aws_code, finding.aws_message) == ("SCHEMA_VALIDATION_FAILED", "Definition must be a valid JSON object")


@pytest.mark.parametrize("text", ["{", "{not json", '{"a" 1}', "nope", '{"a": 1,}', "{'a': 1}"])
def test_what_is_no_json_is_refused_with_a_place(text: str) -> None:
    finding = only(text)
    assert finding.aws_code == "INVALID_JSON_DESCRIPTION"
    assert (finding.aws_location or "").startswith("[Source: (String)")


def test_a_key_written_twice_is_told() -> None:
    assert told('{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}') == [("ASL008", "/")]


def test_a_definition_that_is_too_long_is_refused() -> None:
    long = machine(A=passing(Result="x" * 1_048_576))
    assert only(json.dumps(long)).code == "ASL080"


@pytest.mark.parametrize("depth", [300, 20_000])
def test_a_definition_that_is_too_deep_is_refused(depth: int) -> None:
    assert only('{"a":' * depth + "1" + "}" * depth).code == "ASL080"


def test_the_answer_is_cut_and_says_so() -> None:
    findings = validate(machine(A=passing(Foo=1, Bar=2, Baz=3)))
    answer = validation_answer(findings, max_results=2)
    assert (answer["result"], answer["truncated"]) == ("FAIL", True)
    assert isinstance(answer["diagnostics"], list)
    assert len(answer["diagnostics"]) == 2


def test_warnings_are_told_only_when_asked_for() -> None:
    findings = validate(machine(A=passing(Result={"x.$": "$.a"})))
    assert validation_answer(findings) == {"result": "OK", "diagnostics": [], "truncated": False}
    told_too = validation_answer(findings, severity="WARNING")
    assert told_too["result"] == "OK"
    assert told_too["diagnostics"] != []
