"""Who changed what is in drift, by the account's record of calls.

CloudTrail is asked by the names of the calls that change a kind, one look-up each, two a second: a few seconds for all kinds
together. It keeps management events for 90 days, and shows a call some minutes after it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bunsui.errors import AccessDenied, BunsuiError
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.plan.model import ResourceChange
from bunsui.ports.hints import Trail, TrailEvent
from bunsui.refresh.ports import ReconcilePorts

KEPT = timedelta(days=90)
"""How long CloudTrail's event history goes back."""
_NO_RECORD = "no record of calls is kept here"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftAuthors:
    """Who made the changes, as far as the record tells."""

    events: Mapping[Address, tuple[TrailEvent, ...]] = field(default_factory=dict)
    """The calls on each resource since bunsui wrote it last, newest first; empty for what the record does not tell."""
    unknown: str = ""
    """Why nobody looked, or not everywhere; empty when the whole record was looked at."""

    def last_of(self, address: Address) -> TrailEvent | None:
        """Return the last call that changed a resource; None when the record tells of none."""
        return next(iter(self.events.get(address, ())), None)


def find_authors(ports: ReconcilePorts, drifted: Sequence[ResourceChange]) -> DriftAuthors:
    """Look up who changed these resources. What may not be asked, or is too much, is said and not raised."""
    if not drifted:
        return DriftAuthors()
    if ports.hints is None:
        return DriftAuthors(unknown=_NO_RECORD)
    now, found, unknown = ports.clock.now(), dict[Address, tuple[TrailEvent, ...]](), ""
    for name in dict.fromkeys(change.address.kind for change in drifted):
        changes = [change for change in drifted if change.address.kind == name]
        try:
            events = _events_of(name, ports.hints.trail, min(_since(change, now) for change in changes))
        except AccessDenied:
            return DriftAuthors(events=found, unknown="cloudtrail:LookupEvents is not permitted")
        except BunsuiError as error:
            unknown = f"{kind_named(name).title}: {error.summary}"
            continue
        for change in changes:
            ours = [one for one in events if change.physical_name in one.subjects and one.at > _since(change, now)]
            found[change.address] = tuple(sorted(ours, key=lambda one: one.at, reverse=True))
    return DriftAuthors(events=found, unknown=unknown)


def _events_of(name: str, trail: Trail, since: datetime) -> Sequence[TrailEvent]:
    kind = kind_named(name)
    return trail.changes(frozenset({*kind.events, *kind.listed_events}), since=since, is_global=kind.is_global)


def _since(change: ResourceChange, now: datetime) -> datetime:
    """Return when bunsui wrote the resource last; where nobody knows, as far back as the record goes."""
    written = change.applied.written_at if change.applied is not None else None
    return max(written or now - KEPT, now - KEPT)
