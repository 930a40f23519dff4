"""The lock under attack: twenty at once, holders that stand still, clocks that are an hour wrong, replies that are lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from bunsui.apply.events import ChangeFailed
from bunsui.apply.lease import Lease, LeaseTerms, Request, Waiting, take
from bunsui.errors import BunsuiError, Conflict, Locked, Unavailable
from bunsui.model.address import Address
from bunsui.plan.model import Plan
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, JournalEntry, Ledger, LockRecord
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.patience import Patience
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE
from tests.fakes.simulated import Simulation
from tests.fakes.simulated_ports import SimulatedLedger
from tests.fakes.weather import BeatingClock
from tests.faults.amount import amount, some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, created_twice, finished

pytestmark = pytest.mark.timeout(3600)


@dataclass
class HeldLedger(SimulatedLedger):
    """A ledger under which whoever has the lock keeps it until all others were refused."""

    outcomes: list[str] = field(default_factory=list)

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        deadline = time.monotonic() + 30
        while len(self.outcomes) < 19 and time.monotonic() < deadline:
            time.sleep(0.001)
        return super().open(record, fence)


def racing(world: Simulation, plan: Plan, barrier: threading.Barrier, outcomes: list[str]) -> None:
    """One of those that start in the same instant."""
    ledger = HeldLedger(MemoryLedger(world.state), world, outcomes)
    ports = replace(world.ports, ledger=Ledger(locks=ledger, journal=ledger, log=ledger, deployed=ledger))
    events = apply_plan(plan, ports, threads=1, patience=Patience(seconds=0))
    barrier.wait()
    try:
        outcomes.append("complete" if finished(list(events)).is_complete else "incomplete")
    except Locked as error:
        outcomes.append(f"locked by {error.facts['holder']}, exit {error.exit_code}")


def test_of_twenty_applies_at_once_one_holds_the_lock_the_others_say_so_and_fences_grow(figure: Figure) -> None:
    rounds = range(amount(3, 50, 200))
    for _ in rounds:
        world = a_world()
        plan = world.plan(AFTER)
        outcomes: list[str] = []
        one = partial(racing, world, plan, threading.Barrier(20), outcomes)
        threads = [threading.Thread(target=one) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(outcomes) == {"complete": 1, "locked by mika, exit 3": 19}
        numbers = [record.fence for record in reversed(MemoryLedger(world.state).applies(limit=100))]
        assert numbers == sorted(set(numbers))
        assert not created_twice(world)
        converges(world)
    figure("5 20 concurrent applies", f"{len(rounds)} rounds: 1 holder and 19 refusals that name it in each, fences grow")


@pytest.mark.parametrize("somebody_came", [False, True])
def test_a_process_that_stood_still_before_any_write_makes_none_afterwards(figure: Figure, somebody_came: bool) -> None:
    writes = number_of_writes()
    points = some(range(writes), every=6)
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        seen: list[int] = []

        def froze(world: Simulation = world, seen: list[int] = seen) -> None:
            if somebody_came:
                other = Simulation(memory=world.memory, state=world.state, clock=BeatingClock(world.clock.now()))
                other.history = world.history
                other.apply(other.plan(AFTER))
            seen.append(len(world.effects))

        world.live(freezes_at=point, on_freeze=froze)
        events = world.apply(plan)
        assert len(world.effects) == seen[0], point
        assert "lease-lost" in {event.code for event in events if isinstance(event, ChangeFailed)}
        world.clock.sleep(3600)
        converges(world)
    who = "somebody else came" if somebody_came else "nobody came"
    figure("6 a holder that stood still", f"{who}: before each of {len(points)} writes for three leases, 0 writes afterwards")


def number_of_writes() -> int:
    world = a_world()
    plan = world.plan(AFTER)
    world.live()
    world.apply(plan)
    return world.writes


TERMS = LeaseTerms()
ENTRY = JournalEntry(address=Address("role", "orders"), physical_name="r", action="create", steps=("create",))


@dataclass
class Skewed:
    """A clock that shows another time of day than all others, though seconds are as long."""

    base: ManualClock
    skew_seconds: float
    while_asleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.base.now() + timedelta(seconds=self.skew_seconds)

    def steady(self) -> float:
        return self.base.steady() + self.skew_seconds

    def sleep(self, seconds: float) -> None:
        self.base.sleep(seconds)
        self.while_asleep()


@dataclass
class Lossy:
    """A lock store that loses replies, and requests."""

    inner: MemoryLedger
    lot: random.Random

    def read(self) -> LockRecord | None:
        return self.inner.read()

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        if self.lot.random() < 0.05:
            raise Unavailable("endpoint-unreachable", "no answer")
        self.inner.swap(record, over=over)
        if self.lot.random() < 0.1:
            raise Unavailable("endpoint-unreachable", "no answer")


class Nemesis:
    """Five who want the lock, and what happened, in order: (who, what, fence)."""

    def __init__(self, seed: int) -> None:
        self.lot = random.Random(seed)
        self.clock = ManualClock()
        state = MemoryStateStore(SCOPE)
        state.ensure()
        self.ledger = MemoryLedger(state)
        self.clocks = [Skewed(self.clock, self.lot.choice((-3600.0, 0.0, 3600.0)), self._others_live) for _ in range(5)]
        self.leases: dict[int, Lease] = {}
        self.frozen: set[int] = set()
        self.history: list[tuple[int, str, int]] = []
        self.sign_of_life = 0.0
        self.longest_takeover = 0.0

    def _others_live(self) -> None:
        """While somebody waits a second, holders that do not stand still renew."""
        for who in self.leases.keys() - self.frozen:
            self._beat(who)

    def _beat(self, who: int) -> None:
        before = self.ledger.read()
        self.leases[who].beat()
        if self.ledger.read() != before:
            self.sign_of_life = self.clock.steady()

    def step(self) -> None:
        who = self.lot.randrange(5)
        move = self.lot.choice(("take", "write", "write", "beat", "late write", "freeze", "thaw", "pause", "release"))
        if move == "take" and who not in self.leases:
            self._take(who)
        elif move == "pause":
            self.clock.sleep(self.lot.choice((1, 7, 20)))
            self._others_live()
        elif move == "freeze":
            self.frozen.add(who)
        elif move == "thaw":
            self.frozen.discard(who)
        elif who in self.leases and who not in self.frozen:
            if move == "beat":
                self._beat(who)
            elif move == "release":
                self.leases.pop(who).release()
            else:
                self._write(who, late=move == "late write")

    def _take(self, who: int) -> None:
        waits: list[Waiting] = []
        request = Request(operation="apply", actor=Actor(who=str(who)), terms=TERMS, patience_seconds=130, waiting=waits.append)
        others = [lease for other, lease in self.leases.items() if other not in self.frozen]
        held = (record := self.ledger.read()) is not None and record.held
        try:
            self.leases[who] = take(Lossy(self.ledger, self.lot), self.clocks[who], request)
        except Locked:
            self.history.append((who, "refused", 0))
            assert others  # who only stands still does not keep the others out
            return
        except BunsuiError:
            return
        if held and waits:
            self.longest_takeover = max(self.longest_takeover, waits[-1].waited_seconds)
        self.history.append((who, "taken", self.leases[who].fence.number))

    def _write(self, who: int, *, late: bool) -> None:
        lease = self.leases[who]
        try:
            lease.permit()
        except BunsuiError:
            del self.leases[who]
            return
        self.history.append((who, "permitted", lease.fence.number))
        if late:  # it stands still between the check and the call, and the others go on
            self.frozen.add(who)
            for _ in range(3):
                self.step()
            self.frozen.discard(who)
        try:
            self.ledger.begin(ENTRY, lease.fence)
            self.history.append((who, "written", lease.fence.number))
        except Conflict:
            self.leases.pop(who, None)


def test_no_write_with_an_older_fence_is_accepted_after_one_with_a_newer_fence(figure: Figure) -> None:
    operations, takeover = 0, 0.0
    target = amount(1_000, 5_000, 5_000)
    seed = 0
    while operations < target:
        nemesis = Nemesis(seed)
        for _ in range(100):
            nemesis.step()
        check(nemesis.history, seed)
        operations += len(nemesis.history)
        takeover = max(takeover, nemesis.longest_takeover)
        seed += 1
    assert takeover <= 2 * TERMS.lease_seconds + 2
    figure(
        "6 nemesis of the lock",
        f"{operations} operations of {seed} histories, takeover after {takeover:.0f} s at most",
    )


def check(history: list[tuple[int, str, int]], seed: int) -> None:
    taken = [fence for _, what, fence in history if what == "taken"]
    assert taken == sorted(set(taken)), seed
    for kind in ("permitted", "written"):
        highest = 0
        for _, what, fence in history:
            if what == "taken" and kind == "permitted":
                highest = max(highest, fence)
            if what == kind:
                assert fence >= highest, (seed, kind)
                highest = fence
