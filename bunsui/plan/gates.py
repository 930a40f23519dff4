"""Which machines of a plan open gates, so that the table of task tokens must be there."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.gates import APPROVALS_TABLE
from bunsui.model.resource import ActualResource, DesiredResource


def opens_gates(resource: DesiredResource | ActualResource | None) -> bool:
    """Tell whether it is a machine that writes into the table of task tokens."""
    if resource is None or resource.address.kind != MACHINE:
        return False
    return _names(resource.attributes.get("definition"), APPROVALS_TABLE)


def _names(value: object, text: str) -> bool:
    if isinstance(value, str):
        return value == text
    if isinstance(value, Mapping):
        return any(_names(one, text) for one in value.values())
    return isinstance(value, (list, tuple)) and any(_names(one, text) for one in value)
