"""The bulk read that all providers share: names from a list, then one bounded parallel pass over those that matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bunsui.aws.connect import Connection
from bunsui.aws.errors import is_forbidden
from bunsui.aws.objects.survey import Survey
from bunsui.errors import AccessDenied
from bunsui.kinds.canonical.json import surely_same
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope

ReadOne = Callable[[Address, str], ActualResource | None]
"""Returns the object of that name, None when it is not there; `address` is kept unless the tags say another."""


def read_owned(
    connection: Connection,
    *,
    kind: str,
    scope: Scope,
    wanted: Sequence[DesiredResource],
    written: Mapping[str, AppliedResource],
    listed: Iterable[str] | None,
    beyond: Callable[[str], bool],
    read_one: ReadOne,
    is_at_hand: Callable[[str], bool] = lambda name: False,
) -> Sequence[ActualResource]:
    """Read the objects that are listed or wanted; keep those of the scope and those of a wanted name. Ordered by address.

    `written` is what bunsui wrote last, by name (see `written_before`). `listed` are the names that AWS gave for the scope's
    prefix or path, None when no list is permitted: then everything wanted or written is asked for by itself. `beyond` tells of
    a wanted name whether the list could not have held it, so that it is asked for by itself; any other wanted name that was not
    listed does not exist. `is_at_hand` tells of a name that `read_one` needs no call for it: it waits for no thread then, and
    what is held for it is soon free. An object that may not be read stays in the result, marked unreadable, when it is known by
    name.
    """
    addresses = {resource.physical_name: resource.address for resource in wanted if resource.address.kind == kind}
    if listed is None:
        names = sorted(addresses.keys() | written.keys())
    else:
        names = sorted({*listed, *(name for name in addresses if beyond(name))})

    def read(name: str) -> ActualResource | None:
        address = addresses.get(name)
        try:
            actual = read_one(address or Address(kind, "?", name), name)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            if address is None and name not in written:
                return None
            known = address or written[name].address
            return ActualResource(address=known, physical_name=name, attributes={}, unreadable=_why(error))
        if actual is not None and name in written:
            actual = _sharing(actual, written[name])
        if actual is None or address is not None:
            return actual
        return actual.as_tagged(scope)

    at_hand = [read(name) for name in names if is_at_hand(name)]
    asked = connection.each(read, [name for name in names if not is_at_hand(name)])
    results = [actual for actual in (*at_hand, *asked) if actual is not None]
    return sorted(results, key=lambda actual: (actual.address, actual.physical_name))


def written_before(kind: str, applied: Mapping[Address, AppliedResource]) -> dict[str, AppliedResource]:
    """Return what bunsui wrote last of a kind, by name."""
    return {resource.physical_name: resource for address, resource in applied.items() if address.kind == kind}


def survey_of(
    kind: str, scope: Scope, applied: Mapping[Address, AppliedResource], suspects: Collection[Address] | None
) -> Survey | None:
    """Return the survey of a kind; None when everything is to be read."""
    if suspects is None:
        return None
    return Survey(scope=scope, written=written_before(kind, applied), suspects=suspects)


def _sharing(actual: ActualResource, written: AppliedResource) -> ActualResource:
    """Return the same, with the values of `written` where they are equal: what is in sync need not be held in memory twice."""
    attributes = {
        name: written.attributes[name] if name in written.attributes and surely_same(written.attributes[name], value) else value
        for name, value in actual.attributes.items()
    }
    if attributes.keys() == written.attributes.keys() and all(
        value is written.attributes[name] for name, value in attributes.items()
    ):
        return replace(actual, attributes=written.attributes)
    return replace(actual, attributes=attributes)


def _why(error: AccessDenied) -> str:
    operation = f"{error.facts.get('service', '')}:{error.facts.get('operation', '')}"
    return f"no permission for {operation}"
