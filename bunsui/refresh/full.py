"""Reads what AWS has, all kinds at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from functools import partial

from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, Placing, Provider
from bunsui.ports.hints import RouteReader

THREADS = 8

Progress = Callable[[int, int], None]
"""(kinds read, kinds to read), called from one thread at a time."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def read_actual(
    providers: Mapping[str, Provider],
    scope: Scope,
    desired: Iterable[DesiredResource],
    *,
    applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    routes: Callable[[], Collection[Address] | None] = lambda: None,
    progress: Progress = no_progress,
) -> tuple[ActualResource, ...]:
    """Return everything that is ours, and whatever bears a wanted name, ordered by address.

    `routes` tells of which machines it is asked where their alias leads, None for all. `applied` spares
    calls (see `Provider.read_owned`). The first error of any provider is raised when all have answered.
    """
    wanted: dict[str, list[DesiredResource]] = {kind: [] for kind in providers}
    for resource in desired:
        wanted.setdefault(resource.address.kind, []).append(resource)

    def read(kind: str, provider: Provider) -> Sequence[ActualResource]:
        if kind == MACHINE and isinstance(provider, RouteReader) and (asked := routes()) is not None:
            return provider.read_routed(scope, wanted[kind], applied=applied, routes=asked)
        return provider.read_owned(scope, wanted[kind], applied=applied)

    progress(0, len(providers))
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read") as pool:
        futures = [pool.submit(copy_context().run, partial(read, kind, provider)) for kind, provider in providers.items()]
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(done, len(providers))
    found = (resource for future in futures for resource in future.result())
    return tuple(sorted(found, key=lambda resource: (resource.address, resource.physical_name)))


def read_each(
    items: Collection[tuple[Address, str]], providers: Mapping[str, Provider], *, progress: Progress = no_progress
) -> Sequence[ActualResource]:
    """Read objects one by one, by address and name; those that do not exist are left out."""
    progress(0, len(items))
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read") as pool:
        futures = [pool.submit(providers[address.kind].read, address, name) for address, name in sorted(items)]
        try:
            for done, _ in enumerate(as_completed(futures), start=1):
                progress(done, len(items))
        except BaseException:  # interrupted
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [item for future in futures if (item := future.result()) is not None]


def place(items: Iterable[DesiredResource | AppliedResource], providers: Mapping[str, Provider]) -> None:
    """Tell providers where the objects lie that have a name of their own only there. What was applied is where it was put."""
    for item in items:
        within = kind_named(item.address.kind).within
        provider: object = providers.get(item.address.kind)
        if within and within in item.attributes and isinstance(provider, Placing):
            provider.place(item.address, item.physical_name, str(item.attributes[within]))
