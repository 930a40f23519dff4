"""The condition of a Choice rule as one line that a reader takes in at a glance.

Source: states-language.net, "Choice State": comparisons of JSONPath are objects, a condition of JSONata is an expression.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SIGNS = {"Equals": "=", "LessThan": "<", "GreaterThan": ">", "LessThanEquals": "<=", "GreaterThanEquals": ">="}
_COMPARED = ("String", "Numeric", "Timestamp", "Boolean")
_RELATIONS: Mapping[str, str] = {
    "StringMatches": "matches",
    **{f"{kind}{relation}": sign for kind in _COMPARED for relation, sign in _SIGNS.items()},
}
_TESTS = {
    "IsNull": "null",
    "IsPresent": "present",
    "IsNumeric": "a number",
    "IsString": "a string",
    "IsBoolean": "a boolean",
    "IsTimestamp": "a timestamp",
}
_DEPTH = 50
"""The validator refuses deeper rules."""


def condition_text(rule: Mapping[str, Any]) -> str:
    """Return when a Choice rule applies, such as `$.n > 1 and not $.done = true`; what it cannot read is shown as JSON."""
    if "Condition" in rule:
        return _expression(rule["Condition"])
    return _test(rule, 0)


def _expression(condition: Any) -> str:
    text = condition if isinstance(condition, str) else json.dumps(condition)
    if text.startswith("{%") and text.endswith("%}"):
        text = text[2:-2]
    return " ".join(text.split())


def _test(rule: Any, depth: int) -> str:
    if not isinstance(rule, Mapping) or depth > _DEPTH:
        return _literal(rule) if depth <= _DEPTH else "…"
    if "Not" in rule:
        inner = rule["Not"]
        told = _type_test(inner, is_negated=True) if isinstance(inner, Mapping) else ""
        return told or f"not {_inside(inner, depth)}"
    for key, word in (("And", " and "), ("Or", " or ")):
        if isinstance(parts := rule.get(key), (list, tuple)):
            return word.join(_inside(part, depth) for part in parts)
    return _comparison(rule)


def _inside(rule: Any, depth: int) -> str:
    """Return a rule inside another, in parentheses where it combines others itself."""
    said = _test(rule, depth + 1)
    return f"({said})" if isinstance(rule, Mapping) and ("And" in rule or "Or" in rule) else said


def _comparison(rule: Mapping[str, Any]) -> str:
    if told := _type_test(rule, is_negated=False):
        return told
    variable = rule.get("Variable", "?")
    for operator, value in rule.items():
        if operator in _RELATIONS:
            return f"{variable} {_RELATIONS[operator]} {_literal(value)}"
        if operator.endswith("Path") and (relation := _RELATIONS.get(operator.removesuffix("Path"))):
            return f"{variable} {relation} {value}"
    return _literal({key: value for key, value in rule.items() if key not in ("Next", "Comment", "Assign")})


def _type_test(rule: Mapping[str, Any], *, is_negated: bool) -> str:
    """Return what a rule such as IsPresent asks, or its opposite; empty for every other rule."""
    for operator, words in _TESTS.items():
        if isinstance(value := rule.get(operator), bool):
            return f"{rule.get('Variable', '?')} is {'not ' if value is is_negated else ''}{words}"
    return ""


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
