from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.asl.model import code
from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression
from bunsui.operations.integrations.attribute_values import plain_item, typed_item, typed_value
from tests.unit.operations.harness import Context, evaluated

SOURCES = Sources(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=Random(0))
CONTEXT = Context(operation=Operation(id="x", type="dynamodb", params=None))
NUMBERS = st.integers(-(2**40), 2**40) | st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 3))
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text("abc é漢", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.text("abc", min_size=1, max_size=3), PLAIN, max_size=3)


def numbers_alike(value: Any) -> Any:
    """Numbers travel as text, so that 2.0 may become 2."""
    if isinstance(value, dict):
        return {key: numbers_alike(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers_alike(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value


@given(ITEMS)
def test_an_item_comes_back_as_it_went(item: Any) -> None:
    stored = typed_item(item, CONTEXT)
    back = evaluated("{% " + plain_item("$stored") + " %}", stored=stored)
    assert numbers_alike(back) == numbers_alike(item)


@given(ITEMS)
def test_an_expression_is_converted_as_a_literal_is(item: Any) -> None:
    by_expression = evaluated(typed_item(Expression("$item"), CONTEXT), item=item)

    def parsed(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: float(inner) if key == "N" and isinstance(inner, str) else parsed(inner) for key, inner in value.items()
            }
        return [parsed(inner) for inner in value] if isinstance(value, list) else value

    assert parsed(by_expression) == parsed(typed_item(item, CONTEXT))


def test_each_type_has_its_letter() -> None:
    assert typed_value({"a": ["x", 1, 1.5, True, None]}, CONTEXT) == {
        "M": {"a": {"L": [{"S": "x"}, {"N": "1"}, {"N": "1.5"}, {"BOOL": True}, {"NULL": True}]}}
    }


def test_sets_and_binary_become_lists_and_text() -> None:
    stored = {"a": {"SS": ["x"]}, "b": {"NS": ["1", "2"]}, "c": {"B": "aGk="}, "d": {"NS": ["3"]}}
    assert evaluated("{% " + plain_item("$stored") + " %}", stored=stored) == {"a": ["x"], "b": [1, 2], "c": "aGk=", "d": [3]}


def test_an_item_that_is_not_there_is_an_empty_object() -> None:
    assert evaluated("{% " + plain_item("$result.Item") + " %}", result={}) == {}


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        ("12345678901234567890", "12345678901234567890"),
        ("9007199254740993", "9007199254740993"),  # 2^53 + 1, which no floating-point number is
        ("-175928847299117063", "-175928847299117063"),
        ("1700000000000000", 1700000000000000),
        ("999999999999999", 999999999999999),
        ("0.30000000000000004", 0.30000000000000004),
        ("12345678901234567890.5", "12345678901234567890.5"),
    ],
)
def test_a_number_that_would_lose_digits_stays_text(stored: str, plain: Any) -> None:
    found = read({"alone": {"N": stored}, "set": {"NS": [stored, "1"]}, "deep": {"L": [{"M": {"x": {"N": stored}}}]}})
    assert found == {"alone": plain, "set": [plain, 1], "deep": [{"x": plain}]}


def test_types_are_known_in_both_spellings_of_step_functions() -> None:
    stored = {"a": {"Bool": False}, "b": {"Nul": True}, "c": {"Ss": ["x"]}, "d": {"Ns": ["3"]}, "e": {"Bs": ["aGk="]}}
    assert read(stored) == {"a": False, "b": None, "c": ["x"], "d": [3], "e": ["aGk="]}


def test_a_type_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(EvaluationFailure, match="an attribute has a type that is not known"):
        read({"a": {"Q": 1}})


def read(stored: Any) -> Any:
    """Return the item as plain JSON, evaluated by the engine."""
    return evaluate(
        code(plain_item("$states.result.Item")), {"states": {"result": {"Item": stored}}}, field="f", sources=SOURCES
    )
