"""The functions that Step Functions adds to JSONata, and those whose time or chance is injected.

Source: developer guide, "Transforming data with JSONata in Step Functions", section "JSONata functions provided by Step
Functions".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection
from typing import Any

from bunsui.engine.context import Sources
from bunsui.engine.intrinsics import hashed, new_uuid, partitioned, rounded, span

NAMES = frozenset({"partition", "range", "hash", "random", "uuid", "parse", "now", "millis", "shuffle"})
"""The functions given here, without `$`."""


def bound(sources: Sources, wanted: Collection[str]) -> dict[str, Any]:
    """Give the functions among the wanted names, ready to be bound as variables."""
    names = NAMES.intersection(wanted)
    if not names:
        return {}
    from jsonata import Jsonata

    functions = _functions(sources)
    return {name: Jsonata.JLambda(functions[name]) for name in names}


def _functions(sources: Sources) -> dict[str, Callable[..., Any]]:
    moment = sources.now()
    millis = int(moment.timestamp() * 1000)

    def now(picture: str | None = None, timezone: str | None = None, *_: Any) -> Any:
        from jsonata import functions

        return functions.Functions.datetime_from_millis(millis, picture, timezone)

    def chance(seed: Any = None, *_: Any) -> float:
        if seed is None:
            return sources.chance.random()
        return random.Random(_number("random", 1, seed)).random()  # noqa: S311 - a repeatable number is what a seed asks for

    def shuffle(items: Any = None, *_: Any) -> Any:
        return None if items is None else sources.chance.sample(items, len(items))

    return {
        "now": now,
        "millis": lambda *_: millis,
        "random": chance,
        "shuffle": shuffle,
        "uuid": lambda *_: new_uuid(sources.chance),
        "partition": _partition,
        "range": _range,
        "hash": _hash,
        "parse": _parse,
    }


def _partition(items: Any = None, size: Any = None, *_: Any) -> Any:
    if items is None or size is None:
        return None
    listed = items if isinstance(items, list) else [items]
    return _said("partition", partitioned, listed, rounded(_number("partition", 2, size)))


def _range(first: Any = None, last: Any = None, by: Any = None, *_: Any) -> Any:
    if first is None or last is None or by is None:
        return None
    ends = [rounded(_number("range", at, value)) for at, value in enumerate((first, last, by), 1)]
    return _said("range", span, *ends)


def _hash(text: Any = None, algorithm: Any = None, *_: Any) -> Any:
    if text is None or algorithm is None:
        return None
    for at, value in enumerate((text, algorithm), 1):
        if not isinstance(value, str):
            raise _wrong_argument("hash", at)
    return _said("hash", hashed, text, algorithm)


def _parse(text: Any = None, *_: Any) -> Any:
    from jsonata import utils

    if text is None:
        return None
    if not isinstance(text, str):
        raise _wrong_argument("parse", 1)
    found = _said("parse", json.loads, text)
    return utils.Utils.NULL_VALUE if found is None else found


def _number(function: str, at: int, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_argument(function, at)
    return value


def _wrong_argument(function: str, at: int) -> Exception:
    from jsonata import jexception

    wrong: Exception = jexception.JException("T0410", -1, at, function)
    return wrong


def _said(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call; a ValueError becomes an error of the expression with the function's name."""
    from jsonata import jexception

    try:
        return function(*arguments)
    except ValueError as error:
        raise jexception.JException("D3137", -1, f"${name}: {error}") from error
