"""Reads that settle: what was written moments ago may still be read as it was before.

AWS documents its control planes as eventually consistent. Calling that drift would make a plan right after an apply show
changes which nobody made; so what differs from a fresh write is read again for a while before it is believed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bunsui.errors import AccessDenied
from bunsui.model.resource import ActualResource, Address, AppliedResource
from bunsui.plan.comparison import difference
from bunsui.plan.ignored import held
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider
from bunsui.services.reading import Progress

FRESH = timedelta(seconds=60)
"""How long after a write an old value may still be read."""
PATIENCE_SECONDS = 30.0
FEW = 50
"""Of what nobody knows, so many are asked for once more."""
_GROWTH_SECONDS = 0.5
"""Each wait is longer than the one before by this: most reads settle in a second or two, and eleven fit into the patience."""


def settled(
    actual: Sequence[ActualResource],
    applied: Mapping[Address, AppliedResource],
    *,
    providers: Mapping[str, Provider],
    clock: Clock,
    progress: Progress,
) -> tuple[ActualResource, ...]:
    """Give what was read, with everything that differs from a fresh write read again, for at most half a minute."""
    found = {(item.address, item.physical_name): item for item in actual}  # names alone are not unique: a group has its own
    waited, delay = 0.0, _GROWTH_SECONDS
    while unsettled := _unsettled(found, applied, clock):
        if waited >= PATIENCE_SECONDS:
            break
        progress(len(providers), len(providers) + len(unsettled))
        clock.sleep(delay)
        waited += delay
        delay = min(delay + _GROWTH_SECONDS, PATIENCE_SECONDS - waited or delay)
        for fresh in unsettled:
            again = providers[fresh.address.kind].read(fresh.address, fresh.physical_name)
            if again is not None:
                found[fresh.address, fresh.physical_name] = replace(again, address=fresh.address)
    return tuple(found[key] for key in sorted(found))


def still_there(
    actual: Sequence[ActualResource], known: Collection[Address], *, providers: Mapping[str, Provider]
) -> tuple[ActualResource, ...]:
    """Give what was read without what only a list still shows. `known` are the addresses that the files or the state have: of
    what is not among them each is asked for by itself, once, for a list may show for minutes what an apply has just deleted.

    More than `FEW` are believed: then it is the state that is missing.
    """
    unknown = [item for item in actual if item.address not in known]
    if len(unknown) > FEW:
        return tuple(actual)
    gone = [item for item in unknown if not _is_there(item, providers[item.address.kind])]
    return tuple(item for item in actual if item not in gone)


def _is_there(item: ActualResource, provider: Provider) -> bool:
    try:
        return provider.read(item.address, item.physical_name) is not None
    except AccessDenied:
        return True  # as far as anybody may know


def _unsettled(
    found: Mapping[tuple[Address, str], ActualResource], applied: Mapping[Address, AppliedResource], clock: Clock
) -> list[AppliedResource]:
    now = clock.now()
    fresh = (item for item in applied.values() if item.written_at is not None and now - item.written_at < FRESH)
    return [item for item in fresh if _differs(item, found.get((item.address, item.physical_name)))]


def _differs(written: AppliedResource, read: ActualResource | None) -> bool:
    if read is None:
        return True
    if read.unreadable or read.is_assumed:
        return False
    kept = held(written.address.kind, written.attributes, read.attributes, written.lifecycle.ignore)
    return not difference(written.address.kind, kept, read.attributes).is_empty
