"""The steps of a walk: keys, and what else comes from a terminal, drawn by what the screen offers."""

from __future__ import annotations

import asyncio
import random
import string
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Offset, Size
from textual.keys import _character_to_key, key_to_character
from textual.screen import Screen
from textual.widgets import Input

from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.widgets.virtual_table import VirtualTable

ROWS = "…"
"""Waits until there is a row to choose, as somebody does who looks at the screen."""
SIZES = ("120x36", "80x24", "60x20", "160x48", "44x10")
TABS = 6
"""A session has so many; a walk of sessions begins on each of them."""
STARTS: tuple[tuple[tuple[str, ...], int], ...] = (
    *((("1", ROWS, "enter", ROWS, *["right_square_bracket"] * tab), 2) for tab in range(TABS)),
    *((keys, 2) for keys in (("1", ROWS, "space", "j", "space", "x", "enter", "y"), ("1", ROWS, "R", "y"), ("1", ROWS, "x"))),
    *((keys, 1) for keys in (("1", ROWS, "slash", "f", "a", "i", "l", "enter"), ("1", ROWS, "S", "y"), ("1", ROWS, "y"))),
    *((("2", ROWS, *keys), 2) for keys in (("n",), ("b",), ("x",), ("E",))),
    *((("3", ROWS, *keys), 2) for keys in (("space", "right_square_bracket"), ("a",), ("a", "y"), ("u", "vertical_line", "s"))),
    *((("4", *keys), 2) for keys in (("j", "D"), ("j", "enter", "down", "enter"), ("a",), ("n",), ("j", "D", "w", "y"))),
    *((("4", *keys), 1) for keys in (("o", "down", "enter"), ("o", "enter", "j", "enter", "7", "enter"))),
    *((keys, 1) for keys in (("colon", "p", "tab"), ("ctrl+p", "p", "l"), ("question_mark",), ("T",), ("2", "T", "1"))),
)
"""Steps that lead deep, with their weights: a walk begins with one of them."""
MOVES = ("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab", "enter", "escape", "space")
WORDS = ("running", "status:failed", "plan", "refunds", "run orders", "session", "2026-01-31..2026-02-01", "x: [", "7")
IN_SESSIONS = (
    *("right_square_bracket", "left_square_bracket", "tab", "j", "k", "enter", "slash"),
    *("right_curly_bracket", "o", "c", "w", "f", "l", "less_than_sign"),
)
"""Keys that go on within a session, which many others lead out of."""
BESIDE = ("blur", "focus", "click", "wheel down", "wheel up", *(f"resize {size}" for size in SIZES))
"""What a terminal sends beside keys."""
LEAVING = {"q", "ctrl+q", "ctrl+c", "super+c", "ctrl+z"}
"""Keys that end the program, which tests/tui/test_leaving.py is about."""
_ROWS_SECONDS = 8.0


def begin(chance: random.Random) -> tuple[str, ...]:
    """Return the steps that a walk begins with."""
    return chance.choices([keys for keys, _ in STARTS], [weight for _, weight in STARTS])[0]


def chosen(app: App[None], chance: random.Random, *, beside: float) -> Iterator[str]:
    """Yield steps without end, each by what the screen offers when its turn comes; a share is none of the keyboard."""
    while True:
        offered = sorted({one.binding.key for one in app.screen.active_bindings.values()} - LEAVING)
        kind = chance.random()
        if chance.random() < beside:
            yield chance.choice(BESIDE)
        elif isinstance(app.screen, CommandPalette):
            # What it finds first is ours; further down are Textual's own commands, to quit for one.
            yield from chance.choice(WORDS)
            yield chance.choice(("escape", "enter"))
            yield "escape"
        elif isinstance(app.focused, Input) and kind < 0.5:
            yield from chance.choice(WORDS)
            yield chance.choice(("enter", "enter", "escape", "tab"))
        elif isinstance(app.screen, SessionScreen) and kind < 0.4:
            yield chance.choice(IN_SESSIONS)
        elif kind < 0.08:
            yield chance.choice("1234:" if not app.screen.is_modal else ("escape", "enter", "y"))
        elif kind < 0.3:
            yield chance.choice(MOVES)
        elif kind < 0.34:
            yield chance.choice(string.ascii_letters.replace("q", ""))
        elif offered:
            yield chance.choice(offered)
        else:
            yield "escape"


async def take(app: App[None], step: str, chance: random.Random) -> None:
    """Take a step, without waiting for what it sets going."""
    name, _, rest = step.partition(" ")
    if step == ROWS:
        await _rows(app)
    elif name == "resize":
        size = Size(*map(int, rest.split("x")))
        assert isinstance(app._driver, HeadlessDriver)
        app._driver._size = size
        app.post_message(events.Resize(size, size))
    elif name in ("blur", "focus"):
        app.post_message(events.AppBlur() if name == "blur" else events.AppFocus())
    elif name in ("click", "wheel"):
        point(app, app.screen, rest, chance)
    else:
        await type_ahead(app, step)


def point(app: App[None], screen: Screen[object], rest: str, chance: random.Random) -> None:
    """Click somewhere, or turn the wheel there."""
    x, y = chance.randrange(max(app.size.width, 1)), chance.randrange(max(app.size.height, 1))
    kinds: tuple[type[events.MouseEvent], ...] = (events.MouseDown, events.MouseUp)
    if rest:
        kinds = (events.MouseScrollDown if rest == "down" else events.MouseScrollUp,)
    app.mouse_position = screen.region.offset + Offset(x, y)
    with suppress(Exception):  # there is nothing at that place yet
        screen.get_widget_at(x, y)
        for kind in kinds:
            app.post_message(kind(None, x, y, 0, 0, 0 if rest else 1, False, False, False, screen_x=x, screen_y=y))


async def _rows(app: App[None]) -> None:
    """Wait, as long as a patient person does."""
    limit = monotonic() + _ROWS_SECONDS
    while monotonic() < limit and not _has_rows(app):
        await asyncio.sleep(0.02)


def _has_rows(app: App[None]) -> bool:
    if isinstance(app.screen, SessionScreen):
        return app.screen.detail is not None
    return isinstance(app.focused, VirtualTable) and app.focused.cursor_key is not None


async def type_ahead(app: App[None], *keys: str) -> None:
    """Send keys at once, as fast hands do: none waits for what the one before it does."""
    for key in keys:
        app.post_message(_key(key))
    await asyncio.sleep(0)


def _key(key: str) -> events.Key:
    """Return the key as a terminal sends it."""
    return events.Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else key_to_character(key))
