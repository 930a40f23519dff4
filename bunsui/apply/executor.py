"""Walk the graph of changes, a bounded number at a time: what happens is told as it happens.

Each change runs in a thread of its own, at most `threads` at a time; the caller's thread starts them, collects their events
and decides what is next, so that only one thread ever looks at the graph. Threads are daemons: asked to stop at once, the
program can end while AWS still answers, and the next plan finds out what became of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeAlias, assert_never

from bunsui.apply.deployment import DeploymentRecorder, is_deployed
from bunsui.apply.events import (
    ApplyEvent,
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeNoted,
    ChangeSkipped,
    ChangeStarted,
    ChangeWaiting,
)
from bunsui.apply.iam_propagation import IAM_PROPAGATION, PATIENCE_SECONDS
from bunsui.apply.lease import Lease
from bunsui.apply.outputs import Outputs
from bunsui.apply.perform import perform
from bunsui.apply.retry import WRITE_POLICIES, RetryingJournal
from bunsui.apply.step import ChangeStep, check_reference
from bunsui.apply.stop import Stop, Stopping
from bunsui.errors import BunsuiError, Unavailable
from bunsui.kinds.role import ROLE
from bunsui.model.address import Address
from bunsui.plan.edits import kept_texts
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.partial import relied_on
from bunsui.ports.beside import BesideReader
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider, Written
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.ledger import Actor, Journal
from bunsui.ports.storage import StateStore
from bunsui.ports.versions import VersionStore
from bunsui.retry import Retrying, retry

THREADS = 8
"""How many changes run at the same time."""

_GLANCE_SECONDS = 0.1
"""How often the caller's thread looks whether it was asked to stop."""

_WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})

_WorkersEvent: TypeAlias = ChangeStarted | ChangeWaiting | ChangeNoted | ChangeDone | ChangeFailed
"""What a thread says of its change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The ports that an apply works through."""

    providers: Mapping[str, Provider]
    """By kind."""
    state: StateStore
    clock: Clock
    journal: Journal
    lease: Lease
    apply_id: str = ""
    plan_id: str = ""
    """The saved plan that is carried out; empty for none."""
    execution: ExecutionClient | None = None
    """Asked what runs on retired machines before they are deleted, and which versions sessions need."""
    versions: VersionStore | None = None
    """Where old versions are removed; None where there are none."""
    beside: BesideReader | None = None
    """What removes what others put beside ours, where a file says so."""
    actor: Actor = field(default_factory=Actor)
    """Who applies, for the deployment records."""
    rereads_creates: bool = True
    """True when another apply may have come between the plan and this one."""


def execute(plan: Plan, effects: Effects, *, stop: Stop, threads: int = THREADS) -> Generator[ApplyEvent, None, None]:
    """Carry out the plan's pending changes; the last event is always `ApplyFinished`.

    A failed change skips those that depend on it, and only those. Leaving the iterator early stops after what runs.
    """
    return _ApplyRun(plan, effects, stop=stop, threads=threads).events()


class _ApplyRun:
    """The bookkeeping of one apply; touched by the caller's thread only, the queue and `_outputs` apart."""

    def __init__(self, plan: Plan, effects: Effects, *, stop: Stop, threads: int) -> None:
        self._plan = plan
        self._effects = effects
        self._stop = stop
        self._threads = threads
        # No SimpleQueue: when a signal's handler outlasts the timeout, CPython's waits on for ever.
        self._queue: Queue[_WorkersEvent] = Queue()
        self._outputs = Outputs(plan.changes, effects.state)
        self._unchanged = {one.address: one for one in plan.changes if not one.is_change and one.actual is not None}
        self._waiting = {change.address: change for change in plan.pending}
        self._running: dict[Address, ResourceChange] = {}
        self._failed: dict[Address, Address] = {}
        """Changes that failed or were skipped, with the change that is to blame."""
        self._done: set[Address] = set()
        self._skipped = 0
        self._texts = kept_texts(plan)
        self._breaker = Event()
        self._young_roles = {change.address for change in plan.changes if _is_young_role(change, plan.as_of)}

    def events(self) -> Generator[ApplyEvent, None, None]:
        try:
            yield from self._walk()
        finally:
            if self._running:
                self._effects.lease.leave()  # a call that was sent may still have its effect, so nobody else may write yet

    def _walk(self) -> Iterator[ApplyEvent]:
        begun = self._effects.clock.now()
        while True:
            yield from self._skip_hopeless()
            self._start_ready()
            if not self._running:
                break
            event = self._next_event()
            if event is None:
                break
            self._settle(event)
            yield event
        interrupted = self._stop.urgency is not Stopping.NO
        why = "the lock was lost" if self._effects.lease.is_lost else "the apply was stopped"
        for change in (*self._running.values(), *self._waiting.values()):
            running = change.address in self._running
            yield self._skip(change, "unknown: it was still running when the apply stopped" if running else why)
        failed = sum(1 for address, blame in self._failed.items() if address == blame)
        yield ApplyFinished(
            done=len(self._done),
            failed=failed,
            skipped=self._skipped,
            interrupted=interrupted and bool(self._skipped),
            seconds=(self._effects.clock.now() - begun).total_seconds(),
        )

    def _skip_hopeless(self) -> Iterator[ApplyEvent]:
        """Skip what needs something that failed, until nothing more follows from it."""
        found = True
        while found:
            found = False
            for change in tuple(self._waiting.values()):
                blame = next((self._failed[need] for need in change.depends_on if need in self._failed), None)
                if blame is not None:
                    found = True
                    del self._waiting[change.address]
                    self._failed[change.address] = blame
                    yield self._skip(change, f"{blame} failed")

    def _skip(self, change: ResourceChange, because: str) -> ChangeSkipped:
        self._skipped += 1
        return ChangeSkipped(address=change.address, action=change.action, because=because)

    def _start_ready(self) -> None:
        if self._stop.urgency is not Stopping.NO or self._effects.lease.is_lost:
            return
        pending = self._waiting.keys() | self._running.keys()
        for change in tuple(self._waiting.values()):
            if len(self._running) >= self._threads:
                return
            if not pending.isdisjoint(change.depends_on):
                continue
            self._running[change.address] = self._waiting.pop(change.address)
            Thread(target=self._work, args=(change,), daemon=True, name=f"apply {change.address}").start()

    def _next_event(self) -> _WorkersEvent | None:
        """Wait for a worker's event; None when asked to stop at once."""
        while self._stop.urgency is not Stopping.AT_ONCE:
            with suppress(Empty):
                return self._queue.get(timeout=_GLANCE_SECONDS)
        return None

    def _settle(self, event: _WorkersEvent) -> None:
        match event:
            case ChangeDone(address=address):
                self._running.pop(address, None)
                self._done.add(address)
            case ChangeFailed(address=address):
                self._running.pop(address, None)
                self._failed[address] = address
            case ChangeStarted() | ChangeWaiting() | ChangeNoted():
                pass
            case _:
                assert_never(event)

    def _work(self, change: ResourceChange) -> None:
        """Run in a thread: one change, from its start to its one final event."""
        clock = self._effects.clock
        begun = clock.now()
        self._queue.put(ChangeStarted(address=change.address, action=change.action))
        try:
            self._check_needs(change)
            perform(self._step(change))
        except BunsuiError as error:
            self._queue.put(_failure(change, error))
        except Exception as error:  # noqa: BLE001 - a thread that dies without its last event would hang the apply
            unexpected = Unavailable(
                "unexpected",
                "bunsui itself failed here; this is a bug",
                hint="Report it with what is shown here. Applying again is safe.",
                error=f"{type(error).__name__}: {error}",
            )
            self._queue.put(_failure(change, unexpected))
        else:
            seconds = (clock.now() - begun).total_seconds()
            self._queue.put(ChangeDone(address=change.address, action=change.action, seconds=seconds))

    def _check_needs(self, change: ResourceChange) -> None:
        """Where another apply came in between, what the change relies on must be as the plan saw it, too."""
        if not self._effects.rereads_creates or change.action not in _WRITES:
            return
        for need in relied_on(self._plan, change):
            unchanged = self._unchanged.get(need)
            if unchanged is not None:
                check_reference(self._step(unchanged))

    def _retrying(self, change: ResourceChange) -> Retrying:
        return Retrying(
            clock=self._effects.clock,
            is_stopped=lambda: self._stop.urgency is not Stopping.NO,
            waiting=lambda what: self._queue.put(ChangeWaiting(address=change.address, what=what)),
            breaker=self._breaker,
        )

    def _step(self, change: ResourceChange) -> ChangeStep:
        kind = change.address.kind
        provider = self._effects.providers.get(kind)
        if provider is None:
            raise Unavailable("unknown-kind", "nothing here knows how to write this kind of resource", kind=kind)
        retrying = self._retrying(change)
        return ChangeStep(
            change=change,
            scope=self._plan.scope,
            commit=self._plan.commit,
            provider=provider,
            journal=RetryingJournal(self._effects.journal, retrying),
            fence=self._effects.lease.fence,
            outputs=self._outputs,
            clock=self._effects.clock,
            attempt=lambda write: retry(lambda: self._attempt(change, write), WRITE_POLICIES, retrying),
            retrying=retrying,
            apply_id=self._effects.apply_id,
            plan_id=self._effects.plan_id,
            execution=self._effects.execution,
            versions=self._effects.versions,
            beside=self._effects.beside,
            noted=lambda note: self._queue.put(ChangeNoted(address=change.address, note=note)),
            passing=lambda note: self._queue.put(ChangeNoted(address=change.address, note=note, is_passing=True)),
            text=self._texts.get(change.address, ""),
            recorder=self._recorder(change) if is_deployed(change.address) else None,
            rereads_creates=self._effects.rereads_creates,
        )

    def _recorder(self, change: ResourceChange) -> DeploymentRecorder:
        return DeploymentRecorder(
            plan=self._plan,
            change=change,
            apply_id=self._effects.apply_id,
            actor=self._effects.actor,
            outputs=self._outputs,
            clock=self._effects.clock,
        )

    def _attempt(self, change: ResourceChange, write: Callable[[], Written]) -> Written:
        def permitted() -> Written:
            self._effects.lease.permit()
            return write()

        if self._young_roles.isdisjoint(change.depends_on):
            return permitted()
        # An apply that is asked to stop waits for IAM all the same: what it has begun needs this write to be complete.
        return retry(permitted, (IAM_PROPAGATION,), replace(self._retrying(change), is_stopped=lambda: False))


def _is_young_role(change: ResourceChange, as_of: datetime) -> bool:
    """True for a role that this apply writes, or that one before it wrote so lately that IAM may still be spreading it."""
    if change.address.kind != ROLE:
        return False
    written = change.applied.written_at if change.applied is not None else None
    lately = written is not None and as_of - written < timedelta(seconds=PATIENCE_SECONDS)
    return lately or change.action in _WRITES


def _failure(change: ResourceChange, error: BunsuiError) -> ChangeFailed:
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    return ChangeFailed(
        address=change.address,
        action=change.action,
        code=error.code,
        message=f"{error.summary} ({facts})" if facts else error.summary,
        hint=error.hint,
    )
