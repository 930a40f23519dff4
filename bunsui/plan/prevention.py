"""`lifecycle.prevent_destroy`: what must not be removed, by what the file says or the state remembers of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource, DesiredResource
from bunsui.plan.model import Action, ResourceChange

LIFTING = "To lift that, apply the pipeline with `lifecycle: {prevent_destroy: false}` first"

_ENDS = frozenset({Action.DELETE, Action.REPLACE, Action.RETIRE})


def is_prevented(address: Address, action: Action, *, desired: DesiredResource | None, applied: AppliedResource | None) -> bool:
    """True when the action would take away what the file or the state protects.

    Either is enough: an older checkout does not know of a protection that came later, and lifting one is an apply of its own.
    """
    kind = kinds().get(address.kind)
    if action not in _ENDS or kind is None or not kind.holds_data:
        return False
    return any(said.lifecycle.prevent_destroy for said in (desired, applied) if said is not None)


def newly_prevented(
    changes: Iterable[ResourceChange], applied: Mapping[Address, AppliedResource] = MappingProxyType({})
) -> dict[str, Refused]:
    """Return the pipelines of which a change would take away what is protected, by the plan's own values or by `applied`,
    a newer look at the state; by name, each with the error."""
    found: dict[str, Refused] = {}
    for change in changes:
        known = (change.applied, applied.get(change.address))
        if any(is_prevented(change.address, change.action, desired=change.desired, applied=one) for one in known):
            found.setdefault(change.address.pipeline, prevented_error(change))
    return found


def prevented_error(change: ResourceChange) -> Refused:
    """Return the error for a change that is forbidden."""
    return Refused(
        "destroy-prevented",
        "lifecycle.prevent_destroy forbids to remove or replace a resource of the plan",
        hint=f"{LIFTING}:\n  {command_line('apply', change.address.pipeline)}",
        resource=change.address,
        name=change.physical_name,
    )
