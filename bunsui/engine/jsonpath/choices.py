"""Choice rules of JSONPath states.

Source: states-language.net, "Choice State", and the developer guide, "Choice workflow state"; recorded executions decide what
they leave open: a value of another type makes a comparison false, and every `...Path` operator compares like its sibling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from bunsui.asl.jsonpath import JsonPathSyntaxError, parse
from bunsui.engine.context import ExpressionScope
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonpath.intrinsics import look_up
from bunsui.engine.jsonpath.paths import PathError
from bunsui.model.json import Json
from bunsui.model.wildcards import fits

__all__ = ["first_match", "holds", "instant"]

_RULE_KEYS = frozenset({"Variable", "Next", "Comment", "Assign", "Output"})


def first_match(rules: Sequence[Mapping[str, Any]], scope: ExpressionScope) -> int | None:
    """Return the place of the first rule that holds, None when none does. Raises StateFailure."""
    for place, rule in enumerate(rules):
        if holds(rule, scope):
            return place
    return None


def holds(rule: Mapping[str, Any], scope: ExpressionScope) -> bool:
    """Tell whether a data-test expression or a combination of such holds. Raises StateFailure."""
    if "And" in rule:
        return all(holds(part, scope) for part in rule["And"])
    if "Or" in rule:
        return any(holds(part, scope) for part in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], scope)
    operator = next((key for key in rule if key not in _RULE_KEYS), "")
    expected = rule.get(operator)
    variable = str(rule.get("Variable", "$"))
    if operator == "IsPresent":
        return _is_present(variable, scope) == expected
    actual = _looked_up(variable, scope)
    if operator in _TYPE_TESTS:
        return _TYPE_TESTS[operator](actual) == expected
    if operator.endswith("Path"):
        return _compare(operator.removesuffix("Path"), actual, _looked_up(str(expected), scope))
    return _compare(operator, actual, expected)


def _is_present(path: str, scope: ExpressionScope) -> bool:
    try:
        found = look_up(_parse_path(path), scope)
    except PathError:
        return False
    return found != [] or _parse_path(path).definite


def _parse_path(path: str) -> Any:
    try:
        return parse(path)
    except JsonPathSyntaxError as error:
        raise StateFailure(RUNTIME, f"Invalid path '{path}' : {error}") from error


def _looked_up(path: str, scope: ExpressionScope) -> Json:
    try:
        return look_up(_parse_path(path), scope)
    except PathError as error:
        cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise StateFailure(RUNTIME, cause) from error


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_timestamp(value: Json) -> bool:
    return isinstance(value, str) and instant(value) is not None


_TYPE_TESTS: dict[str, Callable[[Json], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": _is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": _is_timestamp,
}

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "LessThan": lambda left, right: left < right,
    "GreaterThan": lambda left, right: left > right,
    "LessThanEquals": lambda left, right: left <= right,
    "GreaterThanEquals": lambda left, right: left >= right,
}


def _compare(operator: str, actual: Json, expected: Json) -> bool:
    if operator == "StringMatches":
        return isinstance(actual, str) and isinstance(expected, str) and fits(_parts(expected), actual)
    for kind, read in _COMPARABLE.items():
        relation = _RELATIONS.get(operator.removeprefix(kind)) if operator.startswith(kind) else None
        if relation is not None:
            left, right = read(actual), read(expected)
            return left is not None and right is not None and relation(left, right)
    raise StateFailure(RUNTIME, f"The choice rule has no known operator: {operator or 'none'}")


def _string(value: Json) -> Any:
    # UTF-16 code units decide the order, as in Java.
    return value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else None


_COMPARABLE: dict[str, Callable[[Json], Any]] = {
    "String": _string,
    "Numeric": lambda value: value if _is_number(value) else None,
    "Boolean": lambda value: value if isinstance(value, bool) else None,
    "Timestamp": lambda value: instant(value) if isinstance(value, str) else None,
}


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[str, ...]:
    """Read a StringMatches pattern: `*` takes any characters, a backslash makes the next character plain."""
    parts: list[list[str]] = [[]]
    chars = iter(text)
    for char in chars:
        if char == "*":
            parts.append([])
        else:
            parts[-1].append(next(chars, char) if char == "\\" else char)
    return tuple("".join(part) for part in parts)


_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)


def instant(text: str) -> datetime | None:
    """Return the moment that an RFC 3339 timestamp names, with capital T and Z; None when it is none."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return None
    day, time, fraction, sign, hours, minutes = found.groups()
    try:
        moment = datetime.strptime(f"{day}T{time}", "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - the zone follows
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset) if sign else UTC
        return moment.replace(microsecond=int(float(fraction or 0) * 1_000_000), tzinfo=zone)
    except ValueError:
        return None
