"""Prefetch what is known without the files, while these are still compiled: the state, and what it names in AWS."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import NO_INTERVENTIONS, Interventions
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.beside import Depth
from bunsui.ports.ledger import JournalEntry, StateMark
from bunsui.refresh.beside import Beside, find_beside, with_beside
from bunsui.refresh.full import Progress, place, read_actual, read_each
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.pruned_versions import find_pruned, with_pruned
from bunsui.refresh.routes import routes_to_read

_Place = tuple[str, str, str]
"""A kind, a name, and what the name is unique in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What bunsui wrote down before."""

    mark: StateMark
    applied: Mapping[Address, AppliedResource]
    pending: Mapping[Address, JournalEntry]
    interventions: Interventions = NO_INTERVENTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefetch:
    """The reads that were begun. Whatever a read raises, its method raises."""

    scope: Scope
    ports: ReconcilePorts
    progress: Progress
    state: Future[Remembered]
    reading: Future[tuple[ActualResource, ...] | None] | None
    """Returns None when nothing was applied yet, so that nobody knew what to look for; None when only the state is read."""
    began: datetime
    """When the first of them was."""
    looking: Future[Beside] | None
    """What others put beside what was applied; None when only the state is read."""
    pruned: Future[frozenset[str]] | None
    """The versions of functions that machines call and that are gone; None when only the state is read."""

    def remembered(self) -> Remembered:
        """Return what the state says."""
        return self.state.result()

    def actual(self, desired: Sequence[DesiredResource]) -> tuple[ActualResource, ...]:
        """Return what `read_actual` gives for these: what was prefetched, and what the files have that the state did not
        name."""
        applied, providers = self.remembered().applied, self.ports.providers
        found = self.reading.result() if self.reading is not None else None
        if found is None:
            return read_actual(providers, self.scope, desired, applied=applied, progress=self.progress)
        named = {(item.address, _place(item)) for item in applied.values()}
        unnamed = [item for item in desired if (item.address, _place(item)) not in named]
        place(unnamed, providers)
        read = read_each([(item.address, item.physical_name) for item in unnamed], providers)
        wanted, again = {_place(item) for item in desired}, {_place(item) for item in unnamed}
        kept = (self._keep_wanted(item, wanted) for item in found if _place(item) not in again)
        together = (*read, *(item for item in kept if item is not None))
        beside = self.looking.result() if self.looking is not None else {}
        whole = with_pruned(together, self.pruned.result() if self.pruned is not None else frozenset())
        return with_beside(sorted(whole, key=lambda item: (item.address, item.physical_name)), beside, self.scope)

    def _keep_wanted(self, item: ActualResource, wanted: Collection[_Place]) -> ActualResource | None:
        """Return what bears the name of something applied as if nobody had asked for that name, unless the files want it."""
        return item if item.unreadable or _place(item) in wanted else item.as_tagged(self.scope)


@contextmanager
def prefetch(
    scope: Scope,
    ports: ReconcilePorts,
    *,
    everything: bool,
    depth: Depth = Depth.PLAN,
    all_routes: bool = True,
    progress: Progress,
) -> Iterator[Prefetch]:
    """Prefetch the state, and with `everything` all that is ours and what stands beside it. What is not asked for before the
    `with` ends, an interrupt included, is given up. Without `all_routes` some machines are believed to lead where they did, and
    many functions to have the version that was applied.
    `progress` is called from another thread."""
    began = ports.clock.now()

    def read() -> tuple[ActualResource, ...] | None:
        return _read(scope, ports, state, all_routes=all_routes, progress=progress)

    with ports.reading() as give_up, ThreadPoolExecutor(max_workers=4, thread_name_prefix="prefetch") as pool:
        state = pool.submit(copy_context().run, _remember_state, ports)
        reading = pool.submit(copy_context().run, read) if everything else None
        looking = pool.submit(copy_context().run, _look_beside, ports, state, depth) if everything else None
        pruned = (
            pool.submit(copy_context().run, partial(_look_for_versions, ports, state, asks_all=all_routes))
            if everything
            else None
        )
        try:
            yield Prefetch(
                scope=scope,
                ports=ports,
                progress=progress,
                state=state,
                reading=reading,
                began=began,
                looking=looking,
                pruned=pruned,
            )
        finally:
            if not all(one.done() for one in (state, reading, looking, pruned) if one is not None):
                give_up()


def _remember_state(ports: ReconcilePorts) -> Remembered:
    ports.account_checked()
    mark = ports.ledger.log.mark()  # before the state: an apply that ends in between makes the plan stale, not wrong
    return Remembered(
        mark=mark,
        applied=ports.state.applied(),
        pending=ports.ledger.journal.pending(),
        interventions=ports.ledger.deployed.interventions(),
    )


def _read(
    scope: Scope, ports: ReconcilePorts, state: Future[Remembered], *, all_routes: bool, progress: Progress
) -> tuple[ActualResource, ...] | None:
    remembered = state.result()
    applied = remembered.applied
    if not applied:
        return None

    def routes() -> frozenset[Address] | None:
        held = remembered.interventions.holds
        return None if all_routes else routes_to_read(ports.hints, applied, ports.clock, held=held)

    named = [item.as_desired() for item in applied.values()]
    return read_actual(ports.providers, scope, named, applied=applied, routes=routes, progress=progress)


def _look_beside(ports: ReconcilePorts, state: Future[Remembered], depth: Depth) -> Beside:
    return find_beside(ports.beside, state.result().applied, depth)


def _look_for_versions(ports: ReconcilePorts, state: Future[Remembered], *, asks_all: bool) -> frozenset[str]:
    return find_pruned(ports.published, state.result().applied, asks_all=asks_all)


def _place(item: DesiredResource | ActualResource | AppliedResource) -> _Place:
    within = kind_named(item.address.kind).within
    return item.address.kind, item.physical_name, str(item.attributes.get(within, "")) if within else ""
