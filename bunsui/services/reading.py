"""Reads what AWS has, all kinds at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, Provider

THREADS = 8

Progress = Callable[[int, int], None]
"""(kinds read, kinds to read), called from the caller's thread."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def read_actual(
    providers: Mapping[str, Provider],
    scope: Scope,
    desired: Iterable[DesiredResource],
    *,
    applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    progress: Progress = no_progress,
) -> tuple[ActualResource, ...]:
    """Give everything that is ours, and whatever bears a wanted name, ordered by address.

    `applied` spares calls (see `Provider.read_owned`). The first error of any provider is raised when all have answered.
    """
    wanted: dict[str, list[DesiredResource]] = {kind: [] for kind in providers}
    for resource in desired:
        wanted.setdefault(resource.address.kind, []).append(resource)
    progress(0, len(providers))
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="read") as pool:
        futures = [
            pool.submit(provider.read_owned, scope, wanted[kind], applied=applied) for kind, provider in providers.items()
        ]
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(done, len(providers))
    found = (resource for future in futures for resource in future.result())
    return tuple(sorted(found, key=lambda resource: (resource.address, resource.physical_name)))
