"""Wait for eventual consistency: what was written moments ago may still be read as it was before.

AWS documents its control planes as eventually consistent. Calling that drift would make a plan right after an apply show
changes which nobody made; so what differs from a fresh write is read again for a while before it is believed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.comparison import difference
from bunsui.plan.ignore_rules import with_ignored_places
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider
from bunsui.refresh.full import THREADS, Progress
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry_result

FRESH = timedelta(seconds=60)
"""How long after a write an old value may still be read."""
FEW = 50
"""Of what nobody knows, so many are asked for once more."""
_UNTIL_CONSISTENT: RetryPolicy[Sequence[object]] = RetryPolicy(
    retries=bool, backoff=Backoff(first_seconds=0.5, factor=1.0, step_seconds=0.5), patience_seconds=30.0
)
"""For reads that leave some resources as they were before: most are consistent in a second or two, and eleven waits fit in."""


def read_until_consistent(
    actual: Sequence[ActualResource],
    applied: Mapping[Address, AppliedResource],
    *,
    providers: Mapping[str, Provider],
    clock: Clock,
    progress: Progress,
    doubted: Sequence[ActualResource] = (),
) -> tuple[ActualResource, ...]:
    """Return what was read, with everything that differs from a fresh write read again, and without those of the `doubted` that
    turn out to be gone, for at most half a minute."""
    found = {(item.address, item.physical_name): item for item in actual}  # names alone are not unique: a group has its own
    inconsistent: list[AppliedResource] = []
    in_doubt = list(doubted)

    def read_again() -> Sequence[object]:
        for fresh in inconsistent:
            again = providers[fresh.address.kind].read(fresh.address, fresh.physical_name)
            if again is not None:
                found[fresh.address, fresh.physical_name] = replace(again, address=fresh.address)
        inconsistent[:] = _inconsistent(found, applied, clock)
        in_doubt[:] = _still_there(in_doubt, providers)
        if left := [*inconsistent, *in_doubt]:
            progress(len(providers), len(providers) + len(left))
        return left

    retry_result(read_again, _UNTIL_CONSISTENT, Retrying(clock=clock))
    gone = _keys(doubted) - _keys(in_doubt)
    return tuple(found[key] for key in sorted(found.keys() - gone))


def without_deleted(
    actual: Sequence[ActualResource], known: Collection[Address], *, providers: Mapping[str, Provider]
) -> tuple[ActualResource, ...]:
    """Return what was read without what only a list still shows. `known` are the addresses that the files or the state have: of
    what is not among them each is asked for by itself, once, for a list may show for minutes what an apply has just deleted.

    More than `FEW` are believed: then it is the state that is missing.
    """
    unknown = [item for item in actual if item.address not in known]
    if len(unknown) > FEW:
        return tuple(actual)
    gone = _keys(unknown) - _keys(_still_there(unknown, providers))
    return tuple(item for item in actual if (item.address, item.physical_name) not in gone)


def _keys(items: Sequence[ActualResource]) -> set[tuple[Address, str]]:
    return {(item.address, item.physical_name) for item in items}


def _still_there(items: Sequence[ActualResource], providers: Mapping[str, Provider]) -> list[ActualResource]:
    """Read each by itself, side by side; return those that exist, as far as anybody may know."""

    def is_there(item: ActualResource) -> bool:
        try:
            return providers[item.address.kind].read(item.address, item.physical_name) is not None
        except AccessDenied:
            return True

    if not items:
        return []
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read") as pool:
        found = list(pool.map(is_there, items))
    return [item for item, is_found in zip(items, found, strict=True) if is_found]


def _inconsistent(
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
    kept = with_ignored_places(written.address.kind, written.attributes, read.attributes, written.lifecycle.ignore)
    return not difference(written.address.kind, kept, read.attributes).is_empty
