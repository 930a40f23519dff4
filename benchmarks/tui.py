"""What the terminal UI costs: the table of sessions against Textual's DataTable in the same run, and the first frame against an
interpreter that only imports what it needs.

`python -m benchmarks.tui` prints one line a measurement. Ratios are what to compare: absolute times depend on the machine.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import line

ROWS = (1_000, 10_000, 100_000)
SIZE = (160, 48)
ROUNDS = 5
FIRST_FRAME = """
import asyncio
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge

class Once(BunsuiApp):
    def on_mount(self):
        self.call_after_refresh(self.exit)

def never():
    raise RuntimeError("nothing is opened for a first frame")

Once(Bridge(open_project=never, open_reconcile=never, open_sessions=never)).run(headless=True, size=(100, 30))
"""

IMPORTED = """
import bunsui.tui.app, bunsui.tui.bridge
import textual.drivers.headless_driver
"""


class Board(App[float]):
    """Shows one widget, and measures how long it takes until the widget has shown its rows."""

    def __init__(self, widget: Widget, fill: Callable[[], object]) -> None:
        """Measure this widget, filled by `fill`."""
        super().__init__()
        self._widget = widget
        self._fill = fill
        self._began = 0.0
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what the table's style sheet needs."""
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        """The widget alone."""
        yield self._widget

    def on_mount(self) -> None:
        """Begin once an empty frame is on the screen."""
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._began = perf_counter()
        self._fill()
        self.call_after_refresh(lambda: self.exit(perf_counter() - self._began))


def main() -> None:
    """Measure and print."""
    for rows in ROWS:
        ours = _ours(rows)
        theirs = _theirs(rows)
        print(f"{rows:>7} rows  VirtualTable {ours:7.3f} s  DataTable {theirs:7.3f} s  {theirs / ours:6.1f} times faster")
    shown, imported = zip(*((_process(FIRST_FRAME), _process(IMPORTED)) for _ in range(ROUNDS)), strict=True)
    frame, bare = statistics.median(shown), statistics.median(imported)
    print(f"first frame, interpreter included: median {frame:.2f} s of the processor, best {min(shown):.2f} s")
    print(f"an interpreter that imports what it needs: median {bare:.2f} s, best {min(imported):.2f} s")
    print(f"the first frame takes {frame / bare:.2f} times as long")


def _ours(rows: int) -> float:
    table = VirtualTable([Column(title="status", width=12), Column(title="pipeline"), *_fixed()])
    keys = tuple(str(number) for number in range(rows))

    def cells(key: str) -> Cells:
        return tuple(line(f"{key} {column}") for column in range(5))

    return _measured(table, lambda: table.show(keys, cells))


def _theirs(rows: int) -> float:
    table: DataTable[str] = DataTable()

    def fill() -> None:
        for column in range(5):
            table.add_column(str(column), width=12)
        table.add_rows([f"{number} {column}" for column in range(5)] for number in range(rows))

    return _measured(table, fill)


def _fixed() -> list[Column]:
    return [Column(title=title, width=12) for title in ("date", "started", "took")]


def _measured(widget: Widget, fill: Callable[[], object]) -> float:
    seconds = asyncio.run(Board(widget, fill).run_async(headless=True, size=SIZE))
    if seconds is None:
        raise SystemExit("the measurement was interrupted")
    return seconds


def _process(program: str) -> float:
    """Return the seconds of the processor that a process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
