"""Keys that are typed ahead of the screen: a question is answered once, and only what is in front is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import Input

from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.ask_text import AskTextScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.command_line import CommandLineScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.editing.simulation_form import SimulationFormScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.registry import SCREENS
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.view.pipelines.form import StartField, StartForm
from tests.tui.looks import WITH_PARAMETERS
from tests.tui.stage import Stage, on_stage, played, press, screen_text, settled

pytestmark = pytest.mark.timeout(180)


@played
async def test_an_answer_that_is_typed_twice_is_given_once_and_closes_nothing_else(tmp_path: Path) -> None:
    stage, answers = Stage(tmp_path), []
    stage.write("orders")
    stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "enter")
        asked = ConfirmScreen("Sure?", (), yes="do it", on_yes=lambda: answers.append("yes"))
        await pilot.app.push_screen(asked)
        for action in (asked.action_yes, asked.action_yes, asked.action_no):
            action()
        await settled(pilot)
        assert answers == ["yes"]
        assert isinstance(pilot.app.screen, SessionScreen)


@played
async def test_a_line_that_is_sent_and_left_at_once_leaves_the_program_as_it_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        await press(pilot, "colon")
        typed = pilot.app.screen
        assert isinstance(typed, CommandLineScreen)
        await typed.query_one(Input).action_submit()  # it is told to the screen by a message
        typed.action_leave()
        await settled(pilot)
        assert isinstance(pilot.app.screen, SessionsScreen)
        assert pilot.app.is_running


@played
async def test_a_question_that_goes_before_it_was_shown_leaves_the_program_as_it_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        for asked in (
            ConfirmScreen("Sure?", (), yes="do it", on_yes=list),
            ConfirmScreen("Sure?", (), yes="do it", on_yes=list, type_name="prod"),
            CommandLineScreen(("status",), list),
            AskTextScreen("Why?", "A reason.", on_text=list),
            NoticeScreen(()),
            ChooseScreen("Which?", [MenuChoice(label="one", value="1")]),
            EnterValueScreen("name", on_text=str),
            SimulationFormScreen(pilot.app.bridge.invocation, "orders", StartForm(fields=(StartField(name="rows"),))),
        ):
            await pilot.app.push_screen(asked)
            await asked.remove_children()
            # As late as they come when keys are typed faster than screens are drawn.
            asked.on_resize(events.Resize(Size(60, 16), Size(60, 16)))
            asked.on_mount()
            asked.dismiss()
            await settled(pilot)
        assert isinstance(pilot.app.screen, SessionsScreen)
        assert pilot.app.is_running


@played
async def test_how_to_answer_stands_on_the_smallest_screen_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.apply()
    stage.session("orders", "failed")
    stage.write("orders", WITH_PARAMETERS)
    ways = {
        "run form": (("2", "n"), ("enter", "esc leave")),
        "its question": (("7", "enter"), ("y start", "n leave")),
        "backfill form": (("n", "escape", "b"), ("enter", "esc leave")),
        "menu": (("escape", "1", "x"), ("resume", "skip")),
        "text of a skip": (("escape", "K"), ("enter", "esc")),
        "value of a field": (
            ("escape", "4", "j", "enter", "slash", *"description", "enter", "enter"),
            ("enter take it", "esc"),
        ),
        "name of a job": (("escape", "escape", "escape", "R"), ("enter take it", "esc")),
        "diff": (("escape", "D", "w"), ("y write it", "n leave")),
        "keys": (("n", "question_mark"), ("esc or enter close",)),
    }
    async with on_stage(stage, size=(44, 10), folder=tmp_path) as pilot:
        for name, (keys, answers) in ways.items():
            await press(pilot, *keys)
            shown = screen_text(pilot.app)
            assert pilot.app.screen.is_modal, (name, shown)
            assert [answer for answer in answers if answer not in shown] == [], (name, shown)


@played
async def test_the_help_of_a_screen_names_every_key_that_works_on_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.session("orders", "failed")
    async with on_stage(stage, size=(120, 36)) as pilot:
        app = pilot.app
        assert isinstance(app, BunsuiApp)
        tabs = [("1", "enter", *["right_square_bracket"] * times) for times in range(6)]
        for keys in (*((entry.key,) for entry in SCREENS), ("4", "enter"), *tabs):
            await press(pilot, *keys)
            works = {one.binding.description for one in app.screen.active_bindings.values() if one.binding.description}
            works -= {"Copy selected text", "Quit", "palette", "Scroll Up", "Scroll Down"}
            await press(pilot, "question_mark")
            assert isinstance(app.screen, NoticeScreen)
            told = app.screen.pane.text
            assert sorted(word for word in works if word not in told) == [], keys
            await press(pilot, "escape", "escape", "escape")
