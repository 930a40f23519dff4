"""Reads what is likely to have changed: what the files change, what CloudTrail names, what was not read for a long time.

Everything else that a list shows to exist is assumed to be as it was applied, and says when it was last seen to be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TypeVar

from bunsui.errors import AccessDenied, Conflict, Refused
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.build import Facts
from bunsui.plan.comparison import difference
from bunsui.ports.cloud import Provider
from bunsui.ports.hints import Hints, Surveyor, Trail, TrailEvent, Verification
from bunsui.refresh.full import THREADS, Progress, read_actual
from bunsui.refresh.modes import changed_addresses
from bunsui.refresh.ports import ReconcilePorts

LATENESS = timedelta(minutes=30)
"""Twice as long as CloudTrail takes, as a rule, until an event can be looked up."""
HISTORY = timedelta(days=85)
"""CloudTrail forgets after 90 days."""
ROTATION = 20
"""Within an N-twentieth of plans each of N resources is read, whether or not anything points to it."""
_SAME_MOMENT = timedelta(seconds=60)
"""A read at the time of a call, or shortly after it, may not have seen what it did."""
_T = TypeVar("_T")
_R = TypeVar("_R")
_NEVER = datetime.min.replace(tzinfo=UTC)


def read_hinted(facts: Facts, ports: ReconcilePorts, *, progress: Progress) -> tuple[ActualResource, ...]:
    """Return what AWS has as far as the hints tell; the first time, and after a long pause, everything is read.

    What was found out is remembered for the next plan, where the caller may write to the table of the state.

    Raises:
        Refused: `no-hints`, `hinted-not-permitted` or `hinted-many-events`: nothing weaker is done instead.

    """
    hints = _hints(ports)
    began = ports.clock.now()
    known = hints.memory.load()
    if known is None or began - known.looked_at > HISTORY:
        hints.remark("everything was read: no hinted plan has looked at this environment lately")
        _check_permitted(hints.trail, began)
        actual = read_actual(ports.providers, facts.scope, facts.desired, applied=facts.applied, progress=progress)
    else:
        actual = _Look(facts=facts, hints=hints, providers=ports.providers, known=known, progress=progress).actual()
    remember_verified(facts.applied, hints, known, actual, began)
    return actual


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at AWS, with what is known from before."""

    facts: Facts
    hints: Hints
    providers: Mapping[str, Provider]
    known: Verification
    progress: Progress

    def actual(self) -> tuple[ActualResource, ...]:
        """Read kinds that a list may hold whole, then ask CloudTrail about all that is still assumed, then read the rest."""
        times = verified_times(self.facts.applied, self.known)
        total = len(self.hints.surveyors)
        self.progress(0, total)
        first = frozenset(changed_addresses(self.facts)) | doubted_addresses(self.known, times)
        whole = [name for name in self.hints.surveyors if kind_named(name).may_be_listed_whole]
        found = self._survey_kinds(whole, first)
        self.progress(len(whole), total)
        seen = {item.address for item in found if not item.is_assumed}
        open_to_doubt = {address: resource for address, resource in self.facts.applied.items() if address not in seen}
        pointed = named_by(self._events({address.kind for address in open_to_doubt}), open_to_doubt, times)
        self.hints.remark(f"{len(pointed)} resources were named by CloudTrail")
        suspects = first | pointed
        suspects |= longest_unverified(open_to_doubt.keys() - suspects, times, resources=len(times))
        found = [*self._again(found, suspects), *self._survey_kinds(self.hints.surveyors.keys() - set(whole), suspects)]
        self.progress(total, total)
        marked = (replace(item, verified_at=times.get(item.address)) if item.is_assumed else item for item in found)
        return tuple(sorted(marked, key=lambda item: (item.address, item.physical_name)))

    def _survey_kinds(self, kinds: Iterable[str], suspects: Collection[Address]) -> list[ActualResource]:
        facts = self.facts

        def survey(surveyor: Surveyor) -> Sequence[ActualResource]:
            wanted = [resource for resource in facts.desired if resource.address.kind == surveyor.kind]
            return surveyor.read_owned(facts.scope, wanted, applied=facts.applied, suspects=suspects)

        chosen = [self.hints.surveyors[kind] for kind in sorted(kinds)]
        return [item for items in _side_by_side(survey, chosen) for item in items]

    def _events(self, kinds: Collection[str]) -> list[TrailEvent]:
        """Return the events that may be about these kinds."""
        since = self.known.looked_at - LATENESS
        found: list[TrailEvent] = []
        for is_global in (False, True):
            asked = [kind_named(name) for name in kinds]
            names = {event for kind in asked if kind.is_global is is_global for event in kind.events}
            if names:
                found += _events(self.hints.trail, names, since=since, is_global=is_global)
        return found

    def _again(self, found: Sequence[ActualResource], suspects: Collection[Address]) -> list[ActualResource]:
        """Read what was assumed and turned out to be suspected."""

        def read(item: ActualResource) -> ActualResource | None:
            if not item.is_assumed or item.address not in suspects:
                return item
            return self.providers[item.address.kind].read(item.address, item.physical_name)

        return [item for item in _side_by_side(read, found) if item is not None]


def verified_times(applied: Mapping[Address, AppliedResource], known: Verification) -> dict[Address, datetime]:
    """Return for every applied resource when it was last seen to be so, or written."""
    return {
        address: max(resource.written_at or _NEVER, known.verified.get(address, _NEVER))
        for address, resource in applied.items()
    }


def doubted_addresses(known: Verification, times: Mapping[Address, datetime]) -> frozenset[Address]:
    """Return what was last seen to differ, and has not been written since, and what was never verified."""
    doubted = (address for address, at in known.doubted.items() if address in times and times[address] < at)
    return frozenset((*doubted, *(address for address, at in times.items() if at == _NEVER)))


def named_by(
    events: Iterable[TrailEvent], applied: Mapping[Address, AppliedResource], times: Mapping[Address, datetime]
) -> frozenset[Address]:
    """Return what the events are about, as far as it was not read since. An event that does not say what it is about is about
    everything that it could be about."""
    by_name: dict[str, list[AppliedResource]] = {}
    for resource in applied.values():
        by_name.setdefault(resource.physical_name, []).append(resource)
    named: set[Address] = set()
    for event in events:
        if event.subjects:
            candidates = [resource for subject in event.subjects for resource in by_name.get(subject, ())]
        else:
            candidates = list(applied.values())
        for resource in candidates:
            if _is_about(event, resource) and event.at > times[resource.address] - _SAME_MOMENT:
                named.add(resource.address)
    return frozenset(named)


def _is_about(event: TrailEvent, resource: AppliedResource) -> bool:
    kind = kind_named(resource.address.kind)
    if event.name not in kind.events:
        return False
    return not kind.within or not event.subjects or str(resource.attributes.get(kind.within)) in event.subjects


def longest_unverified(
    candidates: Collection[Address], times: Mapping[Address, datetime], *, resources: int
) -> frozenset[Address]:
    """Return those whose turn it is: that were not read for the longest time, so many that all of them have had their turn
    within a twentieth as many plans as there are `resources`. Of those that waited equally long, whole pipelines, so that no
    kind is last."""

    def turn(address: Address) -> tuple[datetime, str, str, str]:
        return times[address], address.pipeline, address.kind, address.name

    count = ceil(len(candidates) / max(1, ceil(resources / ROTATION)))
    return frozenset(sorted(candidates, key=turn)[:count])


def _hints(ports: ReconcilePorts) -> Hints:
    if ports.hints is None:
        raise Refused(
            "no-hints",
            "the embedded AWS keeps no record of calls, so nothing hints at what was changed",
            hint="Read everything, which is quick there:\n  bunsui plan --refresh full",
        )
    return ports.hints


def _events(trail: Trail, names: Collection[str], *, since: datetime, is_global: bool = False) -> Sequence[TrailEvent]:
    try:
        return trail.changes(names, since=since, is_global=is_global)
    except AccessDenied as error:
        raise Refused(
            "hinted-not-permitted",
            "CloudTrail may not be asked what was changed, so a hinted plan would miss changes",
            hint="Allow cloudtrail:LookupEvents, or read everything:\n  bunsui plan --refresh full",
            reason=error.summary,
        ) from error


def _check_permitted(trail: Trail, now: datetime) -> None:
    """Refuse at once what the next plan would be refused."""
    _events(trail, ["DeleteStateMachine"], since=now - timedelta(minutes=1))


def remember_verified(
    applied: Mapping[Address, AppliedResource],
    hints: Hints,
    known: Verification | None,
    actual: Iterable[ActualResource],
    began: datetime,
) -> None:
    """Keep what was seen. Another plan may have done so in between: then this one's findings are lost, and found again."""
    before = known or Verification(looked_at=began)
    verified = {address: at for address, at in before.verified.items() if address in applied}
    doubted = {address: at for address, at in before.doubted.items() if address in applied}
    read = {item.address: item for item in actual}
    for address, resource in applied.items():
        item = read.get(address)
        if item is not None and item.is_assumed:
            continue
        if item is not None and not item.unreadable and difference(address.kind, resource.attributes, item.attributes).is_empty:
            verified[address] = began
            doubted.pop(address, None)
        else:
            doubted[address] = began
    try:
        hints.memory.store(replace(before, looked_at=began, verified=verified, doubted=doubted))
    except Conflict:
        hints.remark("another plan stored what it verified meanwhile, so this one did not")
    except AccessDenied:
        hints.remark("what was verified is not remembered: no permission for dynamodb:PutItem")


def _side_by_side(work: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    """Return `work(item)` for each, in order; the first error is raised when all have ended."""
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="survey") as pool:
        return list(pool.map(work, items))
