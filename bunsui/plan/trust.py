"""The trust of a role whose machine was renamed while sessions still need the old one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value


def also_trusting(role: DesiredResource, machine_arns: Iterable[str]) -> DesiredResource:
    """Return the role so that these machines, too, may assume it: those that were renamed and whose sessions still need it."""
    trust = role.attributes.get("trust")
    arns = tuple(pattern for arn in machine_arns for pattern in (arn, f"{arn}:*", f"{arn}/*"))  # as the compiler writes them
    statements = trust.get("Statement") if isinstance(trust, Mapping) else None
    if not arns or not isinstance(trust, Mapping) or not isinstance(statements, (list, tuple)):
        return role
    widened = {**trust, "Statement": [_with_sources(statement, arns) for statement in statements]}
    return replace(role, attributes={**role.attributes, "trust": widened})


def _with_sources(statement: Value, arns: tuple[str, ...]) -> Value:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    like = condition.get("ArnLike") if isinstance(condition, Mapping) else None
    source = like.get("aws:SourceArn") if isinstance(like, Mapping) else None
    if not isinstance(source, (str, list, tuple)) or not isinstance(statement, Mapping):
        return statement
    if not isinstance(condition, Mapping) or not isinstance(like, Mapping):
        return statement
    before = [source] if isinstance(source, str) else source
    sources = {**like, "aws:SourceArn": [*before, *arns]}
    return {**statement, "Condition": {**condition, "ArnLike": sources}}
