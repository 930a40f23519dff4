"""Walks over the screens that press every key of theirs: the table of what each key does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from bunsui.model.address import Address
from bunsui.services.session_context import SessionContext
from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.ask_text import AskTextScreen
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.command_line import CommandLineScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.filled_form import FieldInput, FilledFormScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.plan_keeping import KeepingScreen
from bunsui.tui.screens.polled import PolledScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.session_tabs import SessionGraph
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.screens.start_form import StartFormScreen
from bunsui.tui.screens.starting import StartingScreen
from bunsui.tui.widgets.filter_bar import FilterInput
from bunsui.tui.widgets.findings_pane import FindingsPane
from bunsui.tui.widgets.form_pane import FormPane
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.tui.widgets.jobs_pane import JobsPane
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.log_pane import LogPane
from bunsui.tui.widgets.plan_tree import PlanTree
from bunsui.tui.widgets.source_pane import SourcePane
from bunsui.tui.widgets.timeline_pane import TimelinePane
from bunsui.tui.widgets.virtual_table import VirtualTable
from tests.fakes.gated import GatedRoom
from tests.tui.looks import BRANCHED, WITH_PARAMETERS, busy_day
from tests.tui.stage import Stage, on_stage, screen_text

Holds = Callable[[BunsuiApp], bool]


@dataclass(frozen=True)
class Press:
    """A key that is pressed, and what holds behind it and did not before."""

    owner: type
    key: str
    does: Holds
    before: tuple[str | Callable[[Stage], object], ...] = ()
    """Keys, and what happens outside, before it."""


@dataclass(frozen=True)
class KeyWalk:
    """Keys pressed one after another in one run of the program."""

    name: str
    stage: Callable[[Path], Stage]
    steps: Iterable[Press]
    opened: Callable[[Stage], AbstractAsyncContextManager[Pilot[None]]] = on_stage


def on(kind: type) -> Holds:
    return lambda app: isinstance(app.screen, kind)


def says(text: str) -> Holds:
    return lambda app: text in screen_text(app)


def front(app: BunsuiApp) -> FullScreen:
    """The full screen that is in front, or right below a dialog."""
    return next(screen for screen in reversed(app.screen_stack) if isinstance(screen, FullScreen))


def plan(app: BunsuiApp) -> PlanScreen:
    screen = front(app)
    assert isinstance(screen, PlanScreen)
    return screen


def session(app: BunsuiApp) -> SessionScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, SessionScreen))


def builder(app: BunsuiApp) -> BuilderScreen:
    screen = front(app)
    assert isinstance(screen, BuilderScreen)
    return screen


def table(app: BunsuiApp) -> VirtualTable:
    assert isinstance(app.focused, VirtualTable)
    return app.focused


def pages(app: BunsuiApp) -> LinePane | LogPane | GraphPane:
    assert isinstance(app.focused, LinePane | LogPane | GraphPane)
    return app.focused


def row(number: int) -> Holds:
    """The cursor is on that row; -1 for the last one."""
    return lambda app: table(app).cursor_key == table(app).keys[number]


def scrolled(to: int) -> Holds:
    """The pane begins with that line; -1 for any but the first."""
    return lambda app: pages(app).scroll_offset.y > 0 if to < 0 else pages(app).scroll_offset.y == to


def filtered(text: str) -> Holds:
    return lambda app: front(app).filter.value == text


def shown_tab(name: str) -> Holds:
    return lambda app: isinstance(app.screen, SessionScreen) and app.screen.tab == name


def page_of_plan(name: str) -> Holds:
    return lambda app: plan(app).pages.tabs.chosen == name


def draft_says(text: str, *, not_: str = "\0") -> Holds:
    def holds(app: BunsuiApp) -> bool:
        page = builder(app).page
        content = page.draft.content.decode() if page is not None else ""
        return text in content and not_ not in content

    return holds


def job_order(first: str, second: str) -> Holds:
    def holds(app: BunsuiApp) -> bool:
        page = builder(app).page
        names = [job.name for job in page.jobs] if page is not None else []
        return first in names and second in names and names.index(first) < names.index(second)

    return holds


def focused(kind: type) -> Holds:
    return lambda app: type(app.focused) is kind and not app.screen.is_modal


def field(key: str) -> Holds:
    return lambda app: builder(app).form_pane.cursor_key == key


def node(name: str) -> Holds:
    return lambda app: isinstance(app.focused, GraphPane) and app.focused.cursor == name


def pane(name: str) -> Holds:
    return lambda app: builder(app).pane == name


def not_(holds: Holds) -> Holds:
    return lambda app: not holds(app)


def moving(owner: type) -> Iterator[Press]:
    """Up and down in a table of at least three rows, with the cursor on the first."""
    for down, up in (("j", "k"), ("down", "up")):
        yield Press(owner, down, row(1))
        yield Press(owner, up, row(0))
    for last, first in (("G", "g"), ("end", "home"), ("ctrl+d", "ctrl+u"), ("pagedown", "pageup")):
        yield Press(owner, last, row(-1))
        yield Press(owner, first, row(0))


def scrolling(owner: type) -> Iterator[Press]:
    """Up and down in a text of more lines than are shown."""
    for down, up in (("j", "k"), ("down", "up")):
        yield Press(owner, down, scrolled(1))
        yield Press(owner, up, scrolled(0))
    for last, first in (("G", "g"), ("end", "home"), ("ctrl+d", "ctrl+u"), ("pagedown", "pageup")):
        yield Press(owner, last, scrolled(-1))
        yield Press(owner, first, scrolled(0))


def led(keys: tuple[str, ...], presses: Iterable[Press]) -> Iterator[Press]:
    """The same, with keys before the first."""
    first, *others = presses
    yield replace(first, before=(*keys, *first.before))
    yield from others


def small_day(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("orders")
    stage.session("orders", "sequence")
    stage.session("orders", "running")
    stage.session("orders", "failed")
    return stage


def one_more(stage: Stage) -> None:
    stage.session("orders", "sequence", seconds=0)


EVERYWHERE = (
    Press(BunsuiApp, "3", on(PlanScreen)),
    Press(BunsuiApp, "2", on(PipelinesScreen)),
    Press(BunsuiApp, "4", on(BuilderScreen)),
    Press(BunsuiApp, "1", on(SessionsScreen)),
    Press(BunsuiApp, "question_mark", on(NoticeScreen)),
    *(Press(NoticeScreen, key, on(SessionsScreen)) for key in ("escape",)),
    *(Press(NoticeScreen, key, on(SessionsScreen), before=("question_mark",)) for key in ("question_mark", "q", "enter")),
    Press(BunsuiApp, "colon", on(CommandLineScreen)),
    Press(CommandLineScreen, "tab", lambda app: app.screen.query_one(Input).value == "plan", before=("p", "l")),
    Press(CommandLineScreen, "escape", on(SessionsScreen)),
    Press(BunsuiApp, "T", lambda app: app.theme == "bunsui-light"),
)
ON_SESSIONS = (
    *moving(VirtualTable),
    Press(FullScreen, "slash", lambda app: front(app).filter.is_open),
    Press(FilterInput, "escape", not_(lambda app: front(app).filter.is_open)),
    Press(FilterInput, "enter", not_(lambda app: front(app).filter.is_open), before=("slash", "x")),
    Press(SessionsScreen, "escape", filtered("")),
    Press(PolledScreen, "p", lambda app: isinstance(app.screen, PolledScreen) and app.screen.polling.is_paused),
    Press(PolledScreen, "r", says("4, all read"), before=(one_more,)),
    Press(SessionsScreen, "space", says("1 marked"), before=("p", "j")),
    Press(SessionsScreen, "y", on(ChooseScreen), before=("k", "space")),
    Press(ChooseScreen, "escape", on(SessionsScreen)),
    Press(ChooseScreen, "q", on(SessionsScreen), before=("y",)),
    Press(ActingScreen, "x", on(ChooseScreen), before=("g", "j")),
    Press(ActingScreen, "F", on(ConfirmScreen), before=("escape",)),
    Press(DialogScreen, "question_mark", says("back to the shell")),
    Press(ConfirmScreen, "n", on(SessionsScreen), before=("escape",)),
    Press(ConfirmScreen, "escape", on(SessionsScreen), before=("F",)),
    Press(ConfirmScreen, "enter", on(SessionsScreen), before=("F",)),
    Press(ConfirmScreen, "q", on(SessionsScreen), before=("F",)),
    Press(ActingScreen, "K", on(AskTextScreen)),
    Press(AskTextScreen, "escape", on(SessionsScreen)),
    Press(ActingScreen, "R", on(ConfirmScreen)),
    Press(ConfirmScreen, "y", says("✓ resumed orders, attempt 2")),
    Press(ActingScreen, "S", on(ConfirmScreen), before=("g", "j", "j")),
    Press(VirtualTable, "enter", on(SessionScreen), before=("n", "g")),
    Press(SessionScreen, "q", on(SessionsScreen)),
    Press(BunsuiApp, "q", lambda app: app.return_code == 0),
)
ON_SESSION = (
    Press(TimelinePane, "space", lambda app: len(table(app).keys) == 2),
    *led(("g",), moving(TimelinePane)),
    Press(SessionScreen, "tab", lambda app: app.focused is session(app).story_pane),
    *scrolling(LinePane),
    Press(SessionScreen, "shift+tab", lambda app: app.focused is session(app).jobs_pane),
    Press(SessionScreen, "right_square_bracket", shown_tab("events")),
    Press(SessionScreen, "o", says("of clean")),
    Press(SessionScreen, "left_square_bracket", shown_tab("timeline")),
    Press(TimelinePane, "enter", shown_tab("io")),
    Press(SessionScreen, "escape", shown_tab("timeline")),
    Press(SessionScreen, "l", shown_tab("logs")),
    Press(LogPane, "w", lambda app: session(app).log_pane.wraps),
    Press(LogPane, "f", lambda app: not session(app).log_pane.follows),
    *led(("g",), scrolling(LogPane)),
    Press(LogPane, "n", lambda app: session(app).log_pane.matched is not None, before=("slash", *"row 3", "enter")),
    Press(LogPane, "N", lambda app: (session(app).log_pane.matched or 0) > 20),
    Press(SessionScreen, "y", on(ChooseScreen)),
)
ON_ATTEMPTS = (
    Press(SessionScreen, "left_curly_bracket", lambda app: session(app).jobs_pane.job == "extract"),
    Press(SessionScreen, "right_curly_bracket", lambda app: session(app).jobs_pane.job == "load"),
    Press(SessionGraph, "left", node("extract"), before=("left_square_bracket",)),
    Press(SessionGraph, "right", node("load")),
    Press(SessionScreen, "less_than_sign", says("‹1 of 2›"), before=("escape", "R", "y")),
    Press(SessionScreen, "greater_than_sign", says("‹2 of 2›")),
    Press(SessionScreen, "c", says("what differed")),
    Press(SessionScreen, "e", says("back from orders.yaml:")),
    Press(SessionScreen, "E", lambda app: on(BuilderScreen)(app) and builder(app).job == "load"),
)


def many_items(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("orders")
    stage.session("orders", "map-running", seconds=0)
    stage.log("f-clean", *(f"row {number} " + "of many " * 20 for number in range(40)))
    stage.clock.sleep(10)
    return stage


def outside(folder: Path) -> Stage:
    """A log group that somebody made keep its lines longer, beside what is new."""
    stage = busy_day(folder)
    for key, item in list(stage.account.objects.items()):
        if item.address == Address("log_group", "orders"):
            stage.account.objects[key] = replace(item, attributes={**item.attributes, "retention_days": 90}, revision="by hand")
    stage.clock.sleep(3600)
    return stage


ON_PLAN = (
    *moving(PlanTree),
    Press(PlanTree, "n", row(1)),
    Press(PlanTree, "N", row(1), before=("n",)),
    Press(PlanTree, "h", row(0)),
    Press(PlanTree, "left", says("▸ ledger")),
    Press(PlanTree, "l", says("▾ ledger")),
    Press(PlanTree, "right", says("▾ ledger"), before=("left",)),
    Press(PlanTree, "enter", says("▸ ledger")),
    Press(FullScreen, "tab", lambda app: app.focused is plan(app).pages.diff),
    Press(FullScreen, "shift+tab", lambda app: app.focused is plan(app).tree_pane),
    Press(PlanScreen, "u", lambda app: plan(app).context == 3),
    Press(PlanScreen, "d", lambda app: plan(app).selection.destructive_only),
    Press(PlanScreen, "s", lambda app: plan(app).selection.unchanged_too, before=("d",)),
    Press(PlanScreen, "right_square_bracket", page_of_plan("graph"), before=("s",)),
    Press(PlanScreen, "v", lambda app: plan(app).pages.side == "before"),
    Press(PlanScreen, "left_square_bracket", page_of_plan("diff")),
    Press(PlanScreen, "space", lambda app: bool(plan(app).marks.marked)),
    Press(PlanScreen, "A", lambda app: len(plan(app).marks.marked) > 6, before=("A",)),
    Press(
        PlanScreen,
        "vertical_line",
        lambda app: "after apply" in plan(app).pages.diff.text,
        before=("A", "slash", *"orders", "enter", "n"),
    ),
    Press(PlanScreen, "y", on(ChooseScreen)),
    Press(PlanScreen, "escape", filtered(""), before=("escape",)),
    Press(KeepingScreen, "K", on(ConfirmScreen), before=("slash", *"orders", "enter", "g", "n")),
    Press(PlanScreen, "a", says("Apply this plan?"), before=("n", "escape")),
    Press(PlanScreen, "r", lambda app: plan(app).progress is None, before=("y",)),
)


def with_parameters(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("orders", WITH_PARAMETERS)
    stage.apply()
    return stage


def form_field(number: int) -> Holds:
    return lambda app: app.focused is list(app.screen.query(FieldInput))[number]


ON_PIPELINES = (
    Press(StartingScreen, "space", says("1 marked")),
    Press(PipelinesScreen, "x", on(ChooseScreen), before=("space",)),
    Press(PipelinesScreen, "y", on(ChooseScreen), before=("escape",)),
    Press(PipelinesScreen, "escape", filtered(""), before=("escape", "slash", "x", "enter")),
    Press(StartingScreen, "b", on(StartFormScreen)),
    Press(FilledFormScreen, "escape", on(PipelinesScreen)),
    Press(StartingScreen, "n", on(StartFormScreen)),
    Press(FieldInput, "down", form_field(1)),
    Press(FieldInput, "up", form_field(0)),
    Press(PipelinesScreen, "P", lambda app: on(PlanScreen)(app) and filtered("orders")(app), before=("escape",)),
    Press(PipelinesScreen, "E", on(BuilderScreen), before=("2",)),
)


def drafted(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("weather", BRANCHED)
    return stage


BRACKETS = "right_square_bracket"
ON_BUILDER = (
    *moving(JobsPane),
    Press(JobsPane, "enter", focused(FormPane), before=("j",)),
    *led(("g",), moving(FormPane)),
    Press(FormPane, "h", focused(JobsPane)),
    Press(FormPane, "left", focused(JobsPane), before=("enter",)),
    Press(FormPane, "backspace", focused(JobsPane), before=("enter",)),
    Press(FormPane, "enter", on(EnterValueScreen), before=("enter", "slash", *"description", "enter")),
    Press(FormPane, "l", on(EnterValueScreen), before=("escape",)),
    Press(FormPane, "right", on(EnterValueScreen), before=("escape",)),
    Press(EnterValueScreen, "escape", on(BuilderScreen)),
    Press(FormPane, "i", on(EnterValueScreen)),
    Press(FormPane, "x", draft_says("", not_="description: new"), before=(*"new", "enter")),
    Press(BuilderScreen, "u", draft_says("description: new")),
    Press(BuilderScreen, "ctrl+r", draft_says("", not_="description: new")),
    Press(FormPane, "delete", draft_says("", not_="description: new"), before=("u",)),
    Press(BuilderScreen, "escape", focused(JobsPane), before=("escape",)),
    Press(BuilderScreen, BRACKETS, pane("form")),
    Press(BuilderScreen, "left_square_bracket", pane("jobs")),
    *led((BRACKETS, BRACKETS, "g"), moving(SourcePane)),
    Press(SourcePane, "enter", pane("form")),
    *led((BRACKETS, BRACKETS, "g"), moving(FindingsPane)),
    Press(FindingsPane, "enter", pane("form")),
    Press(BuilderScreen, "f", draft_says("for: 1s"), before=("left_square_bracket",)),
    Press(BuilderScreen, "y", on(ChooseScreen)),
    Press(BuilderScreen, "a", on(ChooseScreen), before=("escape",)),
    Press(BuilderScreen, "o", on(ChooseScreen), before=("escape",)),
    Press(BuilderScreen, "n", on(ChooseScreen), before=("escape",)),
    Press(BuilderScreen, "R", on(EnterValueScreen), before=("escape", "g", "j")),
    Press(BuilderScreen, "J", job_order("clean", "extract"), before=("escape",)),
    Press(BuilderScreen, "K", job_order("extract", "clean")),
    Press(BuilderScreen, "D", draft_says("", not_="extract:")),
    Press(BuilderScreen, "P", says("plan of weather, as drafted"), before=("u",)),
    Press(BuilderScreen, "s", says("simulation of weather, as drafted"), before=("escape",)),
    Press(BuilderScreen, "t", says("has no test: begin one?"), before=("escape",)),
    Press(BuilderScreen, "e", draft_says("# by hand"), before=("n",)),
    Press(BuilderScreen, "w", on(ConfirmScreen)),
    Press(BuilderScreen, "c", on(EnterValueScreen), before=("y",)),
)


def waiting_gate(stage: Stage) -> AbstractAsyncContextManager[Pilot[None]]:
    """Open the program on a session that waits for an approval."""
    room = GatedRoom()
    room.waiting(rows="7")

    def context() -> SessionContext:
        stage.openings += 1
        return room.context

    return on_stage(stage, open_sessions=lambda: context)


def _sized(*size: int) -> Callable[[Stage], AbstractAsyncContextManager[Pilot[None]]]:
    width, height = size
    return lambda stage: on_stage(stage, size=(width, height))


WALKS = (
    KeyWalk("everywhere", small_day, EVERYWHERE),
    KeyWalk("sessions", small_day, ON_SESSIONS),
    KeyWalk("approval", Stage, (Press(ActingScreen, "a", on(AskTextScreen)),), opened=waiting_gate),
    KeyWalk("session", many_items, led(("1", "enter"), ON_SESSION), opened=_sized(90, 20)),
    KeyWalk("attempts", small_day, led(("1", "enter"), ON_ATTEMPTS)),
    KeyWalk("plan", outside, led(("3",), ON_PLAN), opened=_sized(120, 36)),
    KeyWalk("pipelines", with_parameters, led(("2",), ON_PIPELINES)),
    KeyWalk("builder", drafted, led(("4",), ON_BUILDER), opened=_sized(120, 36)),
)
