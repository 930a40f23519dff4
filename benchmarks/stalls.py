"""What the terminal UI does between two looks at the keys, where it has most to do.

`python -m benchmarks.stalls` prints the longest turn of its loop, in milliseconds of the processor: at the first visit of each
screen, at a change of the theme, with a plan of 300 pipelines, with a log of 20,000 lines that goes on, beside Textual's Log;
and how long it is from a key to the first frame that it leads to, beside a loop of plain Python.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Log

from benchmarks.walks import QUIET_UNIT, unit
from bunsui.cli.memory import prepare_memory
from bunsui.performance import collect_in_small_steps
from bunsui.sessions.logs.task_logs import LogEntry
from bunsui.tui.app import BunsuiApp
from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets.log_pane import LogPane
from tests.tui.looks import busy_day
from tests.tui.stage import Stage, on_stage, press
from tests.tui.steps import type_ahead
from tests.tui.turns import MeasuredLoop
from tests.tui.walks import is_painted, note_frames

SIZE = (120, 36)
PIPELINES = 300
LINES, TICKS, EACH = 20_000, 20, 100
"""Lines that are there, how often more come, and how many then."""
KEYS = (
    "enter",
    *["right_square_bracket"] * 5,
    "escape",
    "2",
    "3",
    "4",
    "question_mark",
    "escape",
    "ctrl+p",
    "escape",
    "T",
    "T",
)
WIDE = (160, 48)
AGAIN = 4
"""How often all is visited, for the time to a first frame."""
QUESTIONS = ("1", "x", "escape", "R", "escape", "y", "escape", "2", "n", "escape", "3", "a", "escape", "4", "a", "escape")
"""Keys that open what stands in front of a page."""
START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


class Board(App[None]):
    """Shows one widget."""

    def __init__(self, widget: Widget) -> None:
        """Show this one."""
        super().__init__()
        self._widget = widget
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what the style sheets of ours need."""
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        """The widget alone."""
        yield self._widget


def main() -> None:
    """Measure and print."""
    prepare_memory()
    collect_in_small_steps()
    print(f"plain Python takes {unit() / QUIET_UNIT:.2f} times what it takes on a quiet machine")
    _measured(_visits)
    _measured(_first_frames)
    _measured(_large_plan)
    for wraps in (False, True):
        _measured(lambda loop, wraps=wraps: _log(loop, wraps=wraps))  # type: ignore[misc]
    _measured(_peer_log)


def _measured(work: Callable[[MeasuredLoop], Coroutine[Any, Any, None]]) -> None:
    loop = MeasuredLoop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(work(loop))
    finally:
        loop.end_turn()
        loop.close()


def _told(what: str, loop: MeasuredLoop, begun: float) -> None:
    print(f"{what:52} longest turn {loop.longest.cpu * 1000:6.1f} ms, whole after {perf_counter() - begun:5.2f} s", flush=True)
    loop.forget()


async def _visits(loop: MeasuredLoop) -> None:
    """Go everywhere once, the keys as fast as the screens come."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        for name in ("orders", "refunds"):
            stage.write(name)
        stage.apply()
        stage.session("orders", "failed")
        stage.write("stock")
        async with on_stage(stage, size=SIZE, folder=Path(folder)) as pilot:
            loop.forget()
            for key in KEYS:
                begun = perf_counter()
                await press(pilot, key)
                _told(f"{key} leads to {type(pilot.app.screen).__name__}", loop, begun)


async def _first_frames(loop: MeasuredLoop) -> None:
    """Go everywhere and ask everything, again and again; tell how long a frame takes, as on a quiet machine."""
    taken: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        stage = busy_day(Path(folder))
        async with on_stage(stage, size=WIDE, folder=Path(folder)) as pilot:
            app = pilot.app
            assert isinstance(app, BunsuiApp)
            await press(pilot, "1")
            frames = note_frames(app)
            for key in (*KEYS, *QUESTIONS) * AGAIN:
                slower, where = unit(), type(app.screen).__name__
                frames.clear()
                begun = thread_time()
                await type_ahead(app, key)
                while not frames and not is_painted(app):
                    await asyncio.sleep(0.001)
                took = (frames[0] if frames else thread_time()) - begun
                taken.append((took * QUIET_UNIT * 2 / (slower + unit()), f"{key} on {where}"))
                await press(pilot)
    taken.sort()
    shown = ", ".join(f"p{share} {taken[len(taken) * share // 100][0] * 1000:.0f} ms" for share in (50, 95, 99))
    slowest = "; ".join(f"{seconds * 1000:.0f} ms: {what}" for seconds, what in taken[:-4:-1])
    print(f"from a key to its first frame, {len(taken)} keys, {WIDE[0]}x{WIDE[1]}: {shown}; most {slowest}", flush=True)


async def _large_plan(loop: MeasuredLoop) -> None:
    """Plan many new pipelines, and go through what would be made."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        for number in range(PIPELINES):
            stage.write(f"p{number:03}")
        async with on_stage(stage, size=SIZE, folder=Path(folder)) as pilot:
            for keys, what in (
                (("3",), "shown"),
                (("G", "g"), "end and top"),
                (("A",), "marked"),
                (("slash", "p", "7"), "filtered"),
            ):
                loop.forget()
                begun = perf_counter()
                await press(pilot, *keys)
                _told(f"a plan of {PIPELINES} pipelines, {what}", loop, begun)


async def _log(loop: MeasuredLoop, *, wraps: bool) -> None:
    """Have a log with many lines go on."""
    pane = LogPane()
    how = "folded" if wraps else "cut"
    async with Board(pane).run_test(size=SIZE) as pilot:
        pane.begin(UTC)
        pane.wraps = wraps
        loop.forget()
        begun = perf_counter()
        pane.take(_entries(0, LINES), told="")
        while pane.total < LINES:
            await pilot.pause(0.01)
        _told(f"a log of {LINES} lines, {how}, comes", loop, begun)
        begun = perf_counter()
        for tick in range(TICKS):
            with loop.apart():
                fresh = _entries(LINES + tick * EACH, EACH)
            pane.take(fresh, told="")
            await pilot.pause(0.05)
        _told(f"{TICKS} times {EACH} lines more", loop, begun)


async def _peer_log(loop: MeasuredLoop) -> None:
    """Have Textual's own log do the same."""
    pane = Log()
    async with Board(pane).run_test(size=SIZE) as pilot:
        loop.forget()
        begun = perf_counter()
        pane.write_lines(_texts(0, LINES))
        await pilot.pause(0.05)
        _told(f"Textual's Log: {LINES} lines come", loop, begun)
        begun = perf_counter()
        for tick in range(TICKS):
            with loop.apart():
                fresh = _texts(LINES + tick * EACH, EACH)
            pane.write_lines(fresh)
            await pilot.pause(0.05)
        _told(f"Textual's Log: {TICKS} times {EACH} lines more", loop, begun)


def _entries(first: int, count: int) -> list[LogEntry]:
    message = (
        "row {} of many, as a function writes them that tells what it does with each of the items that it was given by the job"
    )
    return [
        LogEntry(at=START + timedelta(seconds=number), job="load", function="f", stream="s", message=message.format(number))
        for number in range(first, first + count)
    ]


def _texts(first: int, count: int) -> Sequence[str]:
    return [f"{entry.at:%H:%M:%S}  {entry.job}  {entry.message}" for entry in _entries(first, count)]


if __name__ == "__main__":
    main()
