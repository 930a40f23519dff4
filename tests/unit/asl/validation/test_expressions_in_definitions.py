from typing import Any

import pytest

from bunsui.asl.validation.validate import validate
from tests.unit.asl.validation.definitions import jsonata, machine, only, passing, task, told


def choice(rule: dict[str, Any]) -> dict[str, Any]:
    return machine(A={"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}, B=passing())


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("a[1,2)", "INVALID_JSONATA_EXPRESSION", 'Expected "]", got ","'),
        ('"unterminated', "INVALID_JSONATA_EXPRESSION", "String literal must be terminated by a matching quote"),
        ("1 +", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"),
        ('{"a":}', "INVALID_JSONATA_EXPRESSION", 'The symbol "}" cannot be used as a unary operator'),
        ("$x :=", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"),
        ('$match("a", /abc', "INVALID_JSONATA_EXPRESSION", "No terminating / in regular expression"),
        ("phone %.other", "INVALID_JSONATA_EXPRESSION", 'The symbol "." cannot be used as a unary operator'),
        ("", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"),
        ("phone", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'phone' at the top level is not supported."),
        ("$$", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' is not supported."),
        ("$states.errorOutput", "UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.errorOutput' does not exist."),
    ],
)
def test_jsonata_is_refused_as_others_measured_it_on_aws(text: str, code: str, message: str) -> None:
    finding = only(jsonata(A=passing(Output={"v": "{% " + text + " %}"})))
    assert (finding.aws_code, finding.aws_message, finding.aws_location) == (code, message, "/States/A/Output/v")


def test_the_error_output_is_there_in_a_catch() -> None:
    catch = {
        "ErrorEquals": ["States.ALL"],
        "Next": "B",
        "Output": "{% $states.errorOutput %}",
        "Assign": {"e": "{% $states.errorOutput.Error %}"},
    }
    assert validate(jsonata(A=task(Catch=[catch]), B=passing(Output="{% $e %}"))) == ()


@pytest.mark.parametrize(
    "field",
    [
        {"Parameters": {"x.$": "nonsense"}},
        {"Parameters": {"x.$": 5}},
        {"Parameters": {"x.$": "States.Nope()"}},
        {"Assign": {"x.$": "$.a["}},
    ],
)
def test_a_template_holds_paths_and_calls(field: dict[str, Any]) -> None:
    finding = only(machine(A=passing(**field)))
    assert finding.aws_message == "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"
    assert finding.aws_location == f"/States/A/{next(iter(field))}"


@pytest.mark.parametrize("field", [{"InputPath": "a"}, {"OutputPath": 5}, {"ResultPath": "$.a[*]"}, {"ResultPath": "$$.a"}])
def test_path_fields_hold_paths(field: dict[str, Any]) -> None:
    assert [code for code, _ in told(machine(A=passing(**field)))] in (["ASL021"], ["ASL004"])


@pytest.mark.parametrize(
    "field",
    [
        {"InputPath": None},
        {"ResultPath": None},
        {"OutputPath": "$$"},
        {"InputPath": "$.[0].a "},
        {"ResultPath": "$['a b'].c[0]"},
    ],
)
def test_lawful_paths_are_accepted(field: dict[str, Any]) -> None:
    assert validate(machine(A=passing(**field))) == ()


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.x", "StringEquals": "a"},
        {"Variable": "$.x", "NumericLessThanEqualsPath": "$.y"},
        {"And": [{"Variable": "$.x", "IsPresent": True}, {"Not": {"Variable": "$.x", "IsNull": True}}]},
        {"Variable": "$.x", "TimestampGreaterThan": "2016-03-14T01:59:00Z", "Comment": "c", "Assign": {"y": 1}},
        {"Variable": "$.x", "StringEquals": "${X}"},
    ],
)
def test_lawful_rules_are_accepted(rule: dict[str, Any]) -> None:
    assert validate(choice(rule)) == ()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"Variable": "$.x"}, "ASL060"),
        ({"Variable": "$.x", "StringEquals": "a", "NumericEquals": 1}, "ASL060"),
        ({"StringEquals": "a"}, "ASL002"),
        ({"Variable": "$.x", "StringEquals": 1}, "ASL060"),
        ({"Variable": "$.x", "IsPresent": "true"}, "ASL060"),
        ({"Variable": "x", "IsPresent": True}, "ASL021"),
        ({"Variable": "$.x", "TimestampEquals": "today"}, "ASL070"),
        ({"And": []}, "ASL060"),
        ({"Not": [1]}, "ASL004"),
        ({"And": [{"Variable": "$.x", "IsNull": True, "Next": "B"}]}, "ASL060"),
        ({"Variable": "$.x", "StringEqual": "a"}, "ASL003"),
        ({"Condition": "{% true %}"}, "ASL020"),
    ],
)
def test_unlawful_rules_are_refused(rule: dict[str, Any], code: str) -> None:
    assert code in [finding.code for finding in validate(choice(rule)) if finding.is_error]


def test_jsonata_rules_have_conditions() -> None:
    definition = choice({"Condition": "{% $states.input.x %}"}) | {"QueryLanguage": "JSONata"}
    assert validate(definition) == ()
    for rule in ({"Condition": "true"}, {}, {"Variable": "$.x", "IsNull": True}):
        assert any(finding.is_error for finding in validate(choice(rule) | {"QueryLanguage": "JSONata"}))


def test_an_inner_scope_cannot_assign_an_outer_variable() -> None:
    inner = {"Type": "Parallel", "Branches": [machine(Q=passing(Assign={"x": 2, "mine": 1}))], "End": True}
    outer = {"Type": "Pass", "Assign": {"x": 1}, "Next": "P"}
    finding = only(machine(A=outer, P=inner))
    assert (finding.code, finding.is_error, finding.aws_location) == ("ASL031", True, "/States/P/Branches[0]/States/Q/Assign/x")
    deep = {"Type": "Map", "ItemProcessor": machine(P=inner), "End": True}
    assert told(machine(A={**outer, "Next": "M"}, M=deep)) == [
        ("ASL031", "/States/M/ItemProcessor/States/P/Branches[0]/States/Q/Assign/x")
    ]


def test_a_variable_that_the_outer_scope_assigns_later_is_a_warning() -> None:
    branch = machine(Q=passing(Assign={"x": 2}))
    finding = only(machine(P={"Type": "Parallel", "Branches": [branch], "Assign": {"x": 1}, "End": True}))
    assert (finding.code, finding.is_error) == ("ASL031", False)


def test_sibling_scopes_may_share_names_and_children_see_nothing() -> None:
    branches = [machine(Q=passing(Assign={"x": 2})), machine(R=passing(Assign={"x": 2}))]
    assert validate(machine(A={"Type": "Parallel", "Branches": branches, "End": True})) == ()
    children = {**machine(C=passing(Assign={"x": 1})), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    assert validate(machine(M={"Type": "Map", "ItemProcessor": children, "Assign": {"x": 1}, "End": True})) == ()


@pytest.mark.parametrize("name", ["1x", "a-b", "", "states", "x" * 81])
def test_variables_have_names(name: str) -> None:
    assert only(machine(A=passing(Assign={name: 1}))).code == "ASL030"


def test_a_variable_that_nobody_assigns_is_a_warning() -> None:
    for definition in (
        jsonata(A=passing(Output="{% $nope %}")),
        machine(A=passing(Parameters={"x.$": "States.Format('{}', $nope.a)"})),
    ):
        finding = only(definition)
        assert (finding.code, finding.is_error) == ("ASL032", False)
    assert validate(jsonata(A=passing(Output="{% $exists($nope) ? $nope : 1 %}"))) == ()


def test_a_path_that_nobody_wrote_is_told_where_it_is_certain() -> None:
    made = {"Type": "Pass", "Result": {"a": 1}, "Next": "B"}
    assert only(machine(A=made, B=passing(Parameters={"x.$": "$.b"}))).code == "ASL090"
    assert validate(machine(A=made, B=passing(Parameters={"x.$": "$.a.deep"}))) == ()
    assert validate(machine(A={**made, "ResultPath": "$.r"}, B=passing(Parameters={"x.$": "$.b"}))) == ()
    assert validate(machine(B=passing(Parameters={"x.$": "$.b"}))) == ()


def test_where_two_ways_meet_a_field_of_either_may_exist() -> None:
    definition = machine(
        A={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}], "Default": "C"},
        B={"Type": "Pass", "Result": {"b": 1}, "Next": "D"},
        C={"Type": "Pass", "Result": {"c": 1}, "Next": "D"},
        D=passing(Parameters={"b.$": "$.b"}),
    )
    assert validate(definition) == ()


def test_a_task_that_waits_should_pass_its_token_on() -> None:
    state = task(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"MessageBody": "x"})
    assert only(machine(A=state)).code == "ASL043"


def test_what_looks_like_an_expression_and_is_none_is_a_warning() -> None:
    assert only(machine(A=passing(Parameters={"x": "{% 1 %}"}))).code == "ASL025"
    assert only(machine(A=passing(Result={"x.$": "$.a"}))).aws_code == "PASS_RESULT_IS_STATIC"


@pytest.mark.parametrize("text", ["{% $timeout }", "{% 10 %", "$timeout %}", "{%}"])
def test_an_expression_that_is_opened_or_closed_wrongly_is_refused(text: str) -> None:
    assert only(jsonata(A=passing(Output={"v": text}))).code == "ASL023"


@pytest.mark.parametrize("text", [" {% $states.input %} ", "${X} %}", "100 %", "{ % }"])
def test_other_texts_are_constants(text: str) -> None:
    assert validate(jsonata(A=passing(Output={"v": text}))) == ()


def test_a_template_makes_every_field_once() -> None:
    assert only(machine(A=passing(Parameters={"x": 1, "x.$": "$.x"}))).code == "ASL008"


@pytest.mark.parametrize("field", [{"Parameters": {"x.$": "$.a[?(@.b==es)].c"}}, {"InputPath": "$.a[?(@.b==es)].c"}])
def test_a_text_without_quotes_in_a_filter_is_a_warning(field: dict[str, Any]) -> None:
    finding = only(machine(A=passing(**field)))
    assert (finding.code, finding.is_error, finding.hint) == ("ASL021", False, "Write 'es'.")


def test_a_call_may_end_in_white_space() -> None:
    assert validate(machine(A=passing(Parameters={"x.$": "States.Format('{}', $.n) "}))) == ()


def test_an_error_and_a_cause_take_functions_that_give_texts() -> None:
    assert validate(machine(A={"Type": "Fail", "ErrorPath": "States.Format('{}', $.n)"})) == ()
    assert only(machine(A={"Type": "Fail", "CausePath": "States.Array($.n)"})).code == "ASL022"
