"""The rules of Choice states.

Source: states-language.net, "Choice State"; developer guide, "Choice workflow state".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.validation.fields import object_field
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, other_language, unsupported_field
from bunsui.asl.validation.jsonpath_rules import path_field
from bunsui.asl.validation.numbers import is_code, is_number
from bunsui.asl.validation.timestamps import timestamp
from bunsui.asl.validation.views import StateView, is_opaque

_RELATIONS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_COMPARED = {"String": _RELATIONS, "Numeric": _RELATIONS, "Timestamp": _RELATIONS, "Boolean": ("Equals",)}
TYPE_TESTS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
OPERATORS: Mapping[str, str] = {
    **{f"{kind}{relation}": kind for kind, relations in _COMPARED.items() for relation in relations},
    **{f"{kind}{relation}Path": "Path" for kind, relations in _COMPARED.items() for relation in relations},
    **dict.fromkeys(TYPE_TESTS, "Boolean"),
    "StringMatches": "String",
}
"""Operator -> what stands beside it."""

_COMBINATIONS = ("And", "Or", "Not")
_RULE = frozenset({"Next", "Comment", "Assign"})
_DEPTH = 50


def choices(state: StateView) -> Iterator[DefinitionFinding]:
    """Check every rule of a Choice state."""
    rules = state.fields.get("Choices")
    if state.type != "Choice" or not isinstance(rules, list):
        return
    for index, rule in enumerate(rules):
        path = (*state.path, "Choices", index)
        if is_opaque(rule):
            continue
        if not isinstance(rule, Mapping):
            yield error("ASL004", path, "a choice rule must be an object", aws="Expected value of type [OBJECT]")
            continue
        if "Next" not in rule:
            yield error("ASL002", path, "the rule does not say which state is Next", aws="These fields are required: [Next]")
        elif not isinstance(rule["Next"], str) and not is_opaque(rule["Next"]):
            yield error("ASL004", (*path, "Next"), "Next must be a string", aws="Expected value of type [STRING]")
        yield from object_field(rule, "Assign", path)
        yield from _condition(rule, path) if state.language == "JSONata" else _test(rule, path, top=True)


def _condition(rule: Mapping[str, Any], path: Path) -> Iterator[DefinitionFinding]:
    for name in map(str, rule):
        if name in OPERATORS or name in (*_COMBINATIONS, "Variable"):
            yield other_language(path, name, used="JSONata", only="JSONPath", hint="Write a Condition.")
        elif name not in _RULE and name not in ("Condition", "Output"):
            yield unsupported_field(path, name, known=OPERATORS)
    if "Condition" not in rule:
        yield error("ASL002", path, "the rule has no Condition", aws="These fields are required: [Condition]")
    elif not isinstance(rule["Condition"], bool) and not is_code(rule["Condition"]) and not is_opaque(rule["Condition"]):
        words = "Expected value of type [BOOLEAN, JSONATA_EXPRESSION]"
        yield error("ASL060", (*path, "Condition"), "Condition must be an expression {% ... %}, true or false", aws=words)


def _test(rule: Mapping[str, Any], path: Path, *, top: bool, depth: int = 0) -> Iterator[DefinitionFinding]:
    if depth > _DEPTH:
        yield error("ASL080", path, "the rule is nested too deeply", aws_code="TOO_DEEPLY_NESTED")
        return
    for name in () if top else ("Next", "Assign"):
        if name in rule:
            words = f"Field '{name}' is not supported"
            yield error("ASL060", (*path, name), f"only the outermost rule has {name}", aws=words, at=path)
    combined = [key for key in _COMBINATIONS if key in rule]
    operators = [key for key in rule if key in OPERATORS]
    for name in map(str, rule):
        if name == "Condition" or name == "Output":
            yield other_language(path, name, used="JSONPath", only="JSONata")
        elif name not in OPERATORS and name not in (*_COMBINATIONS, "Variable") and name not in _RULE:
            yield unsupported_field(path, name, known=OPERATORS)
    if len(combined) + len(operators) != 1:
        if "Condition" not in rule:
            given = ", ".join([*combined, *operators]) or "none"
            message = f"a rule has exactly one comparison or one of And, Or, Not; this one has {given}"
            yield error("ASL060", path, message)
        return
    if combined:
        yield from _combination(combined[0], rule[combined[0]], (*path, combined[0]), depth)
        return
    yield from _comparison(rule, operators[0], path)


def _combination(key: str, inner: Any, path: Path, depth: int) -> Iterator[DefinitionFinding]:
    if key == "Not":
        parts: list[tuple[Any, Path]] = [(inner, path)]
    elif isinstance(inner, list) and inner:
        parts = [(part, (*path, index)) for index, part in enumerate(inner)]
    else:
        yield error("ASL060", path, f"{key} must be a list of rules that is not empty", aws="Value cannot be empty")
        return
    for part, place in parts:
        if isinstance(part, Mapping):
            yield from _test(part, place, top=False, depth=depth + 1)
        else:
            yield error("ASL004", place, "a choice rule must be an object", aws="Expected value of type [OBJECT]")


def _comparison(rule: Mapping[str, Any], operator: str, path: Path) -> Iterator[DefinitionFinding]:
    if "Variable" not in rule:
        yield error("ASL002", path, "the comparison has no Variable", aws="These fields are required: [Variable]")
    else:
        yield from path_field(rule["Variable"], (*path, "Variable"))
    value, place, kind = rule[operator], (*path, operator), OPERATORS[operator]
    if is_opaque(value):
        return
    if kind == "Path":
        yield from path_field(value, place)
    elif kind == "Timestamp":
        yield from timestamp(value, place)
    elif (
        (kind == "String" and not isinstance(value, str))
        or (kind == "Boolean" and not isinstance(value, bool))
        or (kind == "Numeric" and not is_number(value))
    ):
        words = f"Expected value of type [{'NUMBER' if kind == 'Numeric' else kind.upper()}]"
        yield error("ASL060", place, f"{operator} compares with a {kind.lower()} value", aws=words)
