"""What the engine uses of `jsonata-python` below its one public call is what it was when it was read.

Red after an upgrade? Read what changed in the library, run the reference suite (`test_reference_suite.py`), and put in the new
digests: `python -m tests.unit.engine.jsonata.test_jsonata_python`.
"""

from __future__ import annotations

import hashlib
import inspect
from importlib import metadata
from typing import Any

from jsonata import Jsonata, functions, jexception, parser, signature, tokenizer, utils

from bunsui.engine.jsonata.jsonata_python import NULL, JException, JList

VERSION = "0.7.1"
USED: dict[str, Any] = {
    "evaluator: the loop and what is overridden of it": (
        Jsonata.eval, Jsonata.evaluate, Jsonata.apply_inner, Jsonata.evaluate_binary, Jsonata.evaluate_unary,
        Jsonata.evaluate_path, Jsonata.evaluate_includes_expression, Jsonata.evaluate_numeric_expression,
        Jsonata.evaluate_string_concat,
        Jsonata.evaluate_boolean_expression,
    ),
    "evaluator: what the quicker steps call": (
        Jsonata.evaluate_filter, Jsonata.evaluate_group_expression, Jsonata.evaluate_wildcard, Jsonata.evaluate_descendants,
        Jsonata.evaluate_regex, Jsonata.evaluate_function, Jsonata.evaluate_name, Jsonata.evaluate_condition,
        Jsonata.evaluate_block,
        Jsonata.evaluate_bind_expression, Jsonata.evaluate_lambda, Jsonata.evaluate_partial_application,
        Jsonata.evaluate_apply_expression, Jsonata.evaluate_transform_expression,
    ),
    "functions: how they are bound and called": (
        Jsonata.Frame, Jsonata.JLambda, Jsonata.JFunction, signature.Signature, functions.Functions.func_apply,
        functions.Functions.hof_func_args, functions.Functions.get_function_arity,
    ),
    "functions: those that ours lean on": (
        functions.Functions.datetime_from_millis, functions.Functions.datetime_to_millis, functions.Functions.format_integer,
    ),
    "values": (utils.Utils,),
    "syntax: the parser and its tokens": (parser.Parser, tokenizer.Tokenizer),
    "errors": (jexception.JException,),
}  # fmt: skip
DIGESTS = {
    "evaluator: the loop and what is overridden of it": "c3d41720b20233e4",
    "evaluator: what the quicker steps call": "b7ae7ee28cca142a",
    "functions: how they are bound and called": "a1d6fac910b5fcf5",
    "functions: those that ours lean on": "cd3eab4be081a48d",
    "values": "e0da310c8f0a18a1",
    "syntax: the parser and its tokens": "43ba7080de8a17c9",
    "errors": "8c8ccf6b216873c5",
}


def digest(parts: tuple[Any, ...]) -> str:
    return hashlib.sha256("".join(inspect.getsource(part) for part in parts).encode()).hexdigest()[:16]


def test_the_library_is_the_one_that_was_read() -> None:
    assert metadata.version("jsonata-python") == VERSION


def test_the_room_hands_out_the_librarys_own() -> None:
    assert (NULL, JList, JException) == (utils.Utils.NULL_VALUE, utils.Utils.JList, jexception.JException)


def test_nothing_that_is_used_below_its_public_call_has_changed() -> None:
    assert {name: digest(parts) for name, parts in USED.items()} == DIGESTS


if __name__ == "__main__":
    for name, parts in USED.items():
        print(f'    "{name}": "{digest(parts)}",')  # noqa: T201 - for whoever renews the list
