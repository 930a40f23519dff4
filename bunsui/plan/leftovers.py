"""Objects and addresses: which address an object in AWS belongs to, also after renames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Value


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
    """Give what AWS has by address.

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
        if address in result:
            address = leftover(address, item.physical_name)
        result[address] = replace(item, address=address)
    return result


def object_of(item: DesiredResource | ActualResource | AppliedResource) -> tuple[str, str, str]:
    """Give what is one object in AWS: kind, name, and what it lies in where names are unique only there."""
    within = kind_named(item.address.kind).within
    return item.address.kind, item.physical_name, str(item.attributes.get(within, "")) if within else ""


def leftover(address: Address, physical_name: str) -> Address:
    """Give the address of an object whose own address another object has taken."""
    return replace(address, name=f"{address.name}@{physical_name}")


def is_leftover(address: Address) -> bool:
    """True for an object whose own address another object has taken."""
    return "@" in address.name


def renamed_apart(places: Places, desired: Mapping[Address, DesiredResource], scope: Scope) -> Places:
    """Give the places with every object that holds data, and whose name in AWS changes, at an address of its own: the new one
    is made beside it, and it is retired."""
    names: dict[Address, Address] = {}
    for address, wanted in desired.items():
        there = places.actual.get(address)
        if there is None or not kind_named(address.kind).holds_data or there.unreadable or not there.owned_by(scope):
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


def also_trusting(role: DesiredResource, machine_arns: Iterable[str]) -> DesiredResource:
    """Give the role so that these machines, too, may assume it: those that were renamed and whose sessions still need it."""
    trust = role.attributes.get("trust")
    arns = tuple(machine_arns)
    statements = trust.get("Statement") if isinstance(trust, Mapping) else None
    if not arns or not isinstance(trust, Mapping) or not isinstance(statements, (list, tuple)):
        return role
    widened = {**trust, "Statement": [_with_sources(statement, arns) for statement in statements]}
    return replace(role, attributes={**role.attributes, "trust": widened})


def _with_sources(statement: Value, arns: tuple[str, ...]) -> Value:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    like = condition.get("ArnLike") if isinstance(condition, Mapping) else None
    source = like.get("aws:SourceArn") if isinstance(like, Mapping) else None
    if not isinstance(source, str) or not isinstance(statement, Mapping):
        return statement
    if not isinstance(condition, Mapping) or not isinstance(like, Mapping):
        return statement
    sources = {**like, "aws:SourceArn": [source, *arns]}
    return {**statement, "Condition": {**condition, "ArnLike": sources}}
