"""What goes wrong between bunsui and the simulated AWS, and the time that it takes, on a clock on which nobody waits."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from bunsui.errors import AccessDenied, BunsuiError, CloudError, Throttled, Unavailable
from bunsui.testkit.clock import ManualClock
from tests.fakes.control_plane import ControlPlane

_BREATH_SECONDS = 0.001
"""What the thread that starts changes gets, in real time, to start the next before virtual time passes."""
_MICROSECOND = 1e-6
"""The clock knows nothing shorter."""

HANG_SECONDS = 20.0
"""How long a call hangs before the client gives it up: the hard timeout of a write."""


class Fault(Enum):
    """What can happen to one call. The process lives on, the last three apart."""

    UNSENT = "the connection failed before anything was sent"
    LOST = "the call had its effect and the reply was lost"
    FAILED_BEFORE = "an internal error, without an effect"
    FAILED_AFTER = "an internal error, after the effect"
    THROTTLED = "asked to slow down"
    HANGS = "no answer until the timeout, without an effect"
    HANGS_AFTER = "no answer until the timeout, with the effect"
    EXPIRED = "from this call on, the credentials have expired"
    KILLED_BEFORE = "the process died before anything was sent"
    KILLED_AFTER = "the process died after the effect"

    @property
    def has_effect(self) -> bool:
        """True when AWS did what was asked."""
        return self in (Fault.LOST, Fault.FAILED_AFTER, Fault.HANGS_AFTER, Fault.KILLED_AFTER)

    @property
    def passes(self) -> bool:
        """True for what may pass by itself, so that the apply should get over it."""
        return self not in (Fault.EXPIRED, Fault.KILLED_BEFORE, Fault.KILLED_AFTER)

    def error(self) -> BunsuiError:
        """What the caller sees of it."""
        match self:
            case Fault.UNSENT | Fault.LOST | Fault.HANGS | Fault.HANGS_AFTER:
                return Unavailable("endpoint-unreachable", "no answer")
            case Fault.FAILED_BEFORE | Fault.FAILED_AFTER:
                return CloudError("aws-internal", "AWS failed inside")
            case Fault.THROTTLED:
                return Throttled("throttled", "AWS asked to slow down and kept asking")
            case Fault.EXPIRED:
                return AccessDenied("credentials-expired", "they have expired", hint="Sign in again:\n  aws sso login")
            case Fault.KILLED_BEFORE | Fault.KILLED_AFTER:
                return BunsuiError("killed", "the process is gone")


@dataclass(kw_only=True)
class Weather:
    """How often what goes wrong; probabilities of each call, and delays."""

    throttled: float = 0.0
    failed: float = 0.0
    """Internal errors, half of them after the call had its effect."""
    lost: float = 0.0
    """Replies that never come, after the call had its effect."""
    hangs: float = 0.0
    """Calls that take twenty seconds and have an effect or not."""
    lag_seconds: float = 0.0
    """How long reads of one resource give what was there before a write."""
    list_lag_seconds: float = 0.0
    """The same for lists."""
    lag_reads: int = 0
    """How many reads after a write, lists included, give what was there before it."""
    iam_seconds: float = 0.0
    """How long a role that was written cannot be assumed."""
    bucket: float = 0.0
    """How many calls of one operation may come at once before they are throttled; 0 for no limit."""
    refill: float = 1.0
    """How many calls of one operation a second the bucket gets back."""
    plane: ControlPlane = field(default_factory=ControlPlane)
    """How the control planes behave besides."""

    def fault(self, lot: random.Random) -> Fault | None:
        """Draw what happens to one call."""
        draw = lot.random
        if draw() < self.throttled:
            return Fault.THROTTLED
        if draw() < self.hangs:
            return lot.choice((Fault.HANGS, Fault.HANGS_AFTER))
        if draw() < self.failed:
            return lot.choice((Fault.FAILED_BEFORE, Fault.FAILED_AFTER))
        return Fault.LOST if draw() < self.lost else None


@dataclass
class Bucket:
    """A token bucket of one operation."""

    tokens: float
    at: float

    def take(self, weather: Weather, now: float) -> bool:
        """Take a token; False when there is none."""
        self.tokens = min(weather.bucket, self.tokens + (now - self.at) * weather.refill)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class BeatingClock(ManualClock):
    """A virtual clock for many threads. Threads that carry out changes sleep side by side: time passes when all of them do.

    While it passes the holder of the lock lives on: `beat` is called once a second.
    """

    beat: Callable[[], None] | None = None

    def __init__(self, *start: object) -> None:
        super().__init__(*start)  # type: ignore[arg-type]
        self._asleep: dict[threading.Thread, float] = {}
        self._turn = threading.Condition()

    def sleep(self, seconds: float) -> None:
        if not threading.current_thread().name.startswith("apply "):
            self._pass(self.steady() + seconds)
            return
        until = self.steady() + seconds
        with self._turn:
            self._asleep[threading.current_thread()] = until
            while until - self.steady() > _MICROSECOND:
                if self._all_asleep() and not self._turn.wait(_BREATH_SECONDS) and self._all_asleep():
                    self._pass(min(self._asleep.values()))
                    self._turn.notify_all()
                self._turn.wait(_BREATH_SECONDS)
            del self._asleep[threading.current_thread()]

    def jump(self, seconds: float) -> None:
        """Let the time pass with nobody doing anything, as when a process stands still."""
        super().sleep(seconds)

    def _all_asleep(self) -> bool:
        working = (thread for thread in threading.enumerate() if thread.name.startswith("apply "))
        return all(thread in self._asleep for thread in working)

    def _pass(self, until: float) -> None:
        while (left := until - self.steady()) > _MICROSECOND:
            self.jump(left if self.beat is None else min(left, 1.0))
            if self.beat is not None:
                self.beat()
