"""One table of screens and keys: a key means one thing on a screen, and each can be given another key by its id."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from itertools import chain
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widget import Widget

from bunsui.tui import app, screens, widgets
from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.registry import SCREENS
from tests.tui.stage import Stage, on_stage, played, press

pytestmark = pytest.mark.timeout(60)

ONE_MEANING = {"q": {"back", "leave"}, "escape": {"back", "give_up"}}
"""Keys that go one level back: from a page to the list, from the filter to the list, at last out of the program."""


def own_bindings() -> dict[type, list[Binding]]:
    """Return what each class of the terminal UI binds itself."""
    modules: list[ModuleType] = [app]
    for package in (screens, widgets):
        modules += [import_module(f"{package.__name__}.{module.name}") for module in iter_modules(package.__path__)]
    classes = {found for module in modules for found in vars(module).values() if isinstance(found, type)}
    ours = [found for found in classes if found.__module__.startswith("bunsui.") and issubclass(found, DOMNode)]
    return {found: list(Binding.make_bindings(vars(found).get("BINDINGS", ()))) for found in ours}


def test_every_binding_has_an_id_that_stands_for_the_same_keys_wherever_it_is_bound() -> None:
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for owner, bindings in own_bindings().items():
        of_owner: defaultdict[str, set[str]] = defaultdict(set)
        for binding in bindings:
            assert binding.id, (owner.__name__, binding.key)
            of_owner[binding.id].add(binding.key)
        for name, bound in of_owner.items():
            keys[name].add(" ".join(sorted(bound)))
    assert {name: found for name, found in keys.items() if len(found) > 1} == {}


def test_screens_have_keys_of_their_own_in_order_and_home_is_first() -> None:
    keys = [entry.key for entry in SCREENS]
    assert keys == sorted(set(keys))
    assert (SCREENS[0].name, keys[0]) == ("sessions", "1")


@played
async def test_no_key_has_two_meanings_on_a_screen(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.session("orders", "failed")
    async with on_stage(stage, size=(120, 36)) as pilot:
        for way in (*((entry.key,) for entry in SCREENS), ("1", "enter")):
            await press(pilot, *way)
            screen = pilot.app.screen
            for pane in [one for one in screen.walk_children(Widget) if one.focusable] or [screen]:
                meanings: defaultdict[str, set[str]] = defaultdict(set)
                for node in (pane, screen, pilot.app):
                    for binding in chain.from_iterable(node._bindings.key_to_bindings.values()):
                        if binding.id:
                            meanings[binding.key].add(binding.action)
                twice = {key: found for key, found in meanings.items() if len(found) > 1}
                assert {key: found for key, found in twice.items() if found != ONE_MEANING.get(key)} == {}, (way, pane)


@played
async def test_a_keymap_moves_a_key(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        pilot.app.set_keymap({"screen.plan": "f3"})
        await press(pilot, "f3")
        assert pilot.app.current_mode == "plan"
