"""All resource kinds by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bunsui.kinds import lambda_function, log_group, role, schedule, schedule_group, state_machine
from bunsui.kinds.kind import Kind

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        module.KIND.name: module.KIND
        for module in sorted(
            (log_group, role, lambda_function, state_machine, schedule_group, schedule), key=lambda module: module.KIND.rank
        )
    }
)


def kinds() -> Mapping[str, Kind]:
    """Give every kind by name, in the order of creation."""
    return _KINDS


def kind(name: str) -> Kind:
    """Give the kind of that name; KeyError when there is none."""
    return _KINDS[name]
