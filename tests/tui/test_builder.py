"""The Builder screen: drafts by forms, undone byte for byte, written after the diff was shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.errors import InvalidInput
from bunsui.project.repository import Repository
from bunsui.tui.app import BunsuiApp
from bunsui.tui.building.messages import DraftShown
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.editing.simulation_form import SimulationFormScreen
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.builder.page import draft_page, with_findings
from tests.tui.stage import Stage, on_stage, played, press, screen_text, settled, until

pytestmark = pytest.mark.timeout(120)

BUILT = """\
# yaml-language-server: $schema=../schemas/pipeline-v1.json
version: 1
name: orders
timeout: 15m

jobs:
  read:
    type: wait
    for: 1s
  wash:
    depends_on: [read]
    type: wait
    for: 90s
  stop:
    depends_on: [wash]
    type: fail
    error: Stopped
    message: no rows
"""
ORDERS = """\
version: 1
name: orders
jobs:
  extract:  # reads
    type: wait
    for: 5s
    descripton: first
  load:
    depends_on: [extract]
    type: wait
    for: 1s  # keep
"""


ASKING = """\
version: 1
name: orders
parameters:
  day: {type: string}
  n: {type: integer, default: 0}
jobs:
  first: {type: wait, for: 1s}
  gate:
    depends_on: [first]
    type: check
    that: "{% true %}"
"""


class EmptyFolder(Stage):
    """A stage that has no project until a template is written."""

    def repository(self) -> Repository:
        if not (self.root / "bunsui.yaml").exists():
            raise InvalidInput("no-project", "there is no project here", hint="Make one.")
        return super().repository()


def builder(pilot: Pilot[None]) -> BuilderScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, BuilderScreen)
    return screen


def text(pilot: Pilot[None]) -> str:
    page = builder(pilot).page
    assert page is not None
    return page.draft.content.decode()


async def choose(pilot: Pilot[None], value: str) -> None:
    """Choose from the menu that is open."""
    screen = pilot.app.screen
    assert isinstance(screen, ChooseScreen)
    place = [choice.value for choice in screen._choices.values()].index(value)
    await press(pilot, *["j"] * place, "enter")


async def enter(pilot: Pilot[None], value: str) -> None:
    """Type into the line that is open, instead of what stands there."""
    await pilot.press("end", "ctrl+u", *value)
    await press(pilot, "enter")


async def edit_field(pilot: Pilot[None], key: str, value: str) -> None:
    builder(pilot).form_pane.move_to(key)
    await press(pilot, "enter")
    await enter(pilot, value)


@played
async def test_a_line_that_is_emptied_takes_its_field_away_and_one_left_as_it_was_changes_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    empty = ORDERS.replace("descripton: first", 'description: ""')
    stage.write("orders", empty)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "enter")
        await edit_field(pilot, "name", "")
        assert text(pilot) == empty.replace("name: orders\n", "")
        await press(pilot, "u", "h", "j", "enter")
        builder(pilot).form_pane.move_to("description")
        await press(pilot, "enter", "enter")
        assert text(pilot) == empty
        await edit_field(pilot, "description", "why")
        await edit_field(pilot, "description", '""')
        assert text(pilot) == empty
        await edit_field(pilot, "description", " ")
        assert "description" not in text(pilot)


@played
async def test_the_text_of_a_job_a_finding_and_the_command_that_checks_the_file_are_copied(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "j", "j", "y", "enter")
        assert pilot.app.clipboard == "  load:\n    depends_on: [extract]\n    type: wait\n    for: 1s  # keep"
        await press(pilot, "y")
        await choose(pilot, "bunsui validate pipelines/orders.yaml")
        assert pilot.app.clipboard == "bunsui validate pipelines/orders.yaml"
        builder(pilot).findings_pane.focus()
        await press(pilot, "y", "enter")
        assert pilot.app.clipboard.startswith("pipelines/orders.yaml:7:5: unknown key")


@played
async def test_where_no_finding_has_a_fix_the_key_for_the_code_of_a_job_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", "version: 1\nname: orders\njobs:\n  load: {type: lambda}\n")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "f")
        assert builder(pilot).banner.text == "no finding here offers a fix of one key"
        await press(pilot, "j", "f")
        assert builder(pilot).banner.text.endswith("; C makes the code of the job")
        assert "C code file…" in builder(pilot).footer.text


@played
async def test_an_empty_folder_becomes_a_pipeline_of_three_jobs(tmp_path: Path) -> None:
    stage = EmptyFolder(tmp_path)
    async with on_stage(stage, size=(120, 36), folder=tmp_path) as pilot:
        await press(pilot, "4", "n")
        await choose(pilot, "blank")
        await enter(pilot, "orders")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert not list(tmp_path.iterdir())
        await press(pilot, "y", "j", "R")
        await enter(pilot, "read")
        await press(pilot, "a")
        await choose(pilot, "wait")
        await enter(pilot, "wash")
        assert "for: 10m" in text(pilot)  # a new job is valid: with what its type must have
        await press(pilot, "enter")
        await edit_field(pilot, "for", "90s")
        await press(pilot, "a")
        await choose(pilot, "fail")
        await enter(pilot, "stop")
        await edit_field(pilot, "error", "Stopped")
        await edit_field(pilot, "message", "no rows")
        await until(pilot, lambda: "✓ valid" in builder(pilot).title_bar.text)
        assert "wash" not in (tmp_path / "pipelines" / "orders.yaml").read_text(encoding="utf-8")
        await press(pilot, "w")
        assert "+  wash:" in screen_text(pilot.app)
        await press(pilot, "y")
        assert (tmp_path / "pipelines" / "orders.yaml").read_text(encoding="utf-8") == BUILT
        assert "as in the file" in builder(pilot).title_bar.text
        await press(pilot, "s")
        assert "simulation of orders, as drafted" in screen_text(pilot.app)


@played
async def test_in_an_empty_folder_every_screen_leads_to_the_builder_and_knows_what_it_wrote(tmp_path: Path) -> None:
    async with on_stage(EmptyFolder(tmp_path), size=(120, 36), folder=tmp_path) as pilot:
        for screen in ("1", "2", "3"):
            await press(pilot, screen)
            assert len(pilot.app.screen_stack) == 1
            assert "n makes a project in this folder" in screen_text(pilot.app)
        await press(pilot, "4", "n")
        await choose(pilot, "blank")
        await enter(pilot, "orders")
        await press(pilot, "y", "2")
        await until(pilot, lambda: "+ new  orders" in screen_text(pilot.app))
        await press(pilot, "3")
        await until(pilot, lambda: "3 to create" in screen_text(pilot.app))
        await press(pilot, "a", "y", "4", "j", "slash", *"for", "enter", "enter")
        await enter(pilot, "90s")
        await press(pilot, "w", "y", "3")
        await until(pilot, lambda: "1 to update" in screen_text(pilot.app))


@played
async def test_what_narrowed_one_form_narrows_no_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "slash", *"parameters", "enter", "enter")
        assert builder(pilot).form_pane.keys == ("+",)
        await press(pilot, "escape")
        assert "timeout" in builder(pilot).form_pane.keys
        assert not builder(pilot).filter.value


@played
async def test_what_is_edited_is_undone_to_the_byte_and_kept_beside_the_file(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    file = tmp_path / "pipelines" / "orders.yaml"
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "j", "j")
        states = [text(pilot)]
        for keys in (("K",), ("enter",), ("down", "x"), ("left", "D")):
            if keys == ("enter",):
                await press(pilot, "enter")
                await edit_field(pilot, "description", "a: b")
            else:
                await press(pilot, *keys)
            states.append(text(pilot))
        assert states[1].index("load:") < states[1].index("extract:")
        assert 'description: "a: b"' in states[2]
        assert "load" not in states[4]
        assert list((file.parent / ".bunsui-drafts").glob("orders*"))
        for state in reversed(states[:-1]):
            await press(pilot, "u")
            assert text(pilot) == state
        await press(pilot, "ctrl+r")
        assert text(pilot) == states[1]
        assert file.read_text(encoding="utf-8") == ORDERS
        assert states[0] == ORDERS


@played
async def test_a_finding_is_gone_to_and_fixed_by_one_key(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4")
        await until(pilot, lambda: bool(builder(pilot).findings_pane.keys))
        await until(pilot, lambda: "unknown key descripton  f: " in screen_text(pilot.app))
        await press(pilot, "left_square_bracket", "left_square_bracket", "enter")
        assert builder(pilot).form_pane.form is not None
        assert builder(pilot).form_pane.cursor_key == "descripton"
        assert builder(pilot).source_pane.line_number == 7
        await press(pilot, "f")
        await until(pilot, lambda: text(pilot) == ORDERS.replace("descripton", "description"))
        await press(pilot, "w", "y", "c", "enter", *"fixed", "enter")
        assert "git" in builder(pilot).banner.text
        await until(pilot, lambda: "✓ valid" in builder(pilot).title_bar.text)


@played
async def test_a_narrow_terminal_shows_one_pane_at_a_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(80, 24)) as pilot:
        await press(pilot, "4")
        seen = []
        for _ in range(5):
            seen.append(
                [name for name in ("parts", "form", "source", "graph") if pilot.app.screen.query_one(f"#{name}").region]
            )
            await press(pilot, "right_square_bracket")
        assert seen == [["parts"], ["form"], ["source"], [], ["graph"]]


@played
async def test_a_text_that_cannot_be_read_leaves_the_last_form(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(120, 36)) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        await press(pilot, "4", "j")
        pilot.app.bridge.desk.rewrite(builder(pilot), b"jobs: [\n")
        await settled(pilot)
        await until(pilot, lambda: "cannot be read" in builder(pilot).title_bar.text)
        assert builder(pilot).jobs_pane.keys[1:] == ("extract", "load")
        await press(pilot, "u")
        assert "cannot be read" not in builder(pilot).title_bar.text


@played
async def test_read_only_edits_a_draft_and_writes_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS)
    async with on_stage(stage, size=(120, 36), read_only=True) as pilot:
        await press(pilot, "4", "j", "D", "w", "n")
        assert isinstance(pilot.app.screen, BuilderScreen)
        assert "extract" not in text(pilot)
    assert [path.name for path in (tmp_path / "pipelines").iterdir()] == ["orders.yaml"]


@played
async def test_a_draft_is_planned_tested_left_and_another_one_opened(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS.replace("descripton", "description"))
    stage.write("refunds")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "j", "D", "P")
        assert "plan of orders, as drafted" in screen_text(pilot.app)
        assert "Plan: 3 to create" in screen_text(pilot.app)
        await press(pilot, "escape", "t")
        assert "orders has no test: begin one?" in screen_text(pilot.app)
        await press(pilot, "y")
        assert "- name: it succeeds" in text(pilot)
        await press(pilot, "t")
        assert "✓ orders  it succeeds" in screen_text(pilot.app)
        await press(pilot, "escape", "escape", "escape", "escape")
        builder(pilot).action_attempt("tests")
        builder(pilot).action_back()
        await press(pilot)
        assert pilot.app.screen is builder(pilot)
        assert "after you went on" in screen_text(pilot.app)
        builder(pilot).action_attempt("tests")
        await press(pilot)
        await press(pilot, "escape", "u", "u", "j", "J", "enter", "j", "enter", "escape", "escape")
        assert pilot.app.focused is builder(pilot).jobs_pane
        await press(pilot, "o")
        await choose(pilot, "pipelines/refunds.yaml")
        assert builder(pilot).title_bar.text.startswith("Builder  refunds")
        assert sorted(path.name for path in (tmp_path / "pipelines").glob("*.yaml")) == ["orders.yaml", "refunds.yaml"]


@played
async def test_names_code_and_parameters_of_a_draft_are_found_by_the_keyboard_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ASKING)
    async with on_stage(stage, size=(80, 24)) as pilot:
        await press(pilot, "4", "j", "j", "enter")
        builder(pilot).form_pane.move_to("that")
        await press(pilot, "enter", "end", "ctrl+u", *"$p")
        assert "▌ $params.day" in screen_text(pilot.app)
        await press(pilot, "down")
        assert "▌ $params.n" in screen_text(pilot.app)
        await press(pilot, "up", "down", "tab", *" > 1", "enter")
        assert 'that: "{% $params.n > 1 %}"' in text(pilot)
        await press(pilot, "escape", "s")
        assert isinstance(pilot.app.screen, SimulationFormScreen)
        assert "bunsui simulate orders" in screen_text(pilot.app)
        await press(pilot, "enter")
        assert "is required" in screen_text(pilot.app)
        await press(pilot, *"x", "down", *"2", "enter")
        assert "simulation of orders, as drafted" in screen_text(pilot.app)
        assert "succeeded" in screen_text(pilot.app)
        await press(pilot, "escape", "k", "C")
        assert "no code of its own" in screen_text(pilot.app)
        await press(pilot, "a")
        await choose(pilot, "lambda")
        await enter(pilot, "load")
        await press(pilot, "C", "enter")
        assert "make functions/load/load.py?" in screen_text(pilot.app)
        assert not (tmp_path / "functions").exists()
        await press(pilot, "y")
        assert (tmp_path / "functions/load/load.py").exists()
        assert "code: {path: functions/load, handler: load.handler}" in text(pilot)


@played
async def test_the_question_before_writing_tells_what_the_check_finds_while_it_is_open(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", ORDERS.replace("descripton", "description"))
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4")
        await until(pilot, lambda: "✓ valid" in builder(pilot).title_bar.text)
        page = builder(pilot).page
        assert page is not None
        draft = page.draft.rewrite(page.draft.content + b"owner: me\n")
        unchecked, checked = draft_page(draft), with_findings(draft_page(draft), (), ())
        builder(pilot).on_draft_shown(DraftShown(unchecked, ()))
        await press(pilot, "w")
        assert "checking …" in question(pilot)
        builder(pilot).on_draft_shown(DraftShown(with_findings(draft_page(page.draft), (), ()), ()))
        assert "checking …" in question(pilot)  # that is of another text than the one in question
        builder(pilot).on_draft_shown(DraftShown(checked, ()))
        assert "checking" not in question(pilot)
        assert "✓ valid" in question(pilot)


def question(pilot: Pilot[None]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, ConfirmScreen)
    return screen.query_one("#facts", LinePane).text
