"""Conditions of a policy's statement, judged by what is known of a request: they hold, they do not, or nobody here can tell.

Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys", "Policy
elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bunsui.model.wildcards import fits

Facts = Mapping[str, Sequence[str]]
"""What is known of a request: values by condition key in lower case. A key with no values is known not to be there."""

_SPECIAL = re.compile(r"\$\{([*?$])\}")
_SUFFIX = "IfExists"
_ALL = "ForAllValues"
"""Of the two that stand before an operator, the one that holds of a key with no values; the other is `ForAnyValue`."""


def conditions_hold(conditions: object, facts: Facts) -> bool | None:
    """Tell whether all conditions of a statement hold; None where that depends on what is not known, or not understood."""
    if not conditions:
        return True
    if not isinstance(conditions, Mapping):
        return None
    said = [
        _holds(str(operator), str(key).lower(), wanted, facts)
        for operator, block in conditions.items()
        for key, wanted in (block.items() if isinstance(block, Mapping) else [("", None)])
    ]
    return False if False in said else None if None in said else True


def _holds(operator: str, key: str, wanted: object, facts: Facts) -> bool | None:
    values = facts.get(key)
    texts = [_plain(one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    if values is None or None in texts:
        return None
    quantifier, _, bare = operator.rpartition(":")
    if bare == "Null":
        return None if quantifier else texts == ["true" if not values else "false"]
    name = bare.removesuffix(_SUFFIX)
    is_negated = "Not" in name
    if not values:
        return quantifier == _ALL if quantifier else bare != name or is_negated
    compare = _COMPARISONS.get(name.replace("Not", ""))
    if compare is None:
        return None
    matches = [any(compare(value, str(text)) for text in texts) for value in values]
    if quantifier:
        return (all if quantifier == _ALL else any)(one is not is_negated for one in matches)
    return any(matches) is not is_negated


def _plain(value: object) -> str | None:
    """Return a value's text; None where it holds a variable, whose value is not known."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = _SPECIAL.sub(r"\1", str(value))
    return None if "${" in text else text


def _is_like(value: str, pattern: str) -> bool:
    return fits(pattern.split("*"), value, single="?")


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": _is_like,
    "ArnLike": _is_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _is_like,
}
"""Without the `Not` of those that turn them round."""
