"""Everything of `jsonata-python` that the engine builds on: the one module of it that imports the library.

The library has one public call, `Jsonata(text).evaluate(input)`. Step Functions differs from it in bounds, time, chance and
functions, so that the engine reaches below: it subclasses the evaluator, binds functions of its own and shares the library's
values. Nobody promises any of that. What is used:

- evaluator: `Jsonata` with its methods `eval`, `apply_inner`, `evaluate_*` (overridden in `program` and `steps`), its
  attributes `ast`, `input`, `environment`, `CURRENT.jsonata` (the program that runs in this thread), and `Frame`;
- functions: `JLambda` and `JFunction` with a `signature`, by which arguments are checked as for the library's own;
- values: undefined is None, JSON's null is `NULL`, "no such name" is `NONE`, sequences are `JList` with `sequence`, `cons`,
  `keep_singleton`, `outer_wrapper`, `tuple_stream`;
- syntax trees: `type`, `value`, `steps`, `predicate`, `group`, `stages` and the other attributes of its symbols;
- errors: `JException(code, position, values …)`, whose texts `bunsui.asl.jsonata_messages` puts right.

`tests/unit/engine/jsonata/test_jsonata_python.py` holds the version and a digest of each against what was read: a newer
library makes it red before it can change a result. docs/decisions/0069 says why the library was not replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from jsonata import Jsonata, functions, jexception, parser, utils

__all__ = [
    "NONE",
    "NULL",
    "JException",
    "JList",
    "Jsonata",
    "call",
    "create_sequence",
    "error",
    "format_integer",
    "format_millis",
    "is_same",
    "join_surrogates",
    "native",
    "parse_millis",
]

NULL: Any = utils.Utils.NULL_VALUE
"""JSON's null; None is undefined."""
NONE: Any = utils.Utils.NONE
"""What a lookup gives for a name that is not there."""
JList: Any = utils.Utils.JList
JException: Any = jexception.JException


def error(code: str, *values: Any) -> Exception:
    """Return an error of JSONata; the values fill its text in their order."""
    made: Exception = jexception.JException(code, -1, *values)
    return made


def call(function: Any, arguments: Sequence[Any]) -> Any:
    """Call a function of an expression, be it written there or native."""
    return functions.Functions.func_apply(function, list(arguments))


def native(name: str, function: Callable[..., Any], signature: str = "") -> Any:
    """Return a Python function as one of JSONata; with a signature, arguments are checked and come from the context."""
    if not signature:
        return Jsonata.JLambda(function)
    made = _Native(Jsonata.JLambda(function), signature)
    made.function_name = made.signature.function_name = name
    return made


class _Native(Jsonata.JFunction):  # type: ignore[misc] # the library has no types
    """A function with a signature, which also a partial application can count."""

    def get_number_of_args(self) -> int:
        """Return how many arguments it takes at most."""
        count: int = self.signature.get_number_of_args()
        return count


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal as `=` has it."""
    return bool(utils.Utils.is_deep_equal(one, other))


def create_sequence(items: Sequence[Any] = ()) -> Any:
    """Return a sequence, which counts as its only member when it has one."""
    made = utils.Utils.create_sequence()
    made.extend(items)
    return made


def format_millis(millis: int, picture: str | None, timezone: str | None) -> Any:
    """Return the text of an instant by an XPath picture. Raises what the library raises."""
    return functions.Functions.datetime_from_millis(millis, picture, timezone)


def parse_millis(text: str, picture: str) -> Any:
    """Return the instant of a text by an XPath picture, None where it does not fit. Raises what the library raises."""
    return functions.Functions.datetime_to_millis(text, picture)


def format_integer(value: int, picture: str | None) -> Any:
    """Return the text of a whole number by an XPath picture. Raises what the library raises."""
    return functions.Functions.format_integer(value, picture)


def join_surrogates(tree: Any) -> None:
    """Make one character of each two that are written as the halves of one, everywhere in a syntax tree."""
    seen: set[int] = set()
    waiting: list[Any] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (list, tuple)):
            waiting.extend(part)
        elif isinstance(part, parser.Parser.Symbol) and id(part) not in seen:
            seen.add(id(part))
            if isinstance(part.value, str) and _SURROGATES.search(part.value):
                part.value = part.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
            waiting.extend(vars(part).values())


_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
