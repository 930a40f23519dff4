import pytest

from bunsui.asl.validation.answers import refusal
from bunsui.asl.validation.validate import validate
from tests.unit.asl.validation.definitions import jsonata, machine, only, passing, task, told

LOOP = machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"})


def test_a_machine_without_an_end_is_refused_at_no_place() -> None:
    finding = only(LOOP)
    assert (finding.code, finding.aws_code, finding.aws_location) == ("ASL012", "MISSING_END_STATE", None)
    assert refusal([finding]) == "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"


def test_an_unreachable_end_makes_the_loop_lawful_but_is_told() -> None:
    finding = only({**LOOP, "States": {**LOOP["States"], "C": passing()}})
    assert (finding.aws_message, finding.aws_location) == ('State "C" is not reachable.', "/States/C")


def test_a_missing_target_is_told_wherever_it_is_named() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "N1"}], "Default": "N2"}
    catching = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "N3"}])
    inner = {"Type": "Parallel", "Branches": [machine(Q={"Type": "Pass", "Next": "N4"}), machine(R=passing())], "Next": "C"}
    definition = machine(A=inner, C=choice, T=catching)
    places = {place for code, place in told(definition) if code == "ASL010"}
    assert places == {
        "/States/C/Choices[0]/Next",
        "/States/C/Default",
        "/States/T/Catch[0]/Next",
        "/States/A/Branches[0]/States/Q/Next",
    }


def test_a_dangling_next_comes_before_the_missing_end() -> None:
    assert told(machine(A={"Type": "Pass", "Next": "NOPE"})) == [("ASL010", "/States/A/Next"), ("ASL012", "")]


def test_a_wrong_start_reaches_nothing() -> None:
    assert told({"StartAt": "Nope", "States": {"A": passing()}}) == [("ASL010", "/StartAt"), ("ASL011", "/States/A")]


def test_a_near_name_is_suggested() -> None:
    hints = [finding.hint for finding in validate(machine(Extract={"Type": "Pass", "Next": "Laod"}, Load=passing()))]
    assert "Did you mean Load?" in hints


@pytest.mark.parametrize(
    ("state", "code"),
    [({"Type": "Pass"}, "ASL015"), ({"Type": "Pass", "End": False}, "ASL015"), (passing(Next="A"), "ASL015")],
)
def test_a_state_goes_on_or_ends(state: dict[str, object], code: str) -> None:
    assert code in [found for found, _ in told(machine(A=state, Z=passing()))]


def test_names_are_unique_across_branches_and_not_too_long() -> None:
    twice = {"Type": "Parallel", "Branches": [machine(Same=passing()), machine(Same=passing())], "End": True}
    assert only(machine(P=twice)).aws_code == "DUPLICATE_STATE_NAME"
    long = "x" * 81
    assert only({"StartAt": long, "States": {long: passing()}}).code == "ASL013"
    assert only({"StartAt": "a\tb", "States": {"a\tb": passing()}}).code == "ASL013"


def test_placeholders_are_taken_for_what_they_may_become() -> None:
    assert told(machine(A={"Type": "Pass", "Next": "${second}"}, B=passing())) == []
    assert (
        told(machine(A={"Type": "Task", "Resource": {"Fn::GetAtt": ["F", "Arn"]}, "TimeoutSeconds": "${t}", "End": True})) == []
    )


def test_a_nested_loop_needs_no_end() -> None:
    map_state = {"Type": "Map", "ItemProcessor": LOOP, "End": True}
    assert told(machine(M=map_state)) == []


def test_a_state_of_another_language_than_the_machine() -> None:
    finding = only(jsonata(A=passing(QueryLanguage="JSONPath", OutputPath="$.a")))
    assert finding.aws_message == "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    assert told(machine(A=passing(QueryLanguage="JSONata", Output="{% 1 %}"))) == []
