"""The lock of an environment as a lease: its holder takes, renews and releases it, and its fence only grows.

Nobody compares wall clocks. Somebody who waits may take the lock over only after watching the same version of its record for a
whole lease on his own steady clock. The holder counts its lease from before the call that renewed it, writes to AWS only while
more than the margin of it remains, and never again once it has run out: by then another may hold the lock. What no lock can
prevent, a call that had left when the process froze, shows as a difference in the next plan.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from bunsui.apply.retry import CALL_POLICIES, UNANSWERED
from bunsui.command_line import command_line
from bunsui.errors import BunsuiError, Conflict, Interrupted, Locked, Throttled, Unavailable
from bunsui.ports.clock import Clock
from bunsui.ports.ledger import Actor, Fence, LockRecord, LockStore
from bunsui.retry import Retrying, retry

PATIENCE_SECONDS = 120.0
"""How long to wait for the lock unless told otherwise: long enough to outlast the lease of a holder that died."""

_LOOK_SECONDS = 1.0
"""How often who waits looks at the record, and the holder at the clock."""

_RELEASE_SECONDS = 8.0
"""How long giving the lock back is tried; after that it runs out by itself."""
_RELEASE_POLICIES = (replace(UNANSWERED, patience_seconds=_RELEASE_SECONDS), *CALL_POLICIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """How long a lease lasts. The margin is longer than the longest call."""

    lease_seconds: float = 60.0
    renew_seconds: float = 15.0
    margin_seconds: float = 25.0

    @property
    def look_seconds(self) -> float:
        """How often the holder looks whether a renewal is due."""
        return min(_LOOK_SECONDS, self.renew_seconds / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What somebody who waits for the lock wants to know."""

    record: LockRecord
    """Who has it."""
    waited_seconds: float
    unchanged_seconds: float
    """How long the holder has shown no sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the lock is wanted for, and how long to wait."""

    operation: str
    actor: Actor
    terms: LeaseTerms
    patience_seconds: float = PATIENCE_SECONDS
    waiting: Callable[[Waiting], None] = lambda waiting: None
    """Called at each look at a lock that somebody else holds."""
    stopped: Callable[[], bool] = lambda: False
    """True when nobody wants the lock any more."""


def take(store: LockStore, clock: Clock, request: Request) -> Lease:
    """Take the lock, waiting for it as long as the request says.

    Raises:
        Locked: somebody else holds it, and shows signs of life.
        Interrupted: the request was withdrawn.

    """
    own = _token()
    retrying = Retrying(clock=clock, is_stopped=request.stopped)
    begun = clock.steady()
    watched: LockRecord | None = None
    since = begun
    while True:
        sent = clock.steady()
        record = retry(store.read, CALL_POLICIES, retrying)
        if record is None or not record.held:
            free = True
        elif watched is None or record.version != watched.version:
            watched, since, free = record, clock.steady(), False
        else:
            free = clock.steady() - since >= record.lease_seconds
        if free:
            taken = _offer(own, record, clock, request)
            if retry(partial(_swap_record, store, taken, over=record), CALL_POLICIES, retrying):
                return Lease(store, taken, clock=clock, terms=request.terms, sent=sent)
        elif record is not None:
            now = clock.steady()
            if now - begun >= request.patience_seconds:
                raise _locked_error(record, clock)
            request.waiting(Waiting(record=record, waited_seconds=now - begun, unchanged_seconds=now - since))
        if request.stopped():
            raise Interrupted("interrupted", "interrupted while waiting for the lock")
        clock.sleep(_LOOK_SECONDS)


def seize(store: LockStore, clock: Clock, request: Request, *, over: LockRecord) -> Lease:
    """Take the lock from its holder at once; his fence is old from then on.

    Raises:
        Conflict: the holder wrote the record meanwhile, so he is alive.

    """
    sent = clock.steady()
    taken = _offer(_token(), over, clock, request)
    if not _swap_record(store, taken, over=over):
        raise Conflict("lock-alive", "the lock was renewed this moment, so its holder is alive", lock=over.id)
    return Lease(store, taken, clock=clock, terms=request.terms, sent=sent)


def _swap_record(store: LockStore, record: LockRecord, *, over: LockRecord | None) -> bool:
    """Tell whether the record was stored; when the answer got lost, by looking."""
    try:
        store.swap(record, over=over)
    except Conflict:
        return _is_stored(store, record)
    except Unavailable:
        if not _is_stored(store, record):
            raise
    return True


def _is_stored(store: LockStore, record: LockRecord) -> bool:
    found = store.read()
    return found is not None and found.version == record.version


def _token() -> str:
    """Return what nobody else has: 16 hex digits."""
    return secrets.token_hex(8)


def _offer(own: str, over: LockRecord | None, clock: Clock, request: Request) -> LockRecord:
    return LockRecord(
        id=own,
        fence=over.fence + 1 if over is not None else 1,
        version=_token(),
        held=True,
        lease_seconds=request.terms.lease_seconds,
        operation=request.operation,
        actor=request.actor,
        since=clock.now(),
    )


def _locked_error(record: LockRecord, clock: Clock) -> Locked:
    return Locked(
        "locked",
        "somebody else works on this environment",
        hint=(
            "Wait for it:  --lock-timeout 10m\n"
            f"If it died, its lock is free after {record.lease_seconds:g} s without a sign of life. At once, if you are sure:\n"
            f"  {command_line('unlock', record.id)}"
        ),
        operation=record.operation,
        holder=record.actor.who or None,
        host=record.actor.host or None,
        link=record.actor.link or None,
        age=f"{max(0, round((clock.now() - record.since).total_seconds()))} s",
        lock=record.id,
    )


class Lease:
    """The lock in our hands. Safe to use from several threads."""

    def __init__(self, store: LockStore, record: LockRecord, *, clock: Clock, terms: LeaseTerms, sent: float) -> None:
        """Begin with the record that was stored by a call made at `sent` steady seconds."""
        self._store = store
        self._record = record
        self._clock = clock
        self._terms = terms
        self._renewed = sent
        self._mutex = threading.Lock()
        self._lost = ""
        self._doubted = False
        self._left = False

    @property
    def fence(self) -> Fence:
        """What writes of the state must prove."""
        return Fence(id=self._record.id, number=self._record.fence)

    @property
    def is_lost(self) -> bool:
        """True when nothing may be written any more."""
        return bool(self._lost) or self._left

    def permit(self) -> None:
        """Return when a write may go out now; renews first where too little of the lease remains.

        Raises:
            Locked: `lease-lost`.

        """
        with self._mutex:
            if self._remaining() <= self._terms.margin_seconds or self._doubted:
                self._renew()
            if self._remaining() <= self._terms.margin_seconds:
                raise self._refusal("the last renewal took too long")

    def beat(self) -> None:
        """Renew when it is time; a failure shows at the next `permit`."""
        with self._mutex:
            if self.is_lost or self._clock.steady() - self._renewed < self._terms.renew_seconds:
                return
            with suppress(BunsuiError):
                self._renew()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew in the background while the block runs."""
        ended = threading.Event()

        def keep() -> None:
            while not ended.wait(self._terms.look_seconds):
                self.beat()

        threading.Thread(target=keep, daemon=True, name="lease renewal").start()
        try:
            yield
        finally:
            ended.set()

    def release(self) -> None:
        """Return the lock back, unless somebody else has it already. A failure leaves it to run out."""
        with self._mutex:
            if self.is_lost:
                return
            self._left = True
            freed = replace(self._record, held=False, version=_token())
        giving_back = partial(_swap_record, self._store, freed, over=self._record)
        with suppress(BunsuiError):  # whoever comes next waits for the rest of the lease, and needs nothing else
            retry(giving_back, _RELEASE_POLICIES, Retrying(clock=self._clock))

    def leave(self) -> None:
        """Write nothing more and let the lock run out: a call that was sent may still have its effect."""
        self._left = True

    def _remaining(self) -> float:
        remaining = self._renewed + self._terms.lease_seconds - self._clock.steady()
        if not self._lost and remaining <= 0:
            self._lost = "the lease ran out: the process stood still, or the lock could not be renewed"
        if self.is_lost:
            raise self._refusal(self._lost or "the lock was given up")
        return remaining

    def _renew(self) -> None:
        """Store a new version of our record; on Conflict the lock is somebody else's, or a renewal of ours was not heard of."""
        self._remaining()
        sent = self._clock.steady()
        renewed = replace(self._record, version=_token())
        self._doubted = True
        try:
            self._store.swap(renewed, over=self._record)
        except Conflict:
            self._take_up()
            self._store.swap(renewed, over=self._record)
        except Throttled:
            raise  # it was not stored
        except Unavailable:
            self._take_up()
            if self._record.version != renewed.version:
                raise
        self._record = renewed
        self._renewed = sent
        self._doubted = False

    def _take_up(self) -> None:
        """Look at the stored record: ours is the one to go on from, whichever of our renewals it is."""
        found = self._store.read()
        if found is None or not found.held or (found.id, found.fence) != (self._record.id, self._record.fence):
            self._lost = "somebody else took the lock"
            raise self._refusal(self._lost)
        self._record = found

    def _refusal(self, why: str) -> Locked:
        return Locked(
            "lease-lost",
            "the lock was lost, so nothing more is written",
            hint="Apply again; what is done is not done again.",
            why=why,
            lock=self._record.id,
        )
