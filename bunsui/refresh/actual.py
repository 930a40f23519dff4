"""What AWS has, as far as a plan asked for it: read, or assumed, and believed only once it is consistent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.build import Facts
from bunsui.ports.beside import Depth
from bunsui.refresh.beside import find_beside, with_beside
from bunsui.refresh.consistency import read_until_consistent, without_deleted
from bunsui.refresh.deletions import doubted_objects
from bunsui.refresh.full import Progress
from bunsui.refresh.hinted import read_hinted, remember_verified
from bunsui.refresh.modes import Refresh, assume_applied, read_pipelines
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.prefetch import Prefetch
from bunsui.refresh.pruned_versions import find_pruned, with_pruned
from bunsui.refresh.routes import has_many_machines, with_routes_of_changes, with_times


def actual_resources(facts: Facts, touched: Collection[str], prefetched: Prefetch) -> tuple[ActualResource, ...]:
    """Return what AWS has, by the refresh that the facts name; `touched` are the pipelines to read when not all are."""
    match Refresh(facts.refresh):
        case Refresh.FULL:
            return read_everything(facts, prefetched)
        case Refresh.TOUCHED:
            read = read_pipelines(touched, facts, prefetched.ports.providers, progress=prefetched.progress)
            return _looked_beside(read, facts, prefetched.ports)
        case Refresh.HINTED:
            return _looked_beside(read_hinted(facts, prefetched.ports, progress=prefetched.progress), facts, prefetched.ports)
        case Refresh.NONE:
            return assume_applied(facts.applied, facts.scope)


def read_everything(facts: Facts, prefetched: Prefetch) -> tuple[ActualResource, ...]:
    """Return what was prefetched, with the machines read whole that the files change, and remember what was verified where
    the next plan goes on from it."""
    ports, began = prefetched.ports, prefetched.began
    actual = with_routes_of_changes(prefetched.actual(facts.desired), facts, ports.providers)
    if ports.hints is None or not has_many_machines(facts.applied):
        return actual
    known = ports.hints.memory.load()
    remember_verified(facts.applied, ports.hints, known, actual, began)
    return with_times(actual, facts.applied, known)


def _looked_beside(actual: tuple[ActualResource, ...], facts: Facts, ports: ReconcilePorts) -> tuple[ActualResource, ...]:
    """Look beside what was read, and for its versions, and nothing else."""
    read = {item.address for item in actual if not item.is_assumed}
    applied = {address: item for address, item in facts.applied.items() if address in read}
    actual = with_pruned(actual, find_pruned(ports.published, applied, asks_all=False))
    return with_beside(actual, find_beside(ports.beside, applied, Depth.PLAN), facts.scope)


def believe_once_consistent(
    actual: Sequence[ActualResource], facts: Facts, ports: ReconcilePorts, progress: Progress
) -> tuple[ActualResource, ...]:
    """Return what was read, once what may be old was read again."""
    # What an apply had begun is not as it was applied, however long it is waited for.
    # Neither is a machine that is held elsewhere.
    held = {Address(MACHINE, name) for name in facts.interventions.holds}
    settled = {address: item for address, item in facts.applied.items() if address not in facts.pending and address not in held}
    doubted = doubted_objects(actual, facts, ports)
    now = read_until_consistent(
        actual, settled, providers=ports.providers, clock=ports.clock, progress=progress, doubted=doubted
    )
    known = {item.address for item in facts.desired} | facts.applied.keys()
    return without_deleted(now, known, providers=ports.providers)
