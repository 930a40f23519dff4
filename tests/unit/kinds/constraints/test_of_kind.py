"""Which constraints a resource of a kind has."""

from __future__ import annotations

from bunsui.kinds.constraints.of_kind import broken_constraints
from bunsui.model.address import Address
from bunsui.model.values import Reference, Value

TABLE = Reference(Address("role", "orders"), "arn")


def test_a_functions_variables_and_every_kinds_tags_are_looked_at() -> None:
    attributes: dict[str, Value] = {"tags": {"a": "R&D", "empty": ""}, "environment": {"Q": "x", "ROLE": TABLE}}
    assert [found.member for found in broken_constraints("lambda_function", attributes)] == ["a", "Q"]
    assert [found.member for found in broken_constraints("schedule_group", attributes)] == ["a", "empty"]


def test_what_only_apply_knows_breaks_nothing() -> None:
    assert not list(broken_constraints("schedule_group", {"tags": {"a": TABLE}}))
    assert not list(broken_constraints("role", {}))
