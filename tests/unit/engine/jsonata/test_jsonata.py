import random
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.context import Sources
from bunsui.engine.failures import QUERY_EVALUATION
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate, evaluate_as, fill, is_expression
from bunsui.model.json import Json

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
INPUT = {"a": [1], "n": None, "l": [None, 1, None], "f": 10.0, "o": {"deep": {"er": "x"}}}


def value(text: str, **variables: Any) -> Any:
    sources = Sources(now=lambda: MOMENT, chance=random.Random(1))
    return evaluate("{% " + text + " %}", {"states": {"input": INPUT}, **variables}, field="Output/x", sources=sources)


def cause(text: str, **variables: Any) -> str:
    with pytest.raises(EvaluationFailure) as caught:
        value(text, **variables)
    assert caught.value.error == QUERY_EVALUATION
    assert caught.value.location == "Output/x"
    return caught.value.cause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.o.deep.er", "x"),
        ("$states.input.a", [1]),
        ("$states.input.a[0]", 1),
        ("$v + 1", 3),
        ("$sum([1, 2, 3]) + $v", 8),
        ("[1..3]", [1, 2, 3]),
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$parse('{\"a\":[null]}')", {"a": [None]}),
        ("$now()", "2026-01-02T03:04:05.678Z"),
        ("$millis()", 1767323045678),
        ("$fromMillis($millis(), '[Y]')", "2026"),
        ("$map([1, 2], function($x) { $x * 2 })", [2, 4]),
        ("{'a': $nope}", {}),
        ("$exists($nope)", False),
        ("$made := 1", 1),
    ],
)
def test_expressions_give_json(text: str, expected: Any) -> None:
    assert value(text, v=2) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("$states.input.f", "10"), ("$states.input.f / 4", "2.5"), ("1 + 1", "2"), ("2 * 5.0", "10")]
)
def test_whole_numbers_have_no_fraction(text: str, expected: str) -> None:
    assert repr(value(text)) == expected


def test_null_is_a_value_and_undefined_is_none() -> None:
    assert value("null") is None
    assert value("$states.input.n") is None
    assert value("$v", v=None) is None
    assert value("$states.input.n = null") is True
    assert value("$v = null", v=None) is True
    assert value("$filter($states.input.l, function($x) { $x != null })") == 1
    assert value("$states.input.l") == [None, 1, None]


@pytest.mark.parametrize("text", ["$nope", "$states.input.nope", "$states.input.o.no.such"])
def test_an_undefined_result_is_refused(text: str) -> None:
    assert cause(text) == f"The JSONata expression '{text}' specified for the field 'Output/x' returned nothing (undefined)."


def test_a_function_is_no_result() -> None:
    told = (
        "The JSONata expression 'function($x) { $x }' specified for the field 'Output/x' returned an unsupported result type."
    )
    assert cause("function($x) { $x }") == told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$randomSeeded(1)", "T1006: Attempted to invoke a non-function"),
        ("$eval('1')", "T1006: Attempted to invoke a non-function"),
        ("$sum('a')", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$abs('a')", 'T0410: Argument 1 of function "abs" does not match function signature'),
        ("1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'),
        ("$number('x')", 'D3030: Unable to cast value to a number: "x"'),
        ("$error('boom')", "D3137: boom"),
        ("$range(1)", 'T0410: Argument 2 of function "range" does not match function signature'),
        ("$partition([1, 2], -1)", "D3137: Second argument must be zero or greater"),
        ("$partition(null, 2)", 'T0412: Argument 1 of function "partition" must be an array of "arrays"'),
        ("$parse('')", "D3137: Invalid JSON"),
        ('$parse(\'{"a":1,"a":2}\')', "D3137: Invalid JSON"),
        ("$parse(null)", 'T0410: Argument 1 of function "parse" does not match function signature'),
        ("$uuid(1)", 'T0410: Argument 1 of function "uuid" does not match function signature'),
        ("$hash(1, 'MD5')", 'T0410: Argument 1 of function "hash" does not match function signature'),
    ],
)
def test_errors_are_told_in_the_words_of_jsonata(text: str, message: str) -> None:
    frame = f"The JSONata expression '{text}' specified for the field 'Output/x' threw an error during evaluation. "
    assert cause(text) == frame + message


def bound_of(text: str) -> str:
    return cause(text).partition("threw an error during evaluation: ")[2]


def test_an_endless_loop_ends() -> None:
    assert bound_of("($f := function($n) { $f($n) }; $f(1))") == "Expression evaluation timeout: Check for infinite loop"


RECURSION = "($f := function($x) { $x <= 0 ? 0 : 1 + $f($x - 1) }; $f(%d))"


@pytest.mark.parametrize(
    ("deep", "deeper"),
    [
        ("1" + "+1" * 99, "1" + "+1" * 100),
        ("(" * 99 + "1" + ")" * 99, "(" * 100 + "1" + ")" * 100),
        ("1" + "~>$string" * 99, "1" + "~>$string" * 100),
        (RECURSION % 31, RECURSION % 32),
    ],
)
def test_nesting_ends_where_others_measured_that_it_ends_on_aws(deep: str, deeper: str) -> None:
    assert value(deep) is not None
    assert bound_of(deeper) == (
        "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. "
        "Depth=101 max=100"
    )


@pytest.mark.parametrize("text", ["$range(0, 1e15, 1)", "$pad('x', 1e12)", "$pad('x', -1e12)", "'x' ~> $pad(1e12)"])
def test_what_would_take_all_memory_is_not_even_begun(text: str) -> None:
    assert bound_of(text) == "Expression evaluation memory limit exceeded: Check for excessive memory usage"


def test_memory_ends_where_others_measured_that_it_ends_on_aws() -> None:
    assert value("[1..873782] ~> $count()") == 873782
    assert (
        bound_of("[1..873783] ~> $count()") == "Expression evaluation memory limit exceeded: Check for excessive memory usage"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / 0", "Infinity"),
        ("-1 / 0", "-Infinity"),
        ("[1 / 0]", ["Infinity"]),
        ("0 / 0", "NaN"),
        ("5.5 % 2", 1.5),
        ("-7 % 3", -1),
        ("$random(42)", 0.7275636800328681),
        ("$random(0.9)", 0.730967787376657),
        ("$range(3, 3, 1)", 3),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$count($range(1, 200000, 1))", 200000),
        ("$partition([1, 2, 3])", [[1, 2, 3]]),
        ("$parse('123456789012345678901234567890')", 123456789012345678901234567890.0),
        ("$map(['{\"a\":1}', '{\"a\":2}'], $parse).a", [1, 2]),
    ],
)
def test_odd_arguments_give_what_others_measured_on_aws(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text", ["$range(5, 1, 1)", "$range(1, 5)", "$range(1, 5, 0)", "$partition([], 2)", "$partition([1], 0)", "$hash('a')"]
)
def test_odd_arguments_may_give_nothing(text: str) -> None:
    assert cause(text).endswith("returned nothing (undefined).")


def test_an_unexpected_kind_of_result_is_refused_with_the_value() -> None:
    with pytest.raises(EvaluationFailure) as caught:
        evaluate_as("array", "{% $v %}", {"v": {"foo": "bar"}}, field="Items", sources=Sources())
    assert caught.value.cause == (
        "The JSONata expression '$v' specified for the field 'Items' returned an unexpected result type. "
        "Expected 'array', but was 'object' for value: {\"foo\":\"bar\"}"
    )


def test_templates_are_filled_and_name_the_field_that_fails() -> None:
    template: Json = {"a": "{% $v %}", "l": [1, "{% $v + 1 %}"], "not": " {% $v %} ", "n": None, "f": 0.5}
    filled = fill(template, {"v": 1}, field="Arguments", sources=Sources())
    assert filled == {"a": 1, "l": [1, 2], "not": " {% $v %} ", "n": None, "f": 0.5}
    with pytest.raises(EvaluationFailure) as caught:
        fill({"l": [1, {"x": "{% $no %}"}]}, {}, field="Arguments", sources=Sources())
    assert caught.value.location == "Arguments/l[1]/x"


def test_only_a_text_that_is_delimited_exactly_is_an_expression() -> None:
    assert [is_expression(text) for text in ("{% 1 %}", "{%1%}", " {% 1 %}", "{% 1 %} ", "{%}", 1)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_chance_comes_from_the_source() -> None:
    def drawn(seed: int) -> Any:
        sources = Sources(chance=random.Random(seed))
        return evaluate("{% [$uuid(), $random(), $shuffle([1..9])] %}", {}, field="x", sources=sources)

    assert drawn(1) == drawn(1) != drawn(2)
    assert value("$random(7)") == value("$random(7)")


def test_what_is_given_is_not_changed() -> None:
    given: dict[str, Any] = {"l": [3, 1, 2], "o": {"a": None}}
    value("($sort($v.l); $append($v.l, 4); $merge([$v.o, {'b': 1}]); $v ~> |o|{'a': 2}|)", v=given)
    assert given == {"l": [3, 1, 2], "o": {"a": None}}


def test_threads_do_not_disturb_each_other() -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        wrong.extend(at for at in range(100) if value("$sum([$v, 1, $v])", v=number) != 2 * number + 1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_a_value_passes_through_unchanged_by_the_short_way_and_the_long(given: Any) -> None:
    assert value("$v", v=given) == given
    assert value("{'whole': $v}", v=given) == {"whole": given}
