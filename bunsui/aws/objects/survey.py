"""Reads in which only some objects are suspected of not being as they were applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bunsui.kinds.canonical.json import surely_same
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is taken as it was applied."""

    scope: Scope
    written: Mapping[str, AppliedResource]
    """What bunsui wrote last of the kind, by the name under which the provider lists it."""
    suspects: Collection[Address]

    def trusts(self, name: str) -> bool:
        """Tell whether the object need not be read."""
        return name in self.written and self.written[name].address not in self.suspects

    def assumed(self, name: str) -> ActualResource:
        """Return a trusted object as it was applied."""
        return self.written[name].as_actual(self.scope)

    def tags(self, name: str) -> Mapping[str, str] | None:
        """Return the tags that a trusted object was given, None for any other."""
        if not self.trusts(name):
            return None
        resource = self.written[name]
        own = resource.attributes.get("tags")
        users = {str(key): str(value) for key, value in own.items()} if isinstance(own, Mapping) else {}
        return {**self.scope.tags(resource.address), **users}

    def seen(self, name: str, actual: ActualResource | None) -> ActualResource | None:
        """Return what a list shows of an object: as assumed where that is what was applied, since the list does not show
        all."""
        if actual is None or not self.trusts(name):
            return actual
        return self.assumed(name) if surely_same(actual.attributes, self.written[name].attributes) else actual

    def arns(self) -> tuple[str, ...]:
        """Return the ARNs of the suspects."""
        suspected = (resource for resource in self.written.values() if resource.address in self.suspects)
        return tuple(resource.outputs["arn"] for resource in suspected if "arn" in resource.outputs)
