"""Lifecycles of a project: everything that people do to it, with any fault in the midst, and what must hold after each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from bunsui.apply.events import ChangeFailed
from bunsui.apply.trail import verify
from bunsui.errors import BunsuiError
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Plan
from bunsui.plan.retirement import KEPT_FOR
from bunsui.project.repository import Repository
from bunsui.services.apply.patience import Patience
from bunsui.services.state import move_state, rebuild_state, remove_state
from bunsui.services.unlock import unlock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.provider import MemoryAccount
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.control_plane import ControlPlane
from tests.fakes.project import SCOPE, a_pipeline
from tests.fakes.simulated import Simulation
from tests.fakes.weather import Fault, Weather
from tests.faults.worlds import Desired, converges, created_twice

NAMES = ("orders", "billing", "stock", "returns")
EXPECTED = frozenset(
    {
        "killed",
        "throttled",
        "aws-internal",
        "endpoint-unreachable",
        "iam-not-propagated",
        "credentials-expired",
        "stale-resource",
        "not-owned",
        "not-ours",
        "plan-refused",
        "lease-lost",
        "lock-alive",
        "locked",
        "fenced",
        "object-changed",
        "object-gone",
    }
)
"""How an operation may end without success. Anything else is a mistake of bunsui."""


@contextmanager
def ends_as_expected() -> Iterator[None]:
    """Let the block end well, or in one of the ways that are expected."""
    try:
        yield
    except BunsuiError as error:
        if error.code not in EXPECTED:
            raise


class Lifecycle:
    """A project and its account."""

    def __init__(self, *, at_once: bool = True) -> None:
        """With `at_once` what is removed goes at once, else it is retired first."""
        self.world = Simulation(at_once=at_once)
        self.wanted: dict[str, Desired] = {}
        self.saved: list[Plan] = []
        self.taken: dict[tuple[str, str], ActualResource] = {}
        """Objects whose tags somebody took away, as they were."""

    @property
    def desired(self) -> Desired:
        return tuple(item for parts in self.wanted.values() for item in parts)

    def edit(self, name: str, *, memory: int, functions: int, seconds: int) -> None:
        """Write or change a pipeline's file."""
        self.wanted[name] = a_pipeline(name, memory=memory, functions=functions, seconds=seconds)

    def remove(self, name: str) -> None:
        self.wanted.pop(name, None)

    def rename(self, name: str, to: str) -> None:
        """Return a pipeline another name; its file says the same."""
        if name in self.wanted and to not in self.wanted:
            del self.wanted[name]
            self.edit(to, memory=128, functions=1, seconds=5)

    def apply(self, fault: Fault | None, at: int, *, threads: int = 1) -> None:
        self._try(lambda: self._carry_out(self.world.plan(self.desired), fault, at, threads=threads))

    def apply_only(self, name: str, fault: Fault | None, at: int) -> None:
        """`apply NAME`: nothing else may change."""
        others = {key: item for key, item in self.world.memory.objects.items() if item.address.pipeline != name}
        self._try(lambda: self._carry_out(self.world.plan(self.desired, select=frozenset({name})), fault, at))
        now = {key: item for key, item in self.world.memory.objects.items() if item.address.pipeline != name}
        assert now == others

    def destroy(self, fault: Fault | None, at: int) -> None:
        self._try(lambda: self._carry_out(self.world.plan(()), fault, at))

    def save(self) -> None:
        """Keep a plan for later."""
        self.saved.append(self.world.plan(self.desired))

    def apply_saved(self, fault: Fault | None, at: int) -> None:
        """Carry out a plan of some time ago."""
        if self.saved:
            plan = self.saved.pop()
            self._try(lambda: self._carry_out(plan, fault, at))

    def take_time(self, plane: ControlPlane) -> None:
        """From now on the control planes behave so."""
        self.world.weather = Weather(plane=plane)

    def apply_in_a_storm(self) -> None:
        plan, fair = self.world.plan(self.desired), self.world.weather
        self.world.weather = replace(fair, throttled=0.2, failed=0.1, lost=0.1, hangs=0.02)
        self._try(lambda: self.world.apply(plan))
        self.world.weather = fair

    def two_at_once(self, at: int) -> None:
        """An apply that stands still for three leases before a write, while another one comes and finishes."""

        def another() -> None:
            other = Simulation(memory=self.world.memory, state=self.world.state, at_once=self.world.at_once)
            other.clock.jump((self.world.clock.now() - other.clock.now()).total_seconds())
            other.history, other.ids = self.world.history, self.world.ids
            with ends_as_expected():
                other.apply(other.plan(self.desired))

        plan = self.world.plan(self.desired)
        self.world.live(freezes_at=at, on_freeze=another)
        self._try(lambda: self.world.apply(plan))

    def change_outside(self, at: int, what: str) -> None:
        """Somebody edits, deletes or takes the tags off an object without bunsui."""
        objects = self.world.memory.objects
        if not objects:
            return
        key = sorted(objects)[at % len(objects)]
        found = objects[key]
        if what == "delete":
            self.world.change_outside(*key, None)
            self.taken.pop(key, None)
        elif what == "untag":
            self.taken.setdefault(key, found)
            self.world.change_outside(*key, replace(found, tags={}, revision=f"{found.revision}-"))
        else:
            attribute = {"role": "description", "log_group": "retention_days"}.get(key[0], "tags")
            value = at if attribute == "retention_days" else str(at) if attribute == "description" else {"n": str(at)}
            edited = {**found.attributes, attribute: value}
            self.world.change_outside(*key, replace(found, attributes=edited, revision=f"{found.revision}+"))

    def give_tags_back(self) -> None:
        for key, before in self.taken.items():
            found = self.world.memory.objects.get(key)
            if found is not None and not found.owned_by(SCOPE):
                self.world.change_outside(*key, replace(found, tags=before.tags, revision=f"{found.revision}*"))
        self.taken.clear()

    def forget(self, at: int, fault: Fault | None, call: int) -> None:
        """`state rm`."""
        known = sorted(self.world.state.applied())
        if known:
            address = str(known[at % len(known)])
            self._operate(fault, call, lambda: remove_state(self.world.ports, [address], patience=Patience(seconds=600)))

    def move_and_back(self, at: int) -> None:
        """`state mv` to an address that nobody has, and back again."""
        known = sorted(self.world.state.applied())
        if known:
            address = str(known[at % len(known)])
            kind, _, rest = address.partition(".")
            elsewhere = f"{kind}.elsewhere.{rest}" if "." not in rest else f"{kind}.elsewhere.{rest.partition('.')[2]}"
            move_state(self.world.ports, address, elsewhere, patience=Patience(seconds=600))
            move_state(self.world.ports, elsewhere, address, patience=Patience(seconds=600))

    def rebuild(self, fault: Fault | None, call: int) -> None:
        """`state rebuild`."""
        repository = cast("Repository", _Place())
        self._operate(fault, call, lambda: rebuild_state(repository, self.world.ports, patience=Patience(seconds=600)))

    def lose_state(self) -> None:
        with self.world.state.rows() as rows:
            rows.applied.clear()
            rows.journal.clear()

    def break_lock(self) -> None:
        """`unlock`, of whoever holds the lock."""
        record = MemoryLedger(self.world.state).read()
        if record is not None and record.held:
            self._operate(None, 0, lambda: unlock(self.world.ports, record.id))

    def _operate(self, fault: Fault | None, call: int, work: Callable[[], object]) -> None:
        self.world.live(faults={call: fault} if fault is not None else {})
        self._try(work)

    def _carry_out(self, plan: Plan, fault: Fault | None, at: int, *, threads: int = 1) -> None:
        self.world.live(faults={at: fault} if fault is not None else {})
        events = self.world.apply(plan, threads=threads)
        assert {event.code for event in events if isinstance(event, ChangeFailed)} <= EXPECTED, events

    def _try(self, work: Callable[[], object]) -> None:
        with ends_as_expected():
            work()
        self.world.live()

    def check(self) -> None:
        """What must hold after every step, however it ended."""
        assert not created_twice(self.world)
        assert set(self.world.untagged()) <= {name for _, name in self.taken}
        addresses = [(item.address.kind, str(item.address)) for item in self.world.memory.objects.values() if item.tags]
        assert len(addresses) == len(set(addresses))
        ledger = MemoryLedger(self.world.state)
        records = ledger.applies(limit=None)
        fences = [record.fence for record in reversed(records)]
        assert fences == sorted(set(fences))
        assert verify(records, ledger.mark()).broken is None
        apart = self._apart()
        apart.give_tags_back()
        apart.world.clock.sleep(120)
        if not apart.world.at_once:
            apart.world.apply(apart.world.plan(apart.desired))
            wanted = {item.physical_name for item in apart.desired}
            assert wanted <= {name for _, name in apart.world.memory.objects}
            apart.world.live()
            apart.world.clock.sleep(KEPT_FOR.total_seconds() + 3600)
        converges(apart.world, apart.desired)

    def _apart(self) -> Lifecycle:
        """The same project in a world of its own, in which what is tried changes nothing here."""
        other = Lifecycle(at_once=self.world.at_once)
        here = self.world.memory
        memory = MemoryAccount(objects=dict(here.objects), writes=here.writes, versions=dict(here.versions))
        state = MemoryStateStore(SCOPE)
        with self.world.state.rows() as rows, state.rows() as copy:
            copy.applied, copy.journal, copy.applies = dict(rows.applied), dict(rows.journal), dict(rows.applies)
            copy.lock, copy.mark = rows.lock, rows.mark
        state.ensure()
        other.world = Simulation(memory=memory, state=state, at_once=self.world.at_once)
        other.world.ids = self.world.ids
        other.world.clock.jump((self.world.clock.now() - other.world.clock.now()).total_seconds())
        other.wanted, other.taken = dict(self.wanted), dict(self.taken)
        return other


class _Place:
    """What a rebuild needs of a repository."""

    scope = SCOPE
