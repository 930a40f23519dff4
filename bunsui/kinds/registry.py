"""All resource kinds by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bunsui.kinds import (
    alert_rule,
    alert_topic,
    bucket,
    lambda_function,
    log_group,
    role,
    schedule,
    schedule_group,
    state_machine,
)
from bunsui.kinds.kind import Kind
from bunsui.model.address import Address, parse_address
from bunsui.stored_words import StoredItem

_EVERY: tuple[Kind, ...] = (
    bucket.KIND,
    alert_topic.KIND,
    log_group.KIND,
    role.KIND,
    lambda_function.KIND,
    state_machine.KIND,
    alert_rule.KIND,
    schedule_group.KIND,
    schedule.KIND,
)
_KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in sorted(_EVERY, key=lambda kind: kind.rank)})


def kinds() -> Mapping[str, Kind]:
    """Return every kind by name, in the order of creation."""
    return _KINDS


def kind(name: str) -> Kind:
    """Return the kind of that name; KeyError when there is none."""
    return _KINDS[name]


def stored_address(text: str, item: StoredItem) -> Address:
    """Return an address that was stored.

    Raises:
        ValueError: it is none.
        Refused: its kind is one of a newer bunsui.

    """
    address = parse_address(text)
    item.word("kind", address.kind, _KINDS)
    return address
