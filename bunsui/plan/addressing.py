"""Which address an object in AWS belongs to, also after renames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What AWS has and what was applied, by address."""

    actual: Mapping[Address, ActualResource]
    applied: Mapping[Address, AppliedResource]


def by_address(
    actual: Iterable[ActualResource],
    desired: Mapping[Address, DesiredResource],
    applied: Mapping[Address, AppliedResource],
) -> dict[Address, ActualResource]:
    """Return what AWS has by address.

    An object that bears a wanted name belongs to the address that wants it, else to the one that was applied under that
    name, whatever its tags say: a pipeline may have been renamed while it kept its `resource_name`. A second object with the
    same address in its tags is a leftover of a rename that died half-way; it gets an address of its own, so that it is
    removed.
    """
    wanted = {object_of(item): address for address, item in desired.items()}
    remembered = {object_of(item): address for address, item in applied.items()}
    result: dict[Address, ActualResource] = {}
    others: list[ActualResource] = []
    for item in actual:
        address = wanted.get(object_of(item))
        if address is None:
            others.append(item)
        else:
            result[address] = replace(item, address=address)
    for item in others:
        address = remembered.get(object_of(item), item.address)
        while address in result:
            address = leftover(address, item.physical_name)
        result[address] = replace(item, address=address)
    return result


def object_of(item: DesiredResource | ActualResource | AppliedResource) -> tuple[str, str, str]:
    """Return what is one object in AWS: kind, name, and what it lies in where names are unique only there."""
    within = kind_named(item.address.kind).within
    return item.address.kind, item.physical_name, str(item.attributes.get(within, "")) if within else ""


def leftover(address: Address, physical_name: str) -> Address:
    """Return the address of an object whose own address another object has taken."""
    return replace(address, name=f"{address.name}@{physical_name}")


def is_leftover(address: Address) -> bool:
    """True for an object whose own address another object has taken."""
    return "@" in address.name


def is_leftover_of(address: Address, other: Address) -> bool:
    """True when `other` is the address that an object had before it got one of its own."""
    return is_leftover(address) and replace(address, name=address.name.partition("@")[0]) == other


def renamed_apart(places: Places, desired: Mapping[Address, DesiredResource], scope: Scope, *, keeps_data: bool) -> Places:
    """Return the places with every object that sessions need, and whose name in AWS changes, at an address of its own: the new
    one is made beside it, and it is retired. Without `keeps_data`, one that only holds data is replaced."""
    names: dict[Address, Address] = {}
    for address, wanted in desired.items():
        there, kind = places.actual.get(address), kind_named(address.kind)
        stays = kind.serves_sessions or (kind.holds_data and keeps_data)
        if there is None or not stays or there.unreadable or not there.owned_by(scope):
            continue
        if there.physical_name != wanted.physical_name:
            names[address] = leftover(address, there.physical_name)
    if not names:
        return places
    actual = {names.get(address, address): item for address, item in places.actual.items()}
    applied = {names.get(address, address): item for address, item in places.applied.items()}
    return Places(
        actual={address: replace(item, address=address) for address, item in actual.items()},
        applied={
            address: replace(item, address=address, depends_on=tuple(names.get(need, need) for need in item.depends_on))
            if is_leftover(address)
            else item
            for address, item in applied.items()
        },
    )
