"""Every key of every screen does what it says; a new key without a row here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from textual import events
from textual.binding import Binding, BindingType
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from bunsui.tui import screens
from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.ask_text import AskTextScreen
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.command_line import CommandLineScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.filled_form import FilledFormScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.plan_keeping import KeepingScreen
from bunsui.tui.screens.polled import PolledScreen
from bunsui.tui.screens.registry import SCREENS
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.screens.starting import StartingScreen
from tests.tui.stage import Stage, on_plan, on_stage, played, press, screen_text

pytestmark = pytest.mark.timeout(60)

Holds = Callable[[BunsuiApp], bool]


@dataclass(frozen=True)
class Key:
    start: tuple[str, ...]
    """The keys that lead to the screen."""
    key: str
    does: Holds


def on(kind: type) -> Holds:
    return lambda app: isinstance(app.screen, kind)


def plan(app: BunsuiApp) -> PlanScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, PlanScreen))


def chosen(app: BunsuiApp) -> str:
    return plan(app).pages.tabs.chosen


def polled(app: BunsuiApp) -> PolledScreen:
    return next(screen for screen in reversed(app.screen_stack) if isinstance(screen, PolledScreen))


def typed_line(app: BunsuiApp) -> str:
    return app.screen.query_one(Input).value


def session(app: BunsuiApp) -> SessionScreen:
    return next(screen for screen in reversed(app.screen_stack) if isinstance(screen, SessionScreen))


def filtering(app: BunsuiApp) -> bool:
    return isinstance(app.screen, FullScreen) and app.screen.filter.is_open


PLAN, LIST, ONE, PIPELINES = ("3",), ("1",), ("1", "enter"), ("2",)
KEYS: dict[tuple[type, str], Key] = {
    (PlanScreen, "a"): Key(PLAN, "a", on(ConfirmScreen)),
    (PlanScreen, "r"): Key((*PLAN, "u", "a", "y"), "r", lambda app: plan(app).progress is None and plan(app).context == 3),
    (PlanScreen, "u"): Key(PLAN, "u", lambda app: plan(app).context == 3),
    (PlanScreen, "d"): Key(PLAN, "d", lambda app: plan(app).selection.destructive_only),
    (PlanScreen, "s"): Key(PLAN, "s", lambda app: plan(app).selection.unchanged_too),
    (PlanScreen, "y"): Key(PLAN, "y", on(ChooseScreen)),
    (PlanScreen, "space"): Key(PLAN, "space", lambda app: "marked 3 of 3" in plan(app).title_bar.text),
    (PlanScreen, "A"): Key(PLAN, "A", lambda app: len(plan(app).marks.marked) == 3),
    (PlanScreen, "vertical_line"): Key(PLAN, "vertical_line", lambda app: "after apply" in plan(app).pages.diff.text),
    (PlanScreen, "v"): Key(PLAN, "v", lambda app: plan(app).pages.side == "before" and plan(app).pages.has_class("-graph")),
    (PlanScreen, "right_square_bracket"): Key(PLAN, "right_square_bracket", lambda app: chosen(app) == "graph"),
    (PlanScreen, "left_square_bracket"): Key(PLAN, "left_square_bracket", lambda app: chosen(app) == "findings"),
    (PlanScreen, "escape"): Key((*PLAN, "slash", "x", "enter"), "escape", lambda app: plan(app).filter.value == ""),
    (BunsuiApp, "colon"): Key((), "colon", on(CommandLineScreen)),
    (CommandLineScreen, "escape"): Key(("colon",), "escape", on(SessionsScreen)),
    (CommandLineScreen, "tab"): Key(("colon", "p", "l"), "tab", lambda app: typed_line(app) == "plan"),
    (FullScreen, "slash"): Key((), "slash", filtering),
    (FullScreen, "tab"): Key(PLAN, "tab", lambda app: app.focused is plan(app).pages.diff),
    (FullScreen, "shift+tab"): Key((*PLAN, "tab"), "shift+tab", lambda app: app.focused is plan(app).tree_pane),
    (PolledScreen, "r"): Key((*LIST, "p", "p"), "r", lambda app: polled(app).read_at is not None),
    (PolledScreen, "p"): Key(LIST, "p", lambda app: polled(app).polling.is_paused),
    (SessionsScreen, "y"): Key(LIST, "y", on(ChooseScreen)),
    (SessionsScreen, "escape"): Key((*LIST, "slash", "x", "enter"), "escape", lambda app: polled(app).filter.value == ""),
    (SessionScreen, "escape"): Key(ONE, "escape", on(SessionsScreen)),
    (SessionScreen, "q"): Key(ONE, "q", on(SessionsScreen)),
    (SessionScreen, "l"): Key(ONE, "l", lambda app: session(app).tab == "logs"),
    (SessionScreen, "right_square_bracket"): Key(ONE, "right_square_bracket", lambda app: session(app).tab == "events"),
    (SessionScreen, "left_square_bracket"): Key(ONE, "left_square_bracket", lambda app: session(app).tab == "graph"),
    (SessionScreen, "tab"): Key(ONE, "tab", lambda app: app.focused is session(app).story_pane),
    (SessionScreen, "shift+tab"): Key(ONE, "shift+tab", lambda app: session(app).tab == "graph"),
    (SessionScreen, "o"): Key((*ONE, "right_square_bracket"), "o", lambda app: "of load" in session(app).tab_bar.text),
    (SessionScreen, "left_curly_bracket"): Key(ONE, "left_curly_bracket", lambda app: session(app).jobs_pane.job == "extract"),
    (SessionScreen, "right_curly_bracket"): Key(
        (*ONE, "k"), "right_curly_bracket", lambda app: session(app).jobs_pane.job == "load"
    ),
    (ActingScreen, "R"): Key(ONE, "R", on(ConfirmScreen)),
    (ActingScreen, "F"): Key(LIST, "F", on(ConfirmScreen)),
    (ActingScreen, "K"): Key(LIST, "K", on(AskTextScreen)),
    (ActingScreen, "S"): Key((*LIST, "j"), "S", on(ConfirmScreen)),
    (ActingScreen, "x"): Key(LIST, "x", on(ChooseScreen)),
    (SessionsScreen, "space"): Key(LIST, "space", lambda app: "1 marked" in screen_text(app)),
    (SessionScreen, "y"): Key(ONE, "y", on(ChooseScreen)),
    (SessionScreen, "E"): Key(ONE, "E", lambda app: isinstance(app.screen, BuilderScreen) and app.screen.job == "load"),
    (PipelinesScreen, "P"): Key(PIPELINES, "P", lambda app: on(PlanScreen)(app) and plan(app).filter.value == "orders"),
    (PipelinesScreen, "E"): Key(PIPELINES, "E", on(BuilderScreen)),
    (PipelinesScreen, "x"): Key(PIPELINES, "x", on(ChooseScreen)),
    (PipelinesScreen, "y"): Key(PIPELINES, "y", on(ChooseScreen)),
    (PipelinesScreen, "escape"): Key((*PIPELINES, "slash", "x", "enter"), "escape", lambda app: polled(app).filter.value == ""),
    (ConfirmScreen, "y"): Key((*PLAN, "a"), "y", lambda app: plan(app).progress is not None),
    (ConfirmScreen, "n"): Key((*PLAN, "a"), "n", on(PlanScreen)),
    (ConfirmScreen, "escape"): Key((*PLAN, "a"), "escape", on(PlanScreen)),
    (ConfirmScreen, "enter"): Key((*PLAN, "a"), "enter", on(PlanScreen)),
    (ConfirmScreen, "q"): Key((*PLAN, "a"), "q", on(PlanScreen)),
    (ChooseScreen, "escape"): Key((*PLAN, "y"), "escape", on(PlanScreen)),
    (ChooseScreen, "q"): Key((*PLAN, "y"), "q", on(PlanScreen)),
    (NoticeScreen, "escape"): Key(("question_mark",), "escape", on(SessionsScreen)),
    (NoticeScreen, "question_mark"): Key(("question_mark",), "question_mark", on(SessionsScreen)),
    (NoticeScreen, "q"): Key(("question_mark",), "q", on(SessionsScreen)),
    (NoticeScreen, "enter"): Key(("question_mark",), "enter", on(SessionsScreen)),
    (BunsuiApp, "1"): Key(PLAN, "1", on(SessionsScreen)),
    (BunsuiApp, "2"): Key((), "2", on(PipelinesScreen)),
    (BunsuiApp, "3"): Key((), "3", on(PlanScreen)),
    (BunsuiApp, "4"): Key((), "4", on(BuilderScreen)),
    (BunsuiApp, "question_mark"): Key((), "question_mark", on(NoticeScreen)),
    (BunsuiApp, "T"): Key((), "T", lambda app: app.theme == "bunsui-light"),
    (BunsuiApp, "q"): Key((), "q", lambda app: app.return_code == 0),
}
IN_A_TERMINAL: set[tuple[type, str]] = {(BunsuiApp, "ctrl+z")}
"""What only a real terminal shows: tests/tui/test_leaving.py."""
ELSEWHERE: set[tuple[type, str]] = {
    *((ActingScreen, "a"), (AskTextScreen, "escape"), (KeepingScreen, "K")),
    *((StartingScreen, "n"), (StartingScreen, "b"), (StartingScreen, "space"), (FilledFormScreen, "escape")),
    *((SessionScreen, key) for key in ("less_than_sign", "greater_than_sign", "c", "e")),
}
"""What this stage has nothing for: tests/tui/test_asked_actions.py, test_pipelines_screen.py, test_session_tabs.py."""
BUILDER = ["a", "w", "c", "C", "u", "f", "P", "s", "t", "o", "n", "D", "R", "J", "K", "ctrl+r", "escape"]
PANES = ["right_square_bracket", "left_square_bracket"]
ELSEWHERE |= {
    *((EnterValueScreen, key) for key in ("escape", "tab", "up", "down")),
    *((BuilderScreen, key) for key in (*BUILDER, *PANES)),
}
"""tests/tui/test_builder.py."""
IN_A_TERMINAL |= {(BuilderScreen, "e")}


def own_keys(owner: type) -> set[str]:
    own: list[BindingType] = vars(owner).get("BINDINGS", [])
    return {binding.key for binding in Binding.make_bindings(own)}


def owners() -> list[type]:
    """Return the application and every class of the screens that has keys of its own."""
    modules = [import_module(f"{screens.__name__}.{module.name}") for module in iter_modules(screens.__path__)]
    classes = {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Screen) and found.__module__ == module.__name__ and own_keys(found)
    }
    return [BunsuiApp, *sorted(classes, key=lambda found: found.__name__)]


@pytest.mark.parametrize("owner", owners())
def test_every_binding_is_tried(owner: type) -> None:
    assert own_keys(owner) == {key for known, key in (*KEYS, *IN_A_TERMINAL, *ELSEWHERE) if known is owner}


@pytest.mark.parametrize("case", KEYS.values(), ids=[f"{owner.__name__} {key}" for owner, key in KEYS])
def test_a_key_does_what_it_says(tmp_path: Path, case: Key) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        stage.session("orders", "running")
        stage.session("orders", "failed")
        async with on_stage(stage) as pilot:
            assert isinstance(pilot.app, BunsuiApp)
            await steps(pilot, case.start)
            assert not case.does(pilot.app) or case.key == "r"
            await steps(pilot, (case.key,))
            assert case.does(pilot.app)

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
        await steps(pilot, ("3", "ctrl+p"))
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


async def steps(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    for key in keys:
        await press(pilot, key)


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
