"""A night in which nobody is awake but the resident: runs, what becomes of their events, what goes wrong with the resident."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bunsui.errors import NotSent, Passing, Throttled
from bunsui.model.alerts import Alert
from bunsui.model.environment.quiet_hours import QuietHours
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, Schedule
from bunsui.model.session import SessionStatus
from bunsui.ports.notifications import Notification
from bunsui.ports.schedules import ScheduleTimes
from bunsui.services.alerts.ports import AlertPorts
from bunsui.services.morning.ports import MorningPorts
from bunsui.services.resident.turn import take_turn
from bunsui.testkit.alerts import MemoryAlertStore
from bunsui.testkit.execution import Script
from tests.fakes.scheduled_room import LONG_AGO, ScheduledRoom
from tests.fakes.session_room import PIPELINE, START

EVERY = "cron(0/30 * * * ? *)"
ALERTS = (
    Alert(event="failed", notify=("oncall",)),
    Alert(event="late", notify=("oncall",), deadline="20m"),
    Alert(event="did_not_run", notify=("oncall", "sales")),
)
HOURS = 5
OUTCOMES = ("fine", "fine", "fine", "load", "extract", "absent", "slow")
SLOW_SECONDS = 35 * 60
_SWEEP = 300
_WRITES = ("write", "save", "add", "keep", "merge")


class Killed(BaseException):
    """The function's process is gone."""


@dataclass
class Death:
    """Kills at the given write or send, before or after it."""

    at: int = -1
    after: bool = False
    seen: int = 0
    unconfirmed: int = 0
    """How often it fell between a send and the note of it."""
    sent: bool = False

    def around(self, call: Callable[[], Any], *, is_send: bool = False) -> Any:
        """Do it, unless the process is gone before."""
        number, self.seen = self.seen, self.seen + 1
        if number == self.at and not self.after:
            self._die()
        done = call()
        self.sent = is_send
        if number == self.at:
            self._die()
        return done

    def _die(self) -> None:
        self.unconfirmed += self.sent
        self.sent = False
        raise Killed


class Mortal:
    """A store of which each write may be the last thing that its process does."""

    def __init__(self, inner: Any, death: Death) -> None:
        self._inner, self._death = inner, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in _WRITES:
            return found
        return lambda *given, **named: self._death.around(lambda: found(*given, **named))


@dataclass
class Listener:
    """A channel that keeps what it was sent, each time."""

    death: Death
    now: Callable[[], datetime]
    sends: list[tuple[datetime, Notification]] = field(default_factory=list)
    refuses: int = 0

    def send(self, notification: Notification) -> None:
        if self.refuses:
            self.refuses -= 1
            raise NotSent("channel-busy", "not now", passes=Passing.LATER)
        self.death.around(lambda: self.sends.append((self.now(), notification)), is_send=True)

    @property
    def keys(self) -> Counter[str]:
        return Counter(one.key for _, one in self.sends)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What became of the runs, as it was drawn."""

    failed: list[str]
    """Names of executions."""
    failed_due: list[datetime]
    absent: list[datetime]
    slow: list[datetime]
    fine: list[datetime]


class WatchedNight(ScheduledRoom):
    """One pipeline that runs each half hour, one that nobody is told of; every choice is drawn from the seed."""

    def __init__(self, seed: int, *, alerts: tuple[Alert, ...] = ALERTS) -> None:
        self.draw = random.Random(seed)
        own = Schedule(id="nightly", expression=EVERY, timezone="Asia/Tokyo")
        watched: Pipeline = replace(PIPELINE, alerts=alerts, schedules=(own,), owner="data-team", runbook="docs/daily.md")
        super().__init__(watched, replace(PIPELINE, name="quiet", schedules=()))
        self.is_slow = False
        self.death = Death()
        self.store = MemoryAlertStore()
        self.channels = {name: Listener(death=self.death, now=self.clock.now) for name in ("oncall", "sales")}
        self.times: ScheduleTimes = replace(
            self.schedule(EVERY), begins_at=START, ends_at=START + timedelta(hours=HOURS, seconds=-1)
        )
        self.outside(self.times, LONG_AGO + timedelta(seconds=1))
        self.truth = Truth(failed=[], failed_due=[], absent=[], slow=[], fine=[])
        self.events: list[tuple[datetime, Mapping[str, str]]] = []
        self.kills = self.throttled = 0
        self.order = itertools.count()
        self.quiet: Mapping[str, QuietHours] = {}

    def script(self, payload: Mapping[str, Json]) -> Script:
        made = super().script(payload)
        return replace(made, ends_after_seconds=SLOW_SECONDS) if self.is_slow else made

    def play(self) -> None:
        """Let the night pass, and as much of the morning as it takes until everything was told."""
        self.turn({"cause": "sweep"}, is_calm=True)
        begins = self.clock.now()
        due = begins
        while self.clock.now() < begins + timedelta(hours=HOURS):
            if self.clock.now() >= due:
                self.start(due)
                due += timedelta(minutes=30)
            self.step()
        ends = self.clock.now() + timedelta(hours=2, minutes=30)
        while self.clock.now() < ends:
            self.step(is_calm=self.clock.now() > ends - timedelta(minutes=40))

    def start(self, due: datetime) -> None:
        """A schedule starts its run, or does not."""
        outcome = self.draw.choice(OUTCOMES)
        if outcome == "absent":
            self.truth.absent.append(due)
            return
        self.is_slow = outcome == "slow"
        failing = outcome if outcome in ("load", "extract") else ""
        arn = self.fire(self.times, due, failing=failing)
        self.is_slow = False
        seconds = SLOW_SECONDS if outcome == "slow" else 2
        if failing:
            self.truth.failed.append(arn.rpartition(":")[2])
            self.truth.failed_due.append(due)
        else:
            (self.truth.slow if outcome == "slow" else self.truth.fine).append(due)
        event = {
            "cause": "event",
            "machine": self.machine.arn,
            "execution": arn,
            "status": "FAILED" if failing else "SUCCEEDED",
        }
        for _ in range(self.draw.choice((0, 0, 1, 1, 1, 2, 3))):
            late = self.draw.choice((0, 0, 1, 60, 900))
            self.events.append((self.clock.now() + timedelta(seconds=seconds + late), event))

    def step(self, *, is_calm: bool = False) -> None:
        """Five minutes: events as they come, then a sweep, unless it is lost."""
        until = self.clock.now() + timedelta(seconds=_SWEEP)
        coming = [one for one in self.events if one[0] <= until]
        self.events = [one for one in self.events if one[0] > until]
        for at, event in sorted(coming, key=lambda one: one[0]):
            if at > self.clock.now():
                self.move_to(at)
            self.turn(event, is_calm=is_calm)
        self.move_to(until)
        if is_calm or self.draw.random() > 0.15:
            self.turn({"cause": "sweep"}, is_calm=is_calm)

    def turn(self, event: Mapping[str, Any], *, is_calm: bool = False) -> None:
        """One invocation, with what may go wrong; Lambda's caller tries again once where it failed."""
        for _ in range(2):
            self.death.seen, self.death.sent = 0, False
            fate = (
                "fine" if is_calm else self.draw.choice(("fine",) * 5 + ("killed", "killed", "throttled", "refused", "skewed"))
            )
            self.death.at = self.draw.randrange(7) if fate == "killed" else -1
            self.death.after = self.draw.random() < 0.5
            self.channels["oncall"].refuses = self.draw.choice((1, 2)) if fate == "refused" else 0
            skew = timedelta(seconds=self.draw.uniform(-60, 60)) if fate == "skewed" else timedelta()
            try:
                self._invoke(event, skew, is_throttled=fate == "throttled")
            except Killed:
                self.kills += 1
            except Throttled:
                self.throttled += 1
            else:
                break
        self.channels["oncall"].refuses = 0

    def _invoke(self, event: Mapping[str, Any], skew: timedelta, *, is_throttled: bool) -> None:
        ports = replace(
            self.context.ports,
            sessions=Mortal(self.sessions, self.death),
            clock=_Skewed(self.clock, skew),
            execution=_Busy(self.seen) if is_throttled else self.seen,
        )
        morning = MorningPorts(state=self.state, schedules=self.reader)
        alerts = AlertPorts(store=Mortal(self.store, self.death), morning=morning, channels=self.channels, quiet=self.quiet)
        take_turn(replace(self.context, ports=ports), alerts, event)

    def schedule_times(self) -> ScheduleTimes:
        """Return when the pipeline's schedule starts it, and with what."""
        return self.times

    def bad_rows(self) -> list[str]:
        """Return the names of the executions that ended badly, by Step Functions."""
        found = self.execution.executions(self.machine.arn, limit=1000)
        return [one.name for one in found if one.status is SessionStatus.FAILED]


class _Skewed:
    """A clock that goes wrong by some seconds."""

    def __init__(self, clock: Any, skew: timedelta) -> None:
        self._clock, self._skew = clock, skew

    def now(self) -> datetime:
        moment: datetime = self._clock.now() + self._skew
        return moment.astimezone(UTC)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)


class _Busy:
    """Step Functions that asks to slow down."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name in ("pages", "describe", "history"):

            def refuse(*_: object, **__: object) -> Any:
                raise Throttled("throttled", "asked to slow down")

            return refuse
        return getattr(self._inner, name)
