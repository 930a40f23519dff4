"""A provider that passes everything on to another; fakes override what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, Provider, ResolvedResource, Written


@dataclass
class PassingProvider:
    """Passes everything on. It retires nothing and is told no places: who can do that says so by having the method."""

    inner: Provider

    @property
    def kind(self) -> str:
        return self.inner.kind

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        return self.inner.read_owned(scope, wanted, applied=applied)

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        return self.inner.read(address, physical_name)

    def create(self, resource: ResolvedResource) -> Written:
        return self.inner.create(resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        return self.inner.update(resource, actual)

    def delete(self, actual: ActualResource) -> None:
        self.inner.delete(actual)
