from __future__ import annotations

import json
from pathlib import Path

import pytest

from bunsui.errors import Refused
from bunsui.model.session import Attempt, Session, SessionStatus
from tests.tui.stage import START, Stage, on_plan, on_stage, played, press, screen_text

pytestmark = pytest.mark.timeout(60)

TITLE = "\x1b]2;PWNED\x07\x1b[31mRED"
MARKUP = "[@click=app.quit]CLICK[/] [red]x[/red] [/oops]"
BIDI = "abc\u202edcb\u2066"
HOSTILE = f"{TITLE}{MARKUP}{BIDI}\x9b2J"
UNPRINTABLE = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    return stage


def assert_harmless(text: str) -> None:
    assert not [character for character in UNPRINTABLE if character in text]


def a_session(pipeline: str, **changes: object) -> Session:
    attempt = Attempt(
        number=1, execution_arn="arn:x", kind="run", status=SessionStatus.FAILED, started_at=START, stopped_at=START
    )
    values: dict[str, object] = {
        "id": "01KBH3X2J4ABCDEFGHJKMNPQRS",
        "pipeline": pipeline,
        "status": SessionStatus.FAILED,
        "slot": START,
        "date": "2026-01-31",
        "params": {"name": HOSTILE},
        "started_by": HOSTILE,
        "created_at": START,
        "attempts": (attempt,),
        "failed_job": MARKUP,
        **changes,
    }
    return Session(**values)  # type: ignore[arg-type]


@played
async def test_a_hostile_pipeline_name_stands_in_the_list_letter_by_letter(stage: Stage) -> None:
    stage.rows.add(a_session(HOSTILE))
    async with on_stage(stage, size=(220, 30)) as pilot:
        await press(pilot, "1")
        text = screen_text(pilot.app)
        assert "\\x1b]2;PWNED\\x07\\x1b[31mRED" in text
        assert "[@click=app.quit]CLICK[/]" in text
        assert "abc\\u202edcb" in text
        assert_harmless(text)


@played
async def test_a_click_on_hostile_markup_runs_nothing(stage: Stage) -> None:
    stage.rows.add(a_session("[@click=app.quit]" + "CLICK" * 5 + "[/]"))
    async with on_stage(stage, size=(160, 30)) as pilot:
        await press(pilot, "1")
        lines = screen_text(pilot.app).splitlines()
        row = next(number for number, text in enumerate(lines) if "CLICKCLICK" in text)
        await pilot.click(offset=(lines[row].index("CLICKCLICK") + 2, row))
        await press(pilot)
        assert pilot.app.is_running
        assert "CLICKCLICK" in screen_text(pilot.app)


@played
async def test_a_hostile_error_message_and_traceback_are_shown_literally(stage: Stage) -> None:
    cause = json.dumps({"errorMessage": HOSTILE, "errorType": MARKUP, "stackTrace": [f"  File {HOSTILE}\n    {MARKUP}\n"]})
    stage.session("orders", "failed", error=MARKUP, cause=cause)
    async with on_stage(stage, size=(200, 50)) as pilot:
        await press(pilot, "1", "enter")
        text = screen_text(pilot.app)
        assert "ValueError" in text or "[@click=app.quit]" in text
        assert_harmless(text)
        await press(pilot, "y", "escape", "R")
        assert_harmless(screen_text(pilot.app))


@played
async def test_a_hostile_log_line_is_shown_literally(stage: Stage) -> None:
    stage.session("orders", "failed", seconds=0)
    stage.log("f-extract", HOSTILE)
    stage.clock.sleep(10)
    async with on_stage(stage, size=(200, 50)) as pilot:
        await press(pilot, "1", "enter", "l", "o")
        text = screen_text(pilot.app)
        assert "[@click=app.quit]CLICK[/]" in text
        assert "\\x1b]2;PWNED" in text
        assert_harmless(text)


@played
async def test_hostile_values_in_a_pipeline_file_are_shown_literally(stage: Stage) -> None:
    description = json.dumps(MARKUP + BIDI)
    stage.write(
        "orders", f"version: 1\nname: orders\ndescription: {description}\njobs:\n  a:\n    operations:\n      - type: zzz\n"
    )
    stage.write("other", "version: 1\nname: other\njobs:\n  '[@click=app.quit]x[/]':\n    operations: []\n")
    async with on_plan(stage, size=(160, 50)) as pilot:
        text = screen_text(pilot.app)
        assert "nothing was planned" in text
        assert_harmless(text)


@played
async def test_a_hostile_error_from_aws_is_shown_literally(stage: Stage) -> None:
    stage.failure = Refused("refused", "it is refused", hint=HOSTILE, name=HOSTILE)
    async with on_stage(stage, size=(200, 40)) as pilot:
        text = screen_text(pilot.app)
        assert "[@click=app.quit]CLICK[/]" in text
        assert_harmless(text)


@played
async def test_a_hostile_filter_is_shown_literally(stage: Stage) -> None:
    async with on_stage(stage) as pilot:
        await press(pilot, "slash", *"[/oops][@click=app.quit]x", "enter")
        text = screen_text(pilot.app)
        assert "[/oops][@click=app.quit]x" in text
        assert pilot.app.is_running


@played
async def test_hostile_yaml_is_shown_literally_in_the_builder_its_form_its_graph_and_its_diff(stage: Stage) -> None:
    job = f"  '{MARKUP}':  # {MARKUP}{BIDI}\n    operations:\n      - {{type: wait, for: {json.dumps(HOSTILE)}}}\n"
    described = f"version: 1\nname: orders\ndescription: {json.dumps(MARKUP + BIDI)}\n"
    stage.write("orders", f"{described}jobs:\n{job}  ok:\n    type: wait\n    for: 1s\n")
    async with on_stage(stage, size=(160, 48)) as pilot:
        await press(pilot, "4", "j")
        assert "[@click=app.quit]CLICK[/]" in screen_text(pilot.app)
        assert "\\x1b]2;PWNED" in screen_text(pilot.app)
        for key in ("enter", "escape", "D", "w"):
            await press(pilot, key)
            assert_harmless(screen_text(pilot.app))
        assert "-  '[@click=app.quit]CLICK[/] [red]x[/red]" in screen_text(pilot.app)
