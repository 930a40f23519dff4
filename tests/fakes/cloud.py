"""The account in memory, with faults on demand and a record of every write that was tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, CodeSource
from bunsui.ports.cloud import HandingBack, Provider, ResolvedResource, Retiring, Written
from bunsui.ports.packaging import Package
from bunsui.testkit.provider import MemoryAccount
from tests.fakes.passing import PassingProvider

Fault = Callable[[str, str], None]
"""(verb, physical name) -> raises to make the call fail."""


def no_fault(verb: str, name: str) -> None:
    """Let every call work."""


@dataclass
class FaultyAccount:
    """An account whose writes can fail, before their effect or, like a reply that got lost, after it."""

    memory: MemoryAccount = field(default_factory=MemoryAccount)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    """(verb, kind, physical name) of every write that was tried."""
    before: Fault = no_fault
    after: Fault = no_fault
    lock: threading.Lock = field(default_factory=threading.Lock)
    permit: Callable[[], None] = lambda: None
    """Asked right before a write has its effect, as a connection does."""

    def gate(self, permit: Callable[[], None]) -> None:
        self.permit = permit

    @property
    def objects(self) -> dict[tuple[str, str], ActualResource]:
        return self.memory.objects

    def providers(self) -> Mapping[str, Provider]:
        return {kind: FaultyProvider(inner, self) for kind, inner in self.memory.providers().items()}

    def change(self, kind: str, name: str, **attributes: Json) -> None:
        """Change an object behind bunsui's back."""
        found = self.objects[kind, name]
        changed = {**found.attributes, **attributes}
        self.objects[kind, name] = replace(found, attributes=changed, revision=f"{found.revision} changed")

    def tried(self, verb: str, kind: str, name: str, write: Callable[[], Written | None]) -> Written | None:
        with self.lock:
            self.calls.append((verb, kind, name))
        self.before(verb, name)
        self.permit()
        written = write()
        self.after(verb, name)
        return written


@dataclass
class FaultyProvider(PassingProvider):
    """Passes everything on, through the account's faults."""

    account: FaultyAccount

    def create(self, resource: ResolvedResource) -> Written:
        name = resource.physical_name
        written = self.account.tried("create", self.kind, name, lambda: self.inner.create(resource))
        assert written is not None
        return written

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        name = resource.physical_name
        written = self.account.tried("update", self.kind, name, lambda: self.inner.update(resource, actual))
        assert written is not None
        return written

    def retire(self, actual: ActualResource) -> ActualResource:
        inner = self.inner
        assert isinstance(inner, Retiring)
        found: list[ActualResource] = []
        self.account.tried("retire", self.kind, actual.physical_name, lambda: found.append(inner.retire(actual)))
        return found[0]

    def hand_back(self, actual: ActualResource, before: ActualResource) -> None:
        inner = self.inner
        assert isinstance(inner, HandingBack)
        self.account.tried("hand_back", self.kind, actual.physical_name, lambda: inner.hand_back(actual, before))

    def delete(self, actual: ActualResource) -> None:
        self.account.tried("delete", self.kind, actual.physical_name, lambda: self.inner.delete(actual))


class NoPackager:
    """Fails the test when somebody packages."""

    def package(self, code: CodeSource) -> Package:
        raise AssertionError(f"nothing should package {code.path}")
