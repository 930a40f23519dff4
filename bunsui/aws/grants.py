"""A grant: what one purpose needs of one service. `bunsui.aws.permissions` makes a policy of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bunsui.kinds.naming import name_prefix
from bunsui.model.bucket import given_name, managed_pattern, objects_pattern
from bunsui.model.json import Json
from bunsui.model.resource import Scope


class Purpose(StrEnum):
    """What the caller is for. `apply` and `drift` hold what `plan` does; the others stand alone."""

    PLAN = "plan"
    DRIFT = "drift"
    APPLY = "apply"
    RUN = "run"
    APPROVE = "approve"
    ROLLBACK = "rollback"
    PAUSE = "pause"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Operations of one service on some resources."""

    sid: str
    purpose: Purpose
    service: str
    """As boto3 calls it."""
    operations: tuple[str, ...]
    on: tuple[str, ...] = ("*",)
    """`SERVICE:RESOURCE` of an ARN, see `filled`; `*` for everything."""
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Operation -> its IAM actions, where they are more than one of the same name: tags in a create call have an action of
    their own."""
    condition: Mapping[str, Json] = field(default_factory=dict)
    """With the words of `fill_words` in its texts."""
    optional: str = ""
    """What is lost without it; empty when it is needed."""
    on_given_roles: bool = False
    """True when it is needed on roles that somebody else makes, too."""


_PREFIXES = {"stepfunctions": "states", "resourcegroupstaggingapi": "tag"}
_GLOBAL = frozenset({"iam", "s3"})
"""Services whose ARNs have no region."""
_NOBODYS = frozenset({"s3"})
"""Services whose ARNs have no account."""


def actions_of(grant: Grant) -> tuple[str, ...]:
    """Return the IAM actions, sorted."""
    prefix = _PREFIXES.get(grant.service, grant.service)
    named = {action for name in grant.operations for action in grant.actions.get(name, (name,))}
    return tuple(f"{prefix}:{action}" for action in sorted(named))


def fill_pattern(pattern: str, scope: Scope) -> str:
    """Return the ARN of `SERVICE:RESOURCE` in a scope, its words filled in; empty where the scope has no such thing. In IAM's
    patterns a star stands for any text, versions and aliases included."""
    service, colon, resource = pattern.partition(":")
    if not colon:
        return fill_words(pattern, scope)
    region = "" if service in _GLOBAL else scope.region
    account = "" if service in _NOBODYS else scope.account
    named = fill_words(resource, scope)
    return f"arn:{scope.partition}:{service}:{region}:{account}:{named}" if named else ""


def fill_words(text: str, scope: Scope) -> str:
    """Return the text with its words filled in. `{names}` stands for what the scope's resources may be called, `{project}`,
    `{environment}` and `{region}` for themselves, `{bucket}` for the bucket that bunsui makes, `{given_bucket}` for one that
    somebody else makes, `{objects}` for what lies in the
    environment's, `{bucket_kms_key}` for the ARN of the key that encrypts it."""
    words = {
        "{names}": name_prefix(scope) + "*",
        "{project}": scope.project,
        "{environment}": scope.environment,
        "{region}": scope.region,
        "{bucket}": managed_pattern(scope),
        "{given_bucket}": given_name(scope),
        "{objects}": objects_pattern(scope),
        "{bucket_kms_key}": scope.bucket_kms_key,
    }
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


def fill_condition(condition: Json, scope: Scope) -> Json:
    """Return the condition with the words in its texts filled in."""
    if isinstance(condition, str):
        return fill_words(condition, scope)
    if isinstance(condition, Mapping):
        return {name: fill_condition(value, scope) for name, value in condition.items()}
    return [fill_condition(value, scope) for value in condition] if isinstance(condition, (list, tuple)) else condition
