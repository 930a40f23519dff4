"""Rules of a Choice state as conditions of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lifting.paths import PathReader
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.values import Computed, Handed, Literal
from bunsui.model.json import Json

_SIGNS = {"Equals": "=", "LessThanEquals": "<=", "GreaterThanEquals": ">=", "LessThan": "<", "GreaterThan": ">"}
_TYPES = {"String": "string", "Numeric": "number", "Boolean": "boolean"}
_TYPE_TESTS = {"IsString": "string", "IsNumeric": "number", "IsBoolean": "boolean", "IsNull": "null"}
_BESIDE = frozenset({"Variable", "Next", "Comment"})

_AROUND: Mapping[str, tuple[Json, ...]] = {"String": ("a", "b"), "Numeric": (1, 2), "Boolean": (True, False)}
"""Values of a type, for places that are compared with each other."""


def condition(rule: Mapping[str, Json], document: Handed, reader: PathReader) -> Computed:
    """Return what is true where the rule holds. Raises StaysRawError."""
    if "Condition" in rule:
        raise StaysRawError("the condition is JSONata")
    for key, word in (("And", " and "), ("Or", " or ")):
        parts = rule.get(key)
        if isinstance(parts, (list, tuple)):
            return _join_conditions([condition(_mapping(part), document, reader) for part in parts], word)
    if "Not" in rule:
        return Computed(("$not(", condition(_mapping(rule["Not"]), document, reader), ")"))
    operator = next((key for key in rule if key not in _BESIDE), "")
    return _compare_values(operator, rule.get("Variable"), rule.get(operator), document, reader)


def _join_conditions(parts: list[Computed], word: str) -> Computed:
    found: list[str | Handed] = []
    for part in parts:
        found += [word, "(", part, ")"]
    return Computed(tuple(found[1:]))


def _mapping(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise StaysRawError("a rule is no mapping")
    return value


def _compare_values(operator: str, variable: Json, expected: Json, document: Handed, reader: PathReader) -> Computed:
    if not isinstance(variable, str):
        raise StaysRawError("a rule has no Variable")
    left = reader.value(variable, document)
    if operator == "IsPresent":
        reader.note(left, may_be_absent=True)
        return Computed(("$exists(", left, ")") if expected else ("$not($exists(", left, "))"))
    if operator in _TYPE_TESTS:
        reader.note(left, values=_samples(_TYPE_TESTS[operator]))
        return Computed(("$type(", left, f") {'=' if expected else '!='} '{_TYPE_TESTS[operator]}'"))
    bare = operator.removesuffix("Path")
    kind = next((kind for kind in _TYPES if bare.startswith(kind)), "")
    sign = _SIGNS.get(bare.removeprefix(kind)) if kind else None
    if sign is None:
        raise StaysRawError(f"the rule compares by {operator or 'nothing'}")
    if operator.endswith("Path"):
        right = reader.value(str(expected), document)
        reader.note(left, values=_AROUND[kind])
        reader.note(right, values=_AROUND[kind])
    else:
        right = Literal(expected)
        reader.note(left, values=_near(expected))
    is_path = operator.endswith("Path")
    if sign == "=" and not is_path:
        return Computed((left, " = ", right))
    guarded = (left, right) if is_path else (left,)
    guards = [part for one in guarded for part in ("$type(", one, f") = '{_TYPES[kind]}' and ")]
    return Computed((*guards, left, f" {sign} ", right))


def _near(expected: Json) -> tuple[Json, ...]:
    """Return values on each side of one."""
    if isinstance(expected, bool):
        return (expected, not expected)
    if isinstance(expected, (int, float)):
        return (expected, expected - 1, expected + 1)
    return (expected, f"{expected}-other", "")


def _samples(kind: str) -> tuple[Json, ...]:
    return ("text", 1, True, None) if kind != "null" else (None, "text")
