"""IAM policy documents: canonical form.

Sources: IAM user guide, "Grammar of the IAM JSON policy language" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.kinds.canonical.json import canonical_json, canonical_set, encoded, read_object
from bunsui.model.values import Value

LISTS = ("Action", "NotAction", "Resource", "NotResource")
"""Elements of a statement that are one text or a set of texts."""

_PRINCIPALS = ("Principal", "NotPrincipal")
_ROOT = re.compile(r"^arn:aws[a-z-]*:iam::([0-9]{12}):root$")


def canonical_policy(value: Value) -> Value:
    """Return a policy document in canonical form: parsed when it is text, one text as a list of one, sets sorted, an account's
    root ARN as the account's number, `Principal: "*"` as `{"AWS": ["*"]}`, empty Sids left out, statements in a fixed order.

    What is no policy document comes back as `canonical_json` gives it.
    """
    parsed = read_object(value)
    if not isinstance(parsed, Mapping):
        return canonical_json(parsed)
    result = {key: canonical_json(item) for key, item in parsed.items() if key != "Statement"}
    if "Statement" in parsed:
        given = parsed["Statement"]
        statements = list(given) if isinstance(given, (list, tuple)) else [given]
        unique = {encoded(done): done for done in (_statement(statement) for statement in statements)}
        result["Statement"] = [unique[key] for key in sorted(unique)]
    return {key: result[key] for key in sorted(result)}


def _statement(statement: Value) -> Value:
    if not isinstance(statement, Mapping):
        return canonical_json(statement)
    result: dict[str, Value] = {}
    for key in sorted(statement):
        value = statement[key]
        if key == "Sid" and value == "":
            continue
        if key == "Condition" and value == {}:
            continue
        if key in LISTS:
            result[key] = canonical_set(_as_list(value))
        elif key in _PRINCIPALS:
            result[key] = _principal(value)
        elif key == "Condition" and isinstance(value, Mapping):
            result[key] = {operator: _condition(value[operator]) for operator in sorted(value)}
        else:
            result[key] = canonical_json(value)
    return result


def _as_list(value: Value) -> Value:
    return value if isinstance(value, (list, tuple)) else [value]


def _principal(value: Value) -> Value:
    if value == "*":
        return {"AWS": ["*"]}
    if not isinstance(value, Mapping):
        return canonical_json(value)
    result: dict[str, Value] = {}
    for kind in sorted(value):
        names = value[kind]
        listed = list(names) if isinstance(names, (list, tuple)) else [names]
        result[kind] = canonical_set([_account(name) if kind == "AWS" else name for name in listed])
    return result


def _account(name: Value) -> Value:
    match = _ROOT.match(name) if isinstance(name, str) else None
    return match.group(1) if match else name


def _condition(tests: Value) -> Value:
    if not isinstance(tests, Mapping):
        return canonical_json(tests)
    result: dict[str, Value] = {}
    for key in sorted(tests):
        values = tests[key]
        listed = list(values) if isinstance(values, (list, tuple)) else [values]
        result[key] = canonical_set([_condition_text(item) for item in listed])
    return result


def _condition_text(value: Value) -> Value:
    """IAM stores every value of a condition as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(canonical_json(value))
    return value
