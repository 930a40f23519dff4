"""Walks: steps at random over the screens behind a slow AWS, and what holds of them all the way and at their end."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from time import monotonic, perf_counter, thread_time
from typing import Any

from textual import events
from textual.pilot import Pilot

from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.polled import PolledScreen
from tests.tui.slow_stage import SlowStage, Traffic
from tests.tui.stage import busy, is_drawn, on_stage, screen_text, until
from tests.tui.steps import ROWS, begin, chosen, take
from tests.tui.turns import MeasuredLoop, Turn, sampled

WAITS = re.compile(r"reading …|reading the|checking …|working …|looking …|asking …|\bplanning\b")
"""What stands on a screen while something is not known yet."""
_REST_SECONDS = 60.0
"""Longer than what failed twice waits before it is read again, also on a busy machine."""
_PAINT_SECONDS = 2.0
_DEFECTS_EVERY = 6
"""A defect stays on the screen until it is read: after so many steps it is looked for."""
_HOME_KEYS = 12
"""So many keys lead out of the deepest question."""
_AGE = re.compile(r"(?:read|planned) (?:(\d+) s|(\d+) min|(\d+):(\d+)|just now)")
PARAMETERS = """\
parameters:
  rows: {type: integer, minimum: 1, description: how many}
  mode: {type: string, enum: [full, delta], default: full}
"""
PIPELINE = """\
version: 1
name: {name}
jobs:
  extract:  # reads
    operations:
      - {{type: wait, for: 5s}}
    outputs: {{n: "{{% 3 %}}"}}
  load:
    depends_on: [extract]
    operations:
      - {{type: wait, for: 1s}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """From a key to the screen that shows what it did, in seconds."""

    first: float
    """Of the processor, to the first frame after the key was taken: of a page that is filled as answers come, its frame."""
    cpu: float
    """Of the processor, until nothing was left to draw."""
    wall: float
    after: str


@dataclass(kw_only=True)
class Tally:
    """What was done and seen on all walks."""

    walks: int = 0
    steps: int = 0
    read_only: int = 0
    """Walks that could change nothing."""
    ages: int = 0
    """How often an age that is shown was held against what is known."""
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    """The screens, and their tabs, with the steps taken there."""
    turns: int = 0
    longest: Turn | None = None
    slow: list[Turn] = field(default_factory=list)
    paints: list[Paint] = field(default_factory=list)


@dataclass
class Outing:
    """Some walks in one started program, each from the home screen on, with the files of the beginning."""

    folder: Path
    seed: int
    seconds: float
    """How late AWS answers."""
    walks: int = 1
    steps: int = 60
    """Of each walk."""
    tally: Tally = field(default_factory=Tally)
    looks: bool = False
    """True to look for what slow turns do, from a thread."""
    taken: list[str] = field(default_factory=list)
    """The steps of this walk."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.read_only = self.chance.random() < 0.5
        self.size = self.chance.choice(((60, 20), (80, 24), (120, 36), (160, 48)))
        self.traffic = Traffic(seconds=self.seconds, throttled=0.2, seed=self.seed)
        self.stage = _stage(self.folder, self.traffic)
        self.files = _files(self.folder)
        self.loop = MeasuredLoop()
        self.frames: list[float] = []
        """When, on the processor, frames were drawn since a key."""

    def go(self) -> list[str]:
        """Walk, and return what should not have been."""
        before = len(self.tally.faults)
        asyncio.set_event_loop(self.loop)
        try:
            if self.looks:
                with sampled(self.loop):
                    self._run(self._out())
            else:
                self._run(self._out())
        except Exception as error:  # noqa: BLE001 (whatever the program raises is a fault of this walk)
            self.tally.faults.append(f"{type(error).__name__}: {error}\n{self._where_from}")
        finally:
            self.loop.end_turn()
            self.loop.close()
            self._count_turns()
        return self.tally.faults[before:]

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)

    def _count_turns(self) -> None:
        self.tally.turns += self.loop.turns
        self.tally.slow += self.loop.slow
        self.tally.longest = max(filter(None, (self.tally.longest, self.loop.longest)), key=lambda one: one.cpu)

    @property
    def _where_from(self) -> str:
        return f"outing {self.seed}, walk {self.tally.walks}, read-only {self.read_only}: {' '.join(self.taken)}"

    async def _out(self) -> None:
        self.traffic.calls.clear()
        async with on_stage(self.stage, size=self.size, read_only=self.read_only, folder=self.folder) as pilot:
            assert isinstance(pilot.app, BunsuiApp)
            self.frames = note_frames(pilot.app)
            self.loop.forget()  # the start of the program is no turn of a walk
            for _ in range(self.walks):
                await self._walk(pilot, pilot.app)
                if not pilot.app.is_running:
                    self.tally.faults.append(f"it ended\n{self._where_from}")
                    return

    async def _walk(self, pilot: Pilot[None], app: BunsuiApp) -> None:
        """Take the steps, let everything come to rest, and go home."""
        self.taken = []
        self.tally.walks += 1
        self.tally.read_only += self.read_only
        self.traffic.storm()
        for step in chain(begin(self.chance), islice(chosen(app, self.chance, beside=0.03), self.steps)):
            await self._step(app, step)
            if not app.is_running:
                return
        self.traffic.calm()
        self.loop.label = f"rest {_where(app)}"
        self.tally.faults += [self._told(fault, app) for fault in await _unanswered_for_ever(pilot, app)]
        self._look_for_changes()
        await self._go_home(pilot, app)

    async def _step(self, app: BunsuiApp, step: str) -> None:
        self.taken.append(step)
        self.tally.steps += 1
        self.loop.label = f"{step} on {_where(app)}"
        self.frames.clear()
        begun = thread_time(), perf_counter()
        await take(app, step, self.chance)
        waits = self.chance.choice((None, None, 0.0, 0.02, 0.05))
        if waits is None and step != ROWS:
            await self._painted(app, begun)
        else:
            await asyncio.sleep(waits or 0.0)
        self.stage.clock.sleep(self.chance.choice((0.0, 0.3, 2.0)))
        if app.is_running:
            with self.loop.apart():
                self.tally.seen[_where(app)] += 1
                faults = [*_ages(app, self.tally), *(_defects(app) if not self.tally.steps % _DEFECTS_EVERY else [])]
                self.tally.faults += [self._told(fault, app) for fault in faults]

    async def _painted(self, app: BunsuiApp, begun: tuple[float, float]) -> None:
        """Wait until the step was dealt with and is on the screen, and keep how long that was."""
        limit = monotonic() + _PAINT_SECONDS
        await asyncio.sleep(0)
        while app.is_running and not is_painted(app) and monotonic() < limit:
            await asyncio.sleep(0.001)
        cpu, wall = thread_time() - begun[0], perf_counter() - begun[1]
        first = self.frames[0] - begun[0] if self.frames else cpu
        self.tally.paints.append(Paint(first=first, cpu=cpu, wall=wall, after=self.loop.label))

    def _look_for_changes(self) -> None:
        if self.read_only:
            changed = [*self.traffic.changes(), *(["files"] if _files(self.folder) != self.files else [])]
            self.tally.faults += [f"read-only, and yet {one}\n{self._where_from}" for one in changed]

    async def _go_home(self, pilot: Pilot[None], app: BunsuiApp) -> None:
        """Leave every question by the keys that lead out of it; the files become what they were."""
        for _ in range(_HOME_KEYS):
            if len(app.screen_stack) == 1 and not app.screen.is_modal:
                break
            await pilot.press("escape")
        else:
            self.tally.faults.append(self._told("escape leads out of this by no means", app))
        await app.lead_to("sessions", lambda _screen: None)
        _put_back(self.folder, self.files)
        app.bridge.take_written()
        await until(pilot, lambda: not busy(app), seconds=_REST_SECONDS)

    def _told(self, fault: str, app: BunsuiApp) -> str:
        """Return a fault with what led to it."""
        return f"{fault}\n{self._where_from}\n{screen_text(app)}"


def note_frames(app: BunsuiApp) -> list[float]:
    """Return a list that gets the time, on the thread's processor, of each frame that is drawn while no key waits."""
    frames: list[float] = []
    draw = app._display

    def drawn(screen: Any, picture: Any) -> None:
        draw(screen, picture)
        waiting = (pump._message_queue for pump in (app, *(app.focused or screen).ancestors_with_self))
        if not any(isinstance(message, events.Key) for queue in waiting for message in queue.values):
            frames.append(thread_time())

    app._display = drawn  # type: ignore[method-assign,assignment]
    return frames


def is_painted(app: BunsuiApp) -> bool:
    """Tell whether nothing that the loop's thread has to do waits for its turn."""
    pumps = (app, app.screen, *([app.focused] if app.focused is not None else []))
    return all(not pump._message_queue.qsize() for pump in pumps) and is_drawn(app.screen)


def _stage(folder: Path, traffic: Traffic) -> SlowStage:
    stage = SlowStage(folder, traffic=traffic)
    for name in ("orders", "refunds", "stock"):
        stage.write(name, PIPELINE.format(name=name))
    stage.apply()
    for pipeline, history in (("orders", "failed"), ("refunds", "sequence"), ("orders", "running")):
        stage.session(pipeline, history)
    stage.write("orders", PIPELINE.format(name="orders") + PARAMETERS)
    stage.write("fresh", PIPELINE.format(name="fresh").replace("5s", "50s"))
    stage.log("f-extract", "one", "two")
    return stage


def _where(app: BunsuiApp) -> str:
    screen = app.screen
    return f"{type(screen).__name__} {getattr(screen, 'tab', '')}".strip()


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _put_back(folder: Path, files: dict[Path, bytes]) -> None:
    for path in set(_files(folder)) - set(files):
        path.unlink()
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _ages(app: BunsuiApp, tally: Tally) -> Iterator[str]:
    """What is shown as younger than it is."""
    screen = app.screen
    if not isinstance(screen, PolledScreen) or screen.read_at is None or not screen._heard:
        return
    known = app.bridge.feed.known_of(screen._heard[0])
    if known.at is not None and screen.read_at > known.at:
        yield f"read at {known.at}, shown as {screen.read_at}"
    screen.show_age()
    shown = _AGE.search(screen.header.text)
    if shown is not None and known.at is not None:
        tally.ages += 1
        seconds, minutes, whole, rest = (int(one or 0) for one in shown.groups())
        told = seconds + 60 * (minutes + whole) + rest
        age = (app.bridge.now() - screen.read_at).total_seconds()
        if told + (60 if minutes else 1) < age:
            yield f"{shown.group(0)!r} is said of what is {age} s old"


def _defects(app: BunsuiApp) -> Iterator[str]:
    if "inside bunsui" in screen_text(app):
        yield "a defect stands on the screen"


def _asked_text(app: BunsuiApp) -> str:
    """Return what the screen in front says. One that is seen below a question asks nothing, and says that it waits."""
    if not app.screen.is_modal:
        return screen_text(app)
    said = (getattr(widget, "text", "") for widget in app.screen.walk_children())
    return "\n".join(text for text in said if isinstance(text, str))


async def _unanswered_for_ever(pilot: Pilot[None], app: BunsuiApp) -> list[str]:
    """What still waits for an answer of an AWS that gives one at once."""
    try:
        await until(pilot, lambda: not _unanswered(app), seconds=_REST_SECONDS)
    except AssertionError:
        return _unanswered(app)
    return []


def _unanswered(app: BunsuiApp) -> list[str]:
    """What waits for an answer now."""
    found = ["work is under way"] if busy(app) else []
    found += [f"{shown.group(0)!r} stands there" for shown in WAITS.finditer(_asked_text(app))]
    screen = app.screen
    for subject in screen._heard if isinstance(screen, PolledScreen) else ():
        known = app.bridge.feed.known_of(subject)
        if known.at is None and known.problem is None:
            found.append(f"{subject} was never read")
    return found
