"""Functions of an expression beyond the library's own: those of Step Functions, those whose time or chance is injected.

Source: developer guide, "Transforming data with JSONata in Step Functions", section "JSONata functions provided by Step
Functions". What it leaves open is as others measured it on AWS (github.com/floci-io/floci, pull request 2676): numbers are cut
towards zero, what makes no sense is undefined rather than an error, seeds are those of java.util.Random.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from typing import Any

from bunsui.engine.context import Sources
from bunsui.engine.jsonata.lists import replace, sort
from bunsui.engine.jsonata.program import MOST_ITEMS, TOO_MUCH_MEMORY, OutOfBounds
from bunsui.engine.jsonata.text import text_of
from bunsui.engine.jsonpath.intrinsics import hash_text, new_uuid
from bunsui.engine.jsonpath.java_random import JavaRandom

NAMES = frozenset(
    {
        "partition",
        "range",
        "hash",
        "random",
        "uuid",
        "parse",
        "now",
        "millis",
        "shuffle",
        "distinct",
        "string",
        "sort",
        "replace",
    }
)
"""The functions given here, without `$`."""
_LONG = 2**63


def bind_functions(sources: Sources, wanted: Collection[str]) -> dict[str, Any]:
    """Return the functions among the wanted names, ready to be bound as variables."""
    names = NAMES.intersection(wanted)
    if not names:
        return {}
    from jsonata import Jsonata

    functions = _functions(sources)
    made = {name: Jsonata.JLambda(_check_count(name, *functions[name])) for name in names if name in functions}
    return made | {name: _standard(name) for name in names if name in _STANDARD}


def _standard(name: str) -> Any:
    """Return a function of JSONata itself that is put right here, with its signature."""
    from jsonata import Jsonata

    signature, function = _STANDARD[name]
    made = Jsonata.JFunction(Jsonata.JLambda(function), signature)
    made.function_name = made.signature.function_name = name
    return made


_STANDARD: dict[str, tuple[str, Callable[..., Any]]] = {
    "string": ("<x-b?:s>", lambda value=None, prettify=None: text_of(value, prettify=bool(prettify))),
    "sort": ("<af?:a>", sort),
    "replace": ("<s-(sf)(sf)n?:s>", replace),
}
"""Of JSONata's functions those that the library has otherwise than jsonata 2.0.6 and AWS."""


def _functions(sources: Sources) -> dict[str, tuple[int, int, Callable[..., Any]]]:
    """Return every function with the least and the greatest number of arguments."""
    millis = int(sources.now().timestamp() * 1000)

    def now(picture: str | None = None, timezone: str | None = None) -> Any:
        from jsonata import functions

        return functions.Functions.datetime_from_millis(millis, picture, timezone)

    def chance(seed: Any = None) -> float:
        return sources.chance.random() if seed is None else JavaRandom(_whole("random", 1, seed)).next_double()

    def shuffle(items: Any = None) -> Any:
        return None if items is None else sources.chance.sample(items, len(items))

    return {
        "now": (0, 2, now),
        "millis": (0, 0, lambda: millis),
        "random": (0, 1, chance),
        "shuffle": (1, 1, shuffle),
        "uuid": (0, 0, lambda: new_uuid(sources.chance)),
        "partition": (1, 2, _partition),
        "range": (2, 3, _range),
        "hash": (1, 2, _hash),
        "parse": (0, 1, _parse),
        "distinct": (1, 1, _distinct),
    }


def _check_count(name: str, least: int, most: int, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if not least <= len(arguments) <= most:
            raise _error("T0410", min(len(arguments), most) + 1, name)
        return function(*arguments)

    return call


def _partition(items: Any = None, size: Any = None) -> Any:
    if items is None or items == []:
        return None
    listed = items if isinstance(items, list) else [items]
    if _is_null(items):
        raise _error("T0412", 1, "partition", "a")
    pieces = len(listed) if size is None else _whole("partition", 2, size)
    if pieces < 0:
        raise _error("D3137", "Second argument must be zero or greater")
    return [listed[at : at + pieces] for at in range(0, len(listed), pieces)] if pieces else None


def _range(first: Any = None, last: Any = None, by: Any = None) -> Any:
    if first is None or last is None or by is None:
        return None
    start, end, step = (_whole("range", at, value) for at, value in enumerate((first, last, by), 1))
    found = range(start, end + (1 if step > 0 else -1), step) if step else range(0)
    if len(found) > MOST_ITEMS:
        raise OutOfBounds(TOO_MUCH_MEMORY)
    if len(found) <= 1:
        return found[0] if found else None
    return list(found)


def _hash(text: Any = None, algorithm: Any = None) -> Any:
    if text is None or algorithm is None:
        return None
    for at, value in enumerate((text, algorithm), 1):
        if not isinstance(value, str):
            raise _error("T0410", at, "hash")
    try:
        return hash_text(text, algorithm)
    except ValueError as error:
        raise _error("D3137", str(error)) from error


def _parse(text: Any = None) -> Any:
    from jsonata import utils

    if text is None:
        return None
    if not isinstance(text, str):
        raise _error("T0410", 1, "parse")
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction)
    except (ValueError, RecursionError) as error:
        raise _error("D3137", "Invalid JSON") from error
    return utils.Utils.NULL_VALUE if found is None else found


def _distinct(items: Any = None) -> Any:
    """Return each item once; Python by itself takes true for 1."""
    from jsonata import utils

    if not isinstance(items, list) or len(items) <= 1:
        return items
    kept: list[Any] = utils.Utils.create_sequence() if isinstance(items, utils.Utils.JList) else []
    seen: set[tuple[bool, Any]] = set()
    for item in items:
        if isinstance(item, (str, int, float)):
            # Texts and numbers are most of what is compared, and need not be compared one by one.
            key = (isinstance(item, bool), item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
        elif not any(utils.Utils.is_deep_equal(item, one) for one in kept):
            kept.append(item)
    return kept


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


def _integer(digits: str) -> int | float:
    number = int(digits)
    return number if -_LONG <= number < _LONG else float(number)


def _fraction(digits: str) -> int | float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("the number is too large")
    return int(number) if number.is_integer() and abs(number) < _LONG else number


def _whole(function: str, at: int, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _error("T0410", at, function)
    return int(value)


def _is_null(value: Any) -> bool:
    from jsonata import utils

    return value is utils.Utils.NULL_VALUE


def _error(code: str, *values: Any) -> Exception:
    from jsonata import jexception

    made: Exception = jexception.JException(code, -1, *values)
    return made
