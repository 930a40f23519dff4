import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.asl.intrinsics import ARITY, IntrinsicSyntaxError, parse
from bunsui.engine.context import ExpressionScope, Sources
from bunsui.engine.failures import INTRINSIC, RUNTIME, StateFailure
from bunsui.engine.jsonpath.intrinsics import evaluate


def value(text: str, data: Any = None, **more: Any) -> Any:
    return evaluate(text, ExpressionScope(data=data, context={"Execution": {"Name": "run-1"}}, **more))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Array('a', 1, null, true, $.n)", ["a", 1, None, True, 4]),
        ("States.ArrayPartition($.list, 4)", [[1, 2, 3, 4], [5, 6]]),
        ("States.ArrayContains($.list, 5)", True),
        ("States.ArrayContains($.list, true)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayGetItem($.list, 5)", 6),
        ("States.ArrayLength($.list)", 6),
        ("States.ArrayUnique($.twice)", [1, "a", [1], True]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.JsonMerge($.one, $.two, false)", {"a": {"y": 2}, "b": 1}),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.StringToJson('')", None),
        ("States.JsonToString($.one)", '{"a":{"x":1},"b":1}'),
        ("States.MathAdd(1.5, -1.5)", 1),
        ("States.MathAdd($.n, -1)", 3),
        ("States.StringSplit('1,2;3', ',;')", ["1", "2", "3"]),
        ("States.StringSplit(',a,,b,', ',')", ["a", "b"]),
        ("States.Format('{} of {}', 'a', 2)", "a of 2"),
        ("States.Format('{}', $.one)", "{a={x=1}, b=1}"),
        ("States.Format('{} {}', null, true)", "null true"),
        ("States.Format('\\{\\} it\\'s {}', 'b')", "{} it's b"),
        ("States.Format('{}', $$.Execution.Name)", "run-1"),
        ("States.Format('{}', States.ArrayGetItem(States.StringSplit('a-b', '-'), 1))", "b"),
        ("States.ArrayLength($.list[1:])", 5),
    ],
)
def test_functions_give_what_the_developer_guide_says(call: str, expected: Any) -> None:
    data = {
        "list": [1, 2, 3, 4, 5, 6],
        "twice": [1, 1, "a", "a", [1], [1], True],
        "n": 4,
        "one": {"a": {"x": 1}, "b": 1},
        "two": {"a": {"y": 2}},
    }
    found = value(call, data)
    assert found == expected
    assert type(found) is type(expected)


def test_variables_are_read_too() -> None:
    assert value("States.Format('{}!', $who.name)", variables={"who": {"name": "Pikachu"}}) == "Pikachu!"


@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayGetItem($, 3)",
        "States.ArrayPartition($, 0)",
        "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayLength('text')",
        "States.Base64Decode('!')",
        "States.Hash('a', 'SHA-3')",
        "States.JsonMerge($, $, false)",
        "States.StringToJson('{')",
        "States.MathAdd('1', 2)",
        "States.MathRandom(5, 5)",
        "States.Format('{} {}', 1)",
        "States.Format('none', 1)",
    ],
)
def test_an_argument_that_a_function_does_not_take_is_an_intrinsic_failure(call: str) -> None:
    with pytest.raises(StateFailure) as caught:
        value(call, [1, 2])
    assert caught.value.error == INTRINSIC
    assert caught.value.cause.startswith(f"The function '{call}' had the following error: ")


def test_a_shallow_merge_is_the_only_one() -> None:
    with pytest.raises(StateFailure, match="shallow"):
        value("States.JsonMerge($, $, true)", {})


def test_a_path_that_finds_nothing_is_a_runtime_error_with_the_input() -> None:
    with pytest.raises(StateFailure) as caught:
        value("States.Format('{}', $.no)", {"a": 1})
    assert (caught.value.error, caught.value.cause) == (
        RUNTIME,
        "The JsonPath argument for the field '$.no' could not be found in the input '{\"a\":1}'",
    )


def test_chance_is_injected() -> None:
    def once() -> Any:
        return value("States.Array(States.UUID(), States.MathRandom(1, 1000))", sources=Sources(chance=random.Random(7)))

    assert once() == once()


def test_a_seed_repeats_the_number() -> None:
    assert value("States.MathRandom(1, 999, 3)") == value("States.MathRandom(1, 999, 3)")


@given(st.integers(-50, 50), st.integers(1, 50), st.integers())
def test_a_random_number_lies_between_its_ends(first: int, width: int, seed: int) -> None:
    found = value(f"States.MathRandom({first}, {first + width})", sources=Sources(chance=random.Random(seed)))
    assert first <= found < first + width


@pytest.mark.parametrize(
    "text",
    [
        "States.Nope()",
        "States.UUID(1)",
        "States.Format()",
        "States.Format('a'",
        "States.Format('a') x",
        'States.Format("a")',
        "States.Format('a' 'b')",
        "States.MathAdd(1,)",
        "States.Format('{}', $.a[)",
        "States.Format('He said \\\"{}\\\"', 'x')",
        "Format('a')",
        "States.MathAdd(1, 2x)",
    ],
)
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(IntrinsicSyntaxError):
        parse(text)


@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_the_pieces_of_a_partition_make_up_the_whole(items: list[int], size: int) -> None:
    pieces = value(f"States.ArrayPartition($, {size})", items)
    assert [item for piece in pieces for item in piece] == items
    assert all(len(piece) == size for piece in pieces[:-1])


@given(st.text(max_size=200))
def test_base64_there_and_back(text: str) -> None:
    assert value("States.Base64Decode(States.Base64Encode($))", text) == text


@pytest.mark.parametrize("name", ARITY)
def test_every_function_that_can_be_parsed_can_be_called(name: str) -> None:
    arguments = ", ".join(["$"] * ARITY[name][0])
    try:
        value(f"States.{name}({arguments})", {})
    except StateFailure as failure:
        refused = failure
    else:
        return
    assert refused.error == INTRINSIC


@pytest.mark.parametrize("call", ["States.Hash($.s, 'MD5')", "States.Base64Encode($.s)"])
def test_half_a_character_is_a_question_mark_in_bytes_as_in_java(call: str) -> None:
    broken, marked = (ExpressionScope(data={"s": text}, context={}) for text in ("a\ud800", "a?"))
    assert evaluate(call, broken) == evaluate(call, marked)
