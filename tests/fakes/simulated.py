"""A seeded account on a virtual clock, in which every call can go wrong, and processes that die between any two of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar

from bunsui.apply.events import ApplyEvent
from bunsui.apply.lease import Lease
from bunsui.apply.stop import Stop
from bunsui.errors import AccessDenied, BunsuiError, CloudError, Throttled, Unavailable
from bunsui.local.memory.clock import VirtualClock
from bunsui.local.memory.ledger import MemoryLedger
from bunsui.local.memory.provider import MemoryAccount
from bunsui.local.memory.state import MemoryStateStore
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.plan.retirement import Hold
from bunsui.ports.cloud import NOTHING_APPLIED, Provider, ResolvedResource, Retiring, Written
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, JournalEntry, Ledger, LockRecord, StateMark
from bunsui.services.apply import apply_plan
from bunsui.services.edges import ReconcileEdges
from bunsui.services.locking import Patience
from bunsui.services.reading import no_progress
from bunsui.services.settling import settled
from tests.fakes.cloud import NoPackager
from tests.fakes.project import SCOPE

T = TypeVar("T")

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class BeatingClock(VirtualClock):
    """A virtual clock under which the holder of the lock lives on: while somebody sleeps, the lock is renewed."""

    beat: Callable[[], None] | None = None

    def sleep(self, seconds: float) -> None:
        while seconds > 0 and self.beat is not None:
            step = min(seconds, 1.0)
            self.jump(step)
            seconds -= step
            self.beat()
        self.jump(max(seconds, 0.0))

    def jump(self, seconds: float) -> None:
        """Let the time pass with nobody doing anything, as when a process stands still."""
        super().sleep(seconds)


@dataclass
class Weather:
    """What goes wrong, and how often; probabilities of each call."""

    throttled: float = 0.0
    failed: float = 0.0
    """Internal errors, half of them after the call had its effect."""
    lost: float = 0.0
    """Replies that never come, after the call had its effect."""
    hangs: float = 0.0
    """Calls that take twenty seconds and have no effect."""
    lag_seconds: float = 0.0
    """How long reads of a resource give what was there before a write."""
    iam_seconds: float = 0.0
    """How long a role that was written cannot be assumed."""
    per_second: float = 0.0
    """Calls a second that are not throttled, of each operation; 0 for no limit."""


@dataclass
class Simulation:
    """An account, its table, and the processes that work on them, one life after the other."""

    seed: int = 0
    weather: Weather = field(default_factory=Weather)
    memory: MemoryAccount = field(default_factory=MemoryAccount)
    state: MemoryStateStore = field(default_factory=lambda: MemoryStateStore(SCOPE))
    clock: BeatingClock = field(default_factory=BeatingClock)
    at_once: bool = True
    """Whether what is removed is deleted without being retired first."""
    calls: list[str] = field(default_factory=list)
    """Every call of the present life, as operation and name."""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """Writes that had an effect, in all lives: verb, and kind with physical name."""
    dies_at: int | None = None
    """The number of the call at which the process dies."""
    dies_after: bool = False
    """True when that call still has its effect."""
    expires_at: int | None = None
    """The number of the call from which on the credentials have expired."""
    freezes_at: int | None = None
    """The number of the write to the account before which the process stands still for three leases."""
    on_freeze: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.mutex = threading.RLock()
        self.dead = False
        self.written: dict[tuple[str, str], tuple[datetime, ActualResource | None]] = {}
        self.buckets: dict[str, list[float]] = {}
        self.ids = count()
        self.writes = 0
        self.permit: Callable[[], None] = lambda: None

    def live(self, **plans: object) -> None:
        """Begin a new life, with other plans of when it ends."""
        self.clock.beat = None
        self.dead, self.calls, self.writes = False, [], 0
        self.dies_at = self.expires_at = self.freezes_at = None
        for name, value in plans.items():
            setattr(self, name, value)

    def call(self, operation: str, name: str, work: Callable[[], T], *, effect: bool = False) -> T:
        """Pass a call through everything that can go wrong with it."""
        with self.mutex:
            self._die_or_go_on()
            number = len(self.calls)
            self.calls.append(f"{operation} {name}")
            if number == self.dies_at and not self.dies_after:
                self.dead = True
            self._die_or_go_on()
            if self.expires_at is not None and number >= self.expires_at:
                raise AccessDenied("credentials-expired", "they have expired", hint="Sign in again:\n  aws sso login")
            lucky = self.random.random
            self._limit(operation)
            if lucky() < self.weather.throttled:
                raise Throttled("throttled", "AWS asked to slow down and kept asking")
            if lucky() < self.weather.hangs:
                self.clock.jump(20)
                raise Unavailable("endpoint-unreachable", "no answer")
            fails = lucky() < self.weather.failed
            if fails and lucky() < 0.5:
                raise CloudError("aws-internal", "AWS failed inside")
            result = work()
            if effect:
                self.effects.append((operation, name))
            if number == self.dies_at:
                self.dead = True
            self._die_or_go_on()
            if fails:
                raise CloudError("aws-internal", "AWS failed inside")
            if lucky() < self.weather.lost:
                raise Unavailable("endpoint-unreachable", "no answer")
            return result

    def _die_or_go_on(self) -> None:
        if self.dead:
            raise BunsuiError("killed", "the process is gone")

    def _limit(self, operation: str) -> None:
        if not self.weather.per_second:
            return
        now = self.clock.steady()
        recent = [at for at in self.buckets.get(operation, []) if now - at < 1]
        if len(recent) >= self.weather.per_second:
            raise Throttled("throttled", "AWS asked to slow down and kept asking")
        self.buckets[operation] = [*recent, now]

    def providers(self) -> Mapping[str, Provider]:
        return {kind: SimulatedProvider(inner, self) for kind, inner in self.memory.providers().items()}

    @property
    def edges(self) -> ReconcileEdges:
        ledger = SimulatedLedger(MemoryLedger(self.state), self)

        def gate(permit: Callable[[], None]) -> None:
            self.permit = permit
            lease = getattr(permit, "__self__", None)
            self.clock.beat = lease.beat if isinstance(lease, Lease) else None

        return ReconcileEdges(
            providers=self.providers(),
            state=self.state,
            clock=self.clock,
            packager=NoPackager(),
            ledger=Ledger(locks=ledger, journal=ledger, log=ledger),
            new_id=lambda: f"{next(self.ids):06d}",
            actor=Actor(who="mika"),
            gated=gate,
        )

    def plan(self, desired: tuple[DesiredResource, ...]) -> Plan:
        """Plan in fair weather, though what was written lately may still read as it was."""
        providers = self.providers()
        weather, self.weather = self.weather, Weather(lag_seconds=self.weather.lag_seconds)
        applied = self.state.applied()
        actual = [
            item
            for kind, provider in providers.items()
            for item in provider.read_owned(SCOPE, [one for one in desired if one.address.kind == kind])
        ]
        read = settled(actual, applied, providers=providers, clock=self.clock, progress=no_progress)
        self.weather = weather
        ledger = MemoryLedger(self.state)
        facts = Facts(
            scope=SCOPE,
            as_of=self.clock.now(),
            desired=desired,
            actual=tuple(read),
            applied=applied,
            pending=ledger.pending(),
            mark=ledger.mark(),
            at_once=self.at_once,
            holds={address: Hold() for address in applied},
        )
        return build_plan(facts)

    def apply(self, plan: Plan, *, threads: int = 1, stop: Stop | None = None) -> list[ApplyEvent]:
        """Apply; what had happened when the process died, or the lock was not to be had, is an empty list."""
        return list(apply_plan(plan, self.edges, threads=threads, stop=stop, patience=Patience(seconds=600)))

    def killed(self, plan: Plan, *, threads: int = 1) -> bool:
        """Apply, and tell whether the process died over it."""
        try:
            self.apply(plan, threads=threads)
        except BunsuiError as error:
            if not self.dead:
                raise error
        return self.dead

    def untagged(self) -> list[str]:
        """Names of objects without the ownership tags."""
        return [name for (_, name), found in self.memory.objects.items() if not found.owned_by(SCOPE)]


@dataclass
class SimulatedProvider:
    """A provider whose calls pass through the simulation."""

    inner: Provider
    world: Simulation

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
        found = self.world.call("list", self.kind, lambda: self.inner.read_owned(scope, wanted, applied=applied))
        return list(self._as_read(found))

    def _as_read(self, found: Sequence[ActualResource]) -> Iterator[ActualResource]:
        """What a list gives: old values of what was written lately."""
        seen = set()
        for item in found:
            seen.add(item.physical_name)
            old, is_old = self._old(item.physical_name)
            if not is_old:
                yield item
            elif old is not None:
                yield replace(old, address=item.address)
        for (kind, name), (_, before) in self.world.written.items():
            if kind == self.kind and name not in seen and before is not None and self._old(name)[1]:
                yield before

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        found = self.world.call("read", physical_name, lambda: self.inner.read(address, physical_name))
        old, is_old = self._old(physical_name)
        return old if is_old else found

    def _old(self, name: str) -> tuple[ActualResource | None, bool]:
        at, before = self.world.written.get((self.kind, name), (_LONG_AGO, None))
        is_old = (self.world.clock.now() - at).total_seconds() < self.world.weather.lag_seconds
        return before, is_old

    def create(self, resource: ResolvedResource) -> Written:
        return self._write("create", resource.physical_name, lambda: self.inner.create(resource), resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        return self._write("update", resource.physical_name, lambda: self.inner.update(resource, actual), resource)

    def retire(self, actual: ActualResource) -> ActualResource:
        inner = self.inner
        assert isinstance(inner, Retiring)
        return self._write("retire", actual.physical_name, lambda: inner.retire(actual), None)

    def delete(self, actual: ActualResource) -> None:
        self._write("delete", actual.physical_name, lambda: self.inner.delete(actual), None)

    def _write(self, verb: str, name: str, work: Callable[[], T], resource: ResolvedResource | None) -> T:
        self._freeze()
        self.world.permit()
        key = (self.kind, name)

        def effect() -> T:
            before = self.world.memory.objects.get(key)
            self._refuse_young_role(resource)
            done = work()
            self.world.written[key] = (self.world.clock.now(), before)
            return done

        return self.world.call(verb, f"{self.kind}/{name}", effect, effect=True)

    def _refuse_young_role(self, resource: ResolvedResource | None) -> None:
        role = str(resource.attributes.get("role_arn") or "") if resource is not None else ""
        for (kind, name), (at, _) in self.world.written.items():
            young = (self.world.clock.now() - at).total_seconds() < self.world.weather.iam_seconds
            if kind == "role" and young and role.endswith(f":{name}"):
                raise CloudError("iam-not-propagated", "the role cannot be assumed")

    def _freeze(self) -> None:
        with self.world.mutex:
            frozen = self.world.writes == self.world.freezes_at
            self.world.writes += 1
        if frozen:
            self.world.on_freeze()
            self.world.clock.jump(180)


@dataclass
class SimulatedLedger:
    """A ledger whose calls pass through the simulation."""

    inner: MemoryLedger
    world: Simulation

    def read(self) -> LockRecord | None:
        return self.world.call("read", "lock", self.inner.read)

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        self.world.call("swap", "lock", lambda: self.inner.swap(record, over=over))

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.world.call("begin", str(entry.address), lambda: self.inner.begin(entry, fence))

    def settle(self, outcome: Mapping[Address, AppliedResource | None], fence: Fence) -> None:
        self.world.call("settle", ", ".join(map(str, outcome)), lambda: self.inner.settle(outcome, fence))

    def pending(self) -> Mapping[Address, JournalEntry]:
        return self.world.call("pending", "journal", self.inner.pending)

    def mark(self) -> StateMark:
        return self.world.call("mark", "state", self.inner.mark)

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        return self.world.call("open", record.id, lambda: self.inner.open(record, fence))

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        self.world.call("close", record.id, lambda: self.inner.close(record, fence))

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        return self.inner.applies(limit=limit)

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        return self.inner.of_plan(plan_id)
