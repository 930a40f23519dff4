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
from bunsui.engine.jsonata.bounds import MOST_ITEMS, TOO_MUCH_MEMORY, OutOfBounds
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
        "toMillis",
    }
)
"""The functions given here, without `$`."""
_LONG = 2**63


def bind_functions(sources: Sources, wanted: Collection[str]) -> dict[str, Any]:
    """Return the functions among the wanted names, ready to be bound as variables."""
    names = NAMES.intersection(wanted)
    if not names:
        return {}
    from bunsui.engine.jsonata.jsonata_python import native
    from bunsui.engine.jsonata.timestamps import millis_by

    functions = _functions(sources)
    made = {name: native(name, _check_count(name, *functions[name])) for name in names if name in functions}
    return made | ({"toMillis": native("toMillis", millis_by(sources.now), "<s-s?:n>")} if "toMillis" in names else {})


def _functions(sources: Sources) -> dict[str, tuple[int, int, Callable[..., Any]]]:
    """Return every function with the least and the greatest number of arguments."""
    millis = int(sources.now().timestamp() * 1000)

    def now(picture: str | None = None, timezone: str | None = None) -> Any:
        from bunsui.engine.jsonata.jsonata_python import format_millis

        return format_millis(millis, picture, timezone)

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
    from bunsui.engine.jsonata.jsonata_python import NULL

    if text is None:
        return None
    if not isinstance(text, str):
        raise _error("T0410", 1, "parse")
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction)
    except (ValueError, RecursionError) as error:
        raise _error("D3137", "Invalid JSON") from error
    return NULL if found is None else found


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
    from bunsui.engine.jsonata.jsonata_python import NULL

    return value is NULL


def _error(code: str, *values: Any) -> Exception:
    from bunsui.engine.jsonata.jsonata_python import error

    return error(code, *values)
