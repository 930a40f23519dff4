"""What the policies of a role say of one action on one resource.

What cannot be told here never refuses, and is never called allowed: a condition on what is not known of the request, a resource
that nobody knows or that holds a policy variable leave a verdict undecided.

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from bunsui.emulator.access.conditions import Facts, conditions_hold
from bunsui.model.wildcards import fits

_NO_FACTS: Facts = {}
_EVERYTHING = "*"
_VARIABLE = "${"


class Ruling(Enum):
    """What policies say."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """By a statement that denies."""
    NOT_ALLOWED = "not allowed"
    """By no statement that allows."""
    UNDECIDED = "undecided"
    """By what is not known of the request."""

    @property
    def refuses(self) -> bool:
        """True when AWS would refuse for certain."""
        return self in (Ruling.DENIED, Ruling.NOT_ALLOWED)


def verdict(policies: Iterable[Mapping[str, Any]], action: str, resource: str, facts: Facts = _NO_FACTS) -> Ruling:
    """Return what the policy documents say of an action such as `dynamodb:PutItem`; `resource` is an ARN, empty where nobody
    knows it, and `facts` is what is known for conditions."""
    statements = [one for policy in policies for one in _statements(policy) if _names_action(one, action)]
    denials = [_applies(one, resource, facts) for one in statements if one.get("Effect") == "Deny"]
    allowances = [_applies(one, resource, facts) for one in statements if one.get("Effect") == "Allow"]
    if True in denials:
        return Ruling.DENIED
    if True in allowances:
        return Ruling.UNDECIDED if None in denials else Ruling.ALLOWED
    return Ruling.UNDECIDED if None in allowances else Ruling.NOT_ALLOWED


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


def _applies(statement: Mapping[str, Any], resource: str, facts: Facts) -> bool | None:
    """Tell whether a statement is about the resource and its conditions hold; None where nobody can tell."""
    said = (_names_resource(statement, resource), conditions_hold(statement.get("Condition"), facts))
    return False if False in said else None if None in said else True


def _names_resource(statement: Mapping[str, Any], resource: str) -> bool | None:
    is_excluding = "NotResource" in statement
    named = _texts(statement["NotResource"] if is_excluding else statement.get("Resource"))
    if _EVERYTHING in named:
        return not is_excluding
    if not named:
        return is_excluding
    if resource and any(_VARIABLE not in one and _fits(one, resource) for one in named):
        return not is_excluding
    if not resource or any(_VARIABLE in one for one in named):
        return None
    return is_excluding


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
