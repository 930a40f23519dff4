"""A seeded account on a virtual clock, in which every call can go wrong, and processes that die between any two of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar

from bunsui.apply.events import ApplyEvent
from bunsui.apply.lease import Lease
from bunsui.apply.stop import Stop
from bunsui.errors import BunsuiError
from bunsui.model.resource import ActualResource, DesiredResource
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.plan.retirement import Blockers
from bunsui.ports.cloud import Provider
from bunsui.ports.ledger import Actor, Ledger
from bunsui.refresh.actual import believe_once_consistent
from bunsui.refresh.full import no_progress
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.patience import Patience
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.provider import MemoryAccount
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.cloud import NoPackager
from tests.fakes.control_plane import THROTTLED_TRANSACTION, Records, answered
from tests.fakes.project import SCOPE
from tests.fakes.simulated_ports import SimulatedLedger, SimulatedProvider, SimulatedState
from tests.fakes.weather import HANG_SECONDS, BeatingClock, Bucket, Fault, Weather

T = TypeVar("T")


def of_memory(ledger: MemoryLedger) -> Ledger:
    """A ledger on which nothing goes wrong."""
    return Ledger(locks=ledger, journal=ledger, log=ledger, deployed=ledger)


@dataclass
class Simulation:
    """An account, its table, and the processes that work on them, one life after the other."""

    seed: int = 0
    weather: Weather = field(default_factory=Weather)
    memory: MemoryAccount = field(default_factory=MemoryAccount)
    state: MemoryStateStore = field(default_factory=lambda: MemoryStateStore(SCOPE))
    clock: BeatingClock = field(default_factory=BeatingClock)
    who: str = "mika"
    at_once: bool = True
    """Whether what is removed is deleted without being retired first."""
    calls: list[str] = field(default_factory=list)
    """Every call of the present life, as operation and name."""
    effects: list[tuple[str, str]] = field(default_factory=list)
    """Writes that had an effect, in all lives: AWS's call, and kind with physical name."""
    faults: dict[int, Fault] = field(default_factory=dict)
    """What happens to the calls of these numbers."""
    refused: frozenset[str] = frozenset()
    """Writes to these (kind/name) are refused for good."""
    freezes_at: int | None = None
    """The number of the write to the account before which the process stands still for three leases."""
    on_freeze: Callable[[], None] = lambda: None
    on_call: Callable[[int], None] = lambda number: None
    """Called before each call, with its number; such as to press Ctrl-C."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.mutex = threading.RLock()
        self.dead = False
        self.history: dict[tuple[str, str], list[tuple[float, ActualResource | None]]] = {}
        """By kind and name: what each write left, with its time; the first entry is what was there before."""
        self.stale: dict[tuple[str, str], int] = {}
        """How many more reads of it are old."""
        self.buckets: dict[str, Bucket] = {}
        self.records = Records()
        self.ids = count()
        self.writes = 0
        self.expired = False
        self.permit: Callable[[], None] = lambda: None

    def live(self, **faults: object) -> None:
        """Begin a new life, with other plans of how it ends."""
        self.clock.beat = None
        self.dead, self.expired, self.calls, self.writes, self.faults = False, False, [], 0, {}
        self.refused, self.freezes_at, self.on_call = frozenset(), None, lambda number: None
        for name, value in faults.items():
            setattr(self, name, value)

    def call(self, operation: str, name: str, work: Callable[[], T], *, effect: bool = False) -> T:
        """Pass a call through everything that can go wrong with it."""
        with self.mutex:
            fault = self._fault(operation, name, effect=effect)
            result = work() if fault is None or fault.has_effect else None
            if effect and (fault is None or fault.has_effect):
                self.effects.append((operation, name))
            self.dead = self.dead or fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
            self.expired = self.expired or fault is Fault.EXPIRED
        if fault is None:
            return result  # type: ignore[return-value]  # it is what the work gave
        if fault in (Fault.HANGS, Fault.HANGS_AFTER):
            wait = self.clock.jump if name == "lock" else self.clock.sleep  # who renews the lease keeps all others waiting
            wait(HANG_SECONDS)
        raise fault.error()

    def _fault(self, operation: str, name: str, *, effect: bool) -> Fault | None:
        """What happens to this call. It is counted first, so that a process that died makes no more of them."""
        if self.dead:
            return Fault.KILLED_BEFORE
        number = len(self.calls)
        self.calls.append(f"{operation} {name}")
        self.on_call(number)
        if number in self.faults:
            return self.faults[number]
        if self.expired:
            return Fault.EXPIRED
        if effect and name in self.refused:
            raise BunsuiError("refused-for-good", "no")
        if self.weather.bucket:
            now = self.clock.steady()
            if not self.buckets.setdefault(operation, Bucket(self.weather.bucket, now)).take(self.weather, now):
                return Fault.THROTTLED
        return self.weather.fault(self.random)

    def transact(self, operation: str, name: str, work: Callable[[], T]) -> T:
        """Pass a transaction on the table through everything that can go wrong with it."""

        def written() -> T:
            chance = self.weather.plane.transactions
            if chance and self.random.random() < chance:
                raise answered("dynamodb", "TransactWriteItems", *THROTTLED_TRANSACTION)
            return work()

        return self.call(operation, name, written)

    def providers(self) -> Mapping[str, Provider]:
        return {kind: SimulatedProvider(inner, self) for kind, inner in self.memory.providers().items()}

    @property
    def ports(self) -> ReconcilePorts:
        ledger = SimulatedLedger(MemoryLedger(self.state), self)

        def gate(permit: Callable[[], None]) -> None:
            self.permit = permit
            lease = getattr(permit, "__self__", None)
            self.clock.beat = lease.beat if isinstance(lease, Lease) else None

        return ReconcilePorts(
            providers=self.providers(),
            state=SimulatedState(self.state, self),
            clock=self.clock,
            packager=NoPackager(),
            ledger=Ledger(locks=ledger, journal=ledger, log=ledger, deployed=ledger),
            new_id=lambda: f"{next(self.ids):06d}",
            actor=Actor(who=self.who),
            gated=gate,
        )

    def plan(self, desired: tuple[DesiredResource, ...], *, select: frozenset[str] | None = None) -> Plan:
        """Plan in fair weather, though what was written lately may still read as it was."""
        providers = self.providers()
        lag = self.weather
        self.weather = Weather(lag_seconds=lag.lag_seconds, list_lag_seconds=lag.list_lag_seconds, lag_reads=lag.lag_reads)
        try:
            applied = self.state.applied()
            actual = [
                item
                for kind, provider in providers.items()
                for item in provider.read_owned(SCOPE, [one for one in desired if one.address.kind == kind])
            ]
            ledger = MemoryLedger(self.state)
            facts = Facts(
                scope=SCOPE,
                as_of=self.clock.now(),
                desired=desired,
                actual=tuple(actual),
                applied=applied,
                pending=ledger.pending(),
                mark=ledger.mark(),
                at_once=self.at_once,
                holds={address: Blockers() for address in applied},
                select=select,
            )
            read = believe_once_consistent(actual, facts, replace(self.ports, ledger=of_memory(ledger)), no_progress)
        finally:
            self.weather = lag
        return build_plan(replace(facts, actual=read, as_of=self.clock.now()))

    def apply(
        self, plan: Plan, *, threads: int = 1, stop: Stop | None = None, patience_seconds: float = 600
    ) -> list[ApplyEvent]:
        """Apply; BunsuiError `killed` when the process died over it."""
        return list(apply_plan(plan, self.ports, threads=threads, stop=stop, patience=Patience(seconds=patience_seconds)))

    def killed(self, plan: Plan, *, threads: int = 1) -> bool:
        """Apply, and tell whether the process died over it."""
        try:
            self.apply(plan, threads=threads)
        except BunsuiError as error:
            if not self.dead:
                raise error
        return self.dead

    def change_outside(self, kind: str, name: str, after: ActualResource | None) -> None:
        """Change or remove an object as somebody would who does not use bunsui; seen at once."""
        if after is None:
            del self.memory.objects[kind, name]
            self.effects.append(("Delete", f"{kind}/{name}"))
        else:
            self.memory.objects[kind, name] = after
        self.history.pop((kind, name), None)

    def untagged(self) -> list[str]:
        """Names of objects without the ownership tags."""
        return [name for (_, name), found in self.memory.objects.items() if not found.owned_by(SCOPE)]
