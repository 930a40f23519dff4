"""Every key of every screen and every pane does what it says; a new key without a row in `key_walks.py` fails."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.pilot import Pilot

from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.registry import SCREENS
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.widgets.graph_pane import GraphPane
from tests.tui.key_walks import WALKS, on, plan
from tests.tui.stage import Stage, on_plan, on_stage, played, press, screen_text
from tests.tui.test_keys import own_bindings

pytestmark = pytest.mark.timeout(120)

TRIED = [(walk, tuple(walk.steps)) for walk in WALKS]
EDITOR = """sh -c 'for last; do :; done; echo "# by hand" >> "$last"' sh"""
"""Writes a line at the end of the file that it is given."""
ELSEWHERE: set[tuple[type, str]] = {
    (BunsuiApp, "ctrl+z"),  # only a real terminal shows it: test_leaving.py
    (DialogScreen, "ctrl+z"),
    *((GraphPane, key) for key in (*"hjklgG", "left", "right", "up", "down", "home", "end", "enter")),  # test_graph_pane.py
    *((GraphPane, key) for key in ("ctrl+d", "ctrl+u", "pagedown", "pageup")),
    *((EnterValueScreen, key) for key in ("tab", "up", "down")),  # test_builder.py
    (BuilderScreen, "C"),
}


def of_its_own(owner: type[DOMNode], bindings: list[Binding]) -> set[str]:
    """The keys that do something else here than in what it inherits from."""
    inherited = {
        (one.key, one.action) for base in owner.__mro__[1:] for one in Binding.make_bindings(vars(base).get("BINDINGS", ()))
    }
    return {one.key for one in bindings if (one.key, one.action) not in inherited}


def test_every_binding_is_tried() -> None:
    """A pane may name the keys of its base again: what they do there is tried with the base."""
    tried = {(step.owner, step.key) for _, steps in TRIED for step in steps} | ELSEWHERE
    every = {(owner, key) for owner, bindings in own_bindings().items() for key in of_its_own(owner, bindings)}
    assert sorted(map(str, every - tried)) == []


@pytest.mark.parametrize("number", range(len(TRIED)), ids=[walk.name for walk in WALKS])
def test_a_key_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    walk, walked = TRIED[number]
    monkeypatch.setattr(App, "suspend", lambda _app: nullcontext())
    monkeypatch.setenv("VISUAL", EDITOR)

    @played
    async def go() -> None:
        stage = walk.stage(tmp_path)
        async with walk.opened(stage) as pilot:
            app = pilot.app
            assert isinstance(app, BunsuiApp)
            for step in walked:
                told = f"{step.owner.__name__} {step.key}"
                for way in step.before:
                    if callable(way):
                        way(stage)
                    else:
                        await press(pilot, way)
                assert not step.does(app), f"{told}: it holds before\n{screen_text(app)}"
                await press(pilot, step.key)
                assert step.does(app), f"{told}\n{screen_text(app)}"

    go()


@played
async def test_full_width_keys_work_too_except_where_text_is_typed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        await typed(pilot, "３")
        assert on(PlanScreen)(pilot.app)
        await typed(pilot, "／", "ｊ")
        assert plan(pilot.app).filter.value == "ｊ"


@played
async def test_the_palette_leads_to_the_screens(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        await press(pilot, "3", "ctrl+p")
        await pilot.press(*"sessions")
        await pilot.pause(0.5)
        await pilot.press("down", "enter")
        await press(pilot)
        assert on(SessionsScreen)(pilot.app)
        titles = [command.title for command in pilot.app.get_system_commands(pilot.app.screen)]
        assert titles[: len(SCREENS) + 1] == [*(entry.name.capitalize() for entry in SCREENS), "Help"]


async def typed(pilot: Pilot[None], *characters: str) -> None:
    """Send characters as a terminal does; the pilot's own keys do not know full-width ones."""
    for character in characters:
        pilot.app.post_message(events.Key(_character_to_key(character), character))
        await press(pilot)


def test_q_during_an_apply_asks_first_and_stops_it_in_order(tmp_path: Path) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        async with on_plan(stage) as pilot:
            released = stage.hold_writes()
            await pilot.press("a", "y")
            await pilot.pause(0.2)
            await pilot.press("q")
            await pilot.pause(0.1)
            assert isinstance(pilot.app.screen, ConfirmScreen)
            await pilot.press("y")
            released()
            for _ in range(50):
                if pilot.app.return_code == 0:
                    break
                await pilot.pause(0.1)
            assert pilot.app.return_code == 0
        assert len(stage.account.objects) < 3

    go()
