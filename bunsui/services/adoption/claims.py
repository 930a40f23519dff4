"""State machines of others that an import may take over, seen through the provider of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, Provider, ResolvedResource, Written
from bunsui.refresh.ports import ReconcilePorts

_WHY = "it is imported"


class ClaimingProvider:
    """A `Provider` over another one, to which some objects of others are there to be taken over."""

    def __init__(self, below: Provider, names: Collection[str]) -> None:
        """Let the objects of these names, in AWS, be taken over."""
        self._below = below
        self._names = frozenset(names)

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self._below.kind

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        """Return what is there, as the provider below does."""
        return [self._claimable(actual) for actual in self._below.read_owned(scope, wanted, applied=applied)]

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the one object of that name, None when it does not exist."""
        actual = self._below.read(address, physical_name)
        return None if actual is None else self._claimable(actual)

    def create(self, resource: ResolvedResource) -> Written:
        """Make it."""
        return self._below.create(resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Change it, our tags included."""
        return self._below.update(resource, actual)

    def delete(self, actual: ActualResource) -> None:
        """Remove it."""
        self._below.delete(actual)

    def _claimable(self, actual: ActualResource) -> ActualResource:
        return replace(actual, claimable=_WHY) if actual.physical_name in self._names else actual


def claiming(ports: ReconcilePorts, machines: Collection[str]) -> ReconcilePorts:
    """Return the same ports, with which machines of these names may be taken over."""
    provider = ClaimingProvider(ports.providers[MACHINE], machines)
    return replace(ports, providers={**ports.providers, MACHINE: provider})
