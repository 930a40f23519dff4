"""What the policies of a role say of one action on one resource.

What cannot be judged here never refuses: the conditions of an Allow count as met and those of a Deny as not met, and so does a
resource that holds a policy variable.

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from bunsui.model.wildcards import fits

_EVERYTHING = "*"
_VARIABLE = "${"


class Ruling(Enum):
    """What policies say."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """By a statement that denies."""
    NOT_ALLOWED = "not allowed"
    """By no statement that allows."""


def verdict(policies: Iterable[Mapping[str, Any]], action: str, resource: str) -> Ruling:
    """Return what the policy documents say of an action such as `dynamodb:PutItem`; `resource` is an ARN, empty where nobody
    knows it: then a statement that allows counts whatever it names, and one that denies only if it names everything."""
    statements = [one for policy in policies for one in _statements(policy)]
    if any(_denies(one, action, resource) for one in statements):
        return Ruling.DENIED
    return Ruling.ALLOWED if any(_allows(one, action, resource) for one in statements) else Ruling.NOT_ALLOWED


def denial(principal_arn: str, action: str, resource: str, found: Ruling) -> str:
    """Return AWS's words for a verdict that refuses (IAM user guide, "Troubleshoot access denied error messages")."""
    of = f" on resource: {resource}" if resource else ""
    reason = (
        "with an explicit deny in an identity-based policy"
        if found is Ruling.DENIED
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {principal_arn} is not authorized to perform: {action}{of} {reason}"


def _statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _as_list(policy.get("Statement")):
        if isinstance(one, Mapping):
            yield one


def _allows(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if statement.get("Effect") != "Allow" or not _names_action(statement, action):
        return False
    if "NotResource" in statement:
        return not resource or not any(_fits(one, resource) for one in _texts(statement["NotResource"]))
    return not resource or any(_VARIABLE in one or _fits(one, resource) for one in _texts(statement.get("Resource")))


def _denies(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if statement.get("Effect") != "Deny" or statement.get("Condition") or not _names_action(statement, action):
        return False
    if "NotResource" in statement:
        return bool(resource) and not any(_VARIABLE in one or _fits(one, resource) for one in _texts(statement["NotResource"]))
    named = _texts(statement.get("Resource"))
    return _EVERYTHING in named or (bool(resource) and any(_fits(one, resource) for one in named))


def _names_action(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(_fits(one.lower(), action.lower()) for one in _texts(statement["NotAction"]))
    return any(_fits(one.lower(), action.lower()) for one in _texts(statement.get("Action")))


def _fits(pattern: str, text: str) -> bool:
    return fits(pattern.split("*"), text, single="?")


def _texts(value: object) -> Sequence[str]:
    return [one for one in _as_list(value) if isinstance(one, str)]


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
