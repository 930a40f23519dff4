"""The trust of a role whose machine was renamed while sessions still need the old one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value


def also_trusting(role: DesiredResource, machine_arns: Iterable[str]) -> DesiredResource:
    """Return the role so that these machines, too, may assume it: those that were renamed and whose sessions still need it."""
    trust = _object(role.attributes.get("trust"))
    arns = tuple(pattern for arn in machine_arns for pattern in (arn, f"{arn}:*", f"{arn}/*"))  # as the compiler writes them
    statements = trust.get("Statement")
    if not arns or not isinstance(statements, (list, tuple)):
        return role
    widened = {**trust, "Statement": [_with_sources(statement, arns) for statement in statements]}
    return replace(role, attributes={**role.attributes, "trust": widened})


def _with_sources(statement: Value, arns: tuple[str, ...]) -> Value:
    whole = _object(statement)
    condition = _object(whole.get("Condition"))
    like = _object(condition.get("ArnLike"))
    source = like.get("aws:SourceArn")
    if not isinstance(source, (str, list, tuple)):
        return statement
    before = [source] if isinstance(source, str) else source
    sources = {**like, "aws:SourceArn": [*before, *arns]}
    return {**whole, "Condition": {**condition, "ArnLike": sources}}


def _object(value: Value) -> Mapping[str, Value]:
    """Return the value when it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}
