"""A walk: keys at random over a screen behind a slow AWS, and what holds of it all the way and at its end."""

from __future__ import annotations

import asyncio
import random
import re
import string
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import thread_time
from typing import Any

from textual import events
from textual.app import App
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot
from textual.widgets import Input

from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.polled import PolledScreen
from tests.tui.slow_stage import SlowStage, Traffic
from tests.tui.stage import busy, on_stage, screen_text, until

STARTS: tuple[tuple[str, ...], ...] = (
    *(("1", "enter"), ("1", "space", "space", "x"), ("1", "enter", "right_square_bracket", "right_square_bracket")),
    *(("2", "n"), ("2", "b"), ("2", "E"), ("3", "space", "right_square_bracket"), ("3", "a"), ("colon", "p", "tab")),
    *(("4", "j", "D"), ("4", "j", "enter", "down", "enter"), ("4", "a"), ("4", "n"), ("4", "j", "D", "w")),
)
"""Keys that lead deep: a walk begins with one of them."""
MOVES = ("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab", "enter", "escape", "space")
WORDS = ("running", "status:failed", "plan", "refunds", "run orders", "session", "2026-01-31..2026-02-01", "x: [", "7")
LEAVING = {"q", "ctrl+q", "ctrl+c", "super+c", "ctrl+z", "ctrl+p"}
"""Keys that end the program, which tests/tui/test_leaving.py is about, or lead to commands that are Textual's own."""
WAITS = re.compile(r"reading …|reading the|checking …|working …|looking …|asking …|\bplanning\b")
"""What stands on a screen while something is not known yet."""
_REST_SECONDS = 20.0
"""Longer than what failed twice waits before it is read again."""
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


@dataclass
class Walk:
    """One walk, and what was measured on it."""

    folder: Path
    seed: int
    seconds: float
    """How late AWS answers."""
    keys: int = 60
    pressed: list[str] = field(default_factory=list)
    longest_turn: float = 0.0
    """Seconds of CPU between two looks of the loop at its input."""
    seen: set[str] = field(default_factory=set)
    """The screens, and their tabs, that it led over."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.read_only = self.chance.random() < 0.5
        self.traffic = Traffic(seconds=self.seconds, throttled=0.2, seed=self.seed)
        self.stage = _stage(self.folder, self.traffic)

    def told(self, fault: str, app: BunsuiApp) -> str:
        """Return a fault with what led to it."""
        return f"{fault}\nwalk {self.seed}, read-only {self.read_only}: {' '.join(self.pressed)}\n{screen_text(app)}"

    async def walk(self) -> list[str]:
        """Press the keys, let everything come to rest, and return what should not have been."""
        before, found = _files(self.folder), []
        self.traffic.calls.clear()
        size = self.chance.choice(((60, 20), (80, 24), (120, 36)))
        async with on_stage(self.stage, size=size, read_only=self.read_only, folder=self.folder) as pilot:
            app = pilot.app
            assert isinstance(app, BunsuiApp)
            for key in chain(self.chance.choice(STARTS), self._chosen(app)):
                self.pressed.append(key)
                await type_ahead(app, key)
                self.stage.clock.sleep(self.chance.choice((0.0, 0.3, 2.0)))
                await asyncio.sleep(self.chance.choice((0.0, 0.01, 0.05)))
                if not app.is_running:
                    return [f"it ended\nwalk {self.seed}: {' '.join(self.pressed)}"]
                self.seen.add(_where(app))
                found += [self.told(fault, app) for fault in (*_ages(app), *_defects(app))]
            self.traffic.calm()
            found += [self.told(fault, app) for fault in await _unanswered_for_ever(pilot, app)]
        if self.read_only:
            changed = [*self.traffic.changes(), *(["files"] if _files(self.folder) != before else [])]
            found += [f"walk {self.seed} is read-only, and yet {one}: {' '.join(self.pressed)}" for one in changed]
        return found

    def _chosen(self, app: BunsuiApp) -> Iterator[str]:
        """Return keys, each by what the screen offers when its turn comes."""
        while len(self.pressed) < self.keys:
            offered = sorted({one.binding.key for one in app.screen.active_bindings.values()} - LEAVING)
            kind = self.chance.random()
            if isinstance(app.focused, Input) and kind < 0.5:
                yield from self.chance.choice(WORDS)
                yield self.chance.choice(("enter", "enter", "escape", "tab"))
            elif kind < 0.12:
                yield self.chance.choice("1234:" if not app.screen.is_modal else ("escape", "enter", "y"))
            elif kind < 0.3:
                yield self.chance.choice(MOVES)
            elif kind < 0.34:
                yield self.chance.choice(string.ascii_letters.replace("q", ""))
            elif offered:
                yield self.chance.choice(offered)
            else:
                yield "escape"


async def type_ahead(app: App[None], *keys: str) -> None:
    """Send keys at once, as fast hands do: none waits for what the one before it does."""
    for key in keys:
        app.post_message(_key(key))
    await asyncio.sleep(0)


def _key(key: str) -> events.Key:
    """Return the key as a terminal sends it."""
    return events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else key_to_character(key))


def walked(walk: Walk) -> list[str]:
    """Walk on a loop that measures its turns."""
    loop = _MeasuredLoop()
    try:
        return _run(loop, walk.walk())
    finally:
        walk.longest_turn = loop.longest
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, list[str]]) -> list[str]:
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(work)


class _MeasuredLoop(asyncio.SelectorEventLoop):
    """Keeps the longest time of the processor that was taken between two looks at the input."""

    longest = 0.0

    def _run_once(self) -> None:
        begun = thread_time()
        super()._run_once()  # type: ignore[misc]
        self.longest = max(self.longest, thread_time() - begun)


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


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _ages(app: BunsuiApp) -> Iterator[str]:
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
        seconds, minutes, whole, rest = (int(one or 0) for one in shown.groups())
        told = seconds + 60 * (minutes + whole) + rest
        age = (app.bridge.now() - screen.read_at).total_seconds()
        if told + (60 if minutes else 1) < age:
            yield f"{shown.group(0)!r} is said of what is {age} s old"


def _defects(app: BunsuiApp) -> Iterator[str]:
    if "inside bunsui" in screen_text(app):
        yield "a defect stands on the screen"


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
    found += [f"{shown.group(0)!r} stands there" for shown in WAITS.finditer(screen_text(app))]
    screen = app.screen
    for subject in screen._heard if isinstance(screen, PolledScreen) and not screen._is_paused else ():
        known = app.bridge.feed.known_of(subject)
        if known.at is None and known.problem is None:
            found.append(f"{subject} was never read")
    return found
