"""An account in memory: resources by kind, faults on demand, and a record of every call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bunsui.model.resource import ActualResource, Address, AppliedResource, CodeSource, DesiredResource, Scope, parse_address
from bunsui.ports.cloud import ResolvedResource, Written
from bunsui.ports.packaging import Package

KINDS = ("log_group", "role", "lambda_function", "state_machine", "schedule_group", "schedule")

Fault = Callable[[str, str], None]
"""(verb, physical name) -> raises to make the call fail before its effect."""


def no_fault(verb: str, name: str) -> None:
    """Let every call work."""


@dataclass
class FakeAccount:
    """What a fake AWS holds."""

    objects: dict[tuple[str, str], ActualResource] = field(default_factory=dict)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    """(verb, kind, physical name) of every write that was tried."""
    before: Fault = no_fault
    after: Fault = no_fault
    """Raises after the effect: a reply that got lost."""
    serial: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def providers(self) -> dict[str, FakeProvider]:
        return {kind: FakeProvider(kind=kind, account=self) for kind in KINDS}

    def change(self, kind: str, name: str, **attributes: object) -> None:
        """Change an object behind bunsui's back."""
        found = self.objects[kind, name]
        self.serial += 1
        self.objects[kind, name] = replace(
            found,
            attributes={**found.attributes, **attributes},  # type: ignore[dict-item]
            revision=str(self.serial),
        )


@dataclass
class FakeProvider:
    """One kind of the fake account."""

    kind: str
    account: FakeAccount

    def read_owned(self, scope: Scope, wanted: Sequence[DesiredResource]) -> Sequence[ActualResource]:
        names = {item.physical_name: item.address for item in wanted}
        result = []
        with self.account.lock:
            for (kind, name), item in self.account.objects.items():
                if kind == self.kind and (item.owned_by(scope) or name in names):
                    result.append(item if item.owned_by(scope) else replace(item, address=names[name]))
        return sorted(result, key=lambda item: item.address)

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        with self.account.lock:
            return self.account.objects.get((self.kind, physical_name))

    def create(self, resource: ResolvedResource) -> Written:
        return self._write("create", resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        return self._write("update", resource)

    def delete(self, actual: ActualResource) -> None:
        with self.account.lock:
            self.account.calls.append(("delete", self.kind, actual.physical_name))
        self.account.before("delete", actual.physical_name)
        with self.account.lock:
            self.account.objects.pop((self.kind, actual.physical_name), None)
        self.account.after("delete", actual.physical_name)

    def _write(self, verb: str, resource: ResolvedResource) -> Written:
        account = self.account
        with account.lock:
            account.calls.append((verb, self.kind, resource.physical_name))
        account.before(verb, resource.physical_name)
        with account.lock:
            account.serial += 1
            revision = str(account.serial)
            arn = f"arn:aws:{self.kind}:::{resource.physical_name}"
            outputs = {"arn": arn, "version_arn": f"{arn}:{revision}", "alias_arn": f"{arn}:live"}
            account.objects[self.kind, resource.physical_name] = ActualResource(
                address=parse_address(resource.tags["bunsui:address"]),
                physical_name=resource.physical_name,
                attributes=resource.attributes,
                outputs=outputs,
                tags=resource.tags,
                revision=revision,
            )
        account.after(verb, resource.physical_name)
        return Written(outputs=outputs, revision=revision)


@dataclass
class FakeState:
    """Applied resources in memory."""

    items: dict[Address, AppliedResource] = field(default_factory=dict)

    def ensure(self) -> bool:
        return False

    def applied(self) -> Mapping[Address, AppliedResource]:
        return dict(self.items)

    def put(self, resource: AppliedResource) -> None:
        self.items[resource.address] = resource

    def forget(self, address: Address) -> None:
        self.items.pop(address, None)


@dataclass
class FakeClock:
    """A clock that moves only when somebody sleeps."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


class NoPackager:
    """Fails the test when somebody packages."""

    def package(self, code: CodeSource) -> Package:
        raise AssertionError(f"nothing should package {code.path}")
