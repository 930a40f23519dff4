from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.errors import AccessDenied, Throttled
from bunsui.model.session import SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import open_context
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.tui.stage import Stage, on_stage, pipeline_text, played, press, recorded, screen_text, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.write("refunds")
    return stage


def listed(pilot: Pilot[None]) -> SessionsScreen:
    assert isinstance(pilot.app.screen, SessionsScreen)
    return pilot.app.screen


def opened(pilot: Pilot[None]) -> SessionScreen:
    assert isinstance(pilot.app.screen, SessionScreen)
    return pilot.app.screen


@played
async def test_the_list_shows_status_by_glyph_and_word_newest_first(stage: Stage) -> None:
    stage.session("orders", "sequence")
    stage.session("refunds", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        lines = screen_text(pilot.app).splitlines()
        first = next(line for line in lines if "refunds" in line)
        second = next(line for line in lines if "orders" in line)
        assert "✗ failed" in first
        assert "load" in first
        assert "✓ succeeded" in second
        assert lines.index(first) < lines.index(second)
        assert "18:00:10" in first


@played
async def test_a_wide_list_says_how_long_ago_each_pipeline_was_looked_at(stage: Stage) -> None:
    stage.session("orders", "sequence")
    async with on_stage(stage, size=(160, 30)) as pilot:
        await press(pilot, "1")
        lines = screen_text(pilot.app).splitlines()
        assert any("looked at" in line for line in lines)
        assert next(line for line in lines if "orders" in line).rstrip().endswith(("just now", "ago"))


@played
async def test_no_sessions_yet_says_how_to_start_one(stage: Stage) -> None:
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        assert "bunsui run PIPELINE" in screen_text(pilot.app)


@played
async def test_the_filter_language_narrows_the_list_and_shows_how_much(stage: Stage) -> None:
    stage.session("orders", "sequence")
    stage.session("refunds", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "slash", *"status:failed", "enter")
        text = screen_text(pilot.app)
        assert "1/2" in text
        assert "orders" not in text
        await press(pilot, "slash", *" pipeline:orders", "enter")
        assert "nothing matches the filter" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert "orders" in screen_text(pilot.app)


@played
async def test_a_failed_session_shows_error_traceback_and_the_command_that_helps(stage: Stage) -> None:
    session = stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter")
        text = screen_text(pilot.app)
        assert "ValueError" in text
        assert "no region xx" in text
        assert 'File "/var/task/app.py", line 7, in handler' in text
        assert f"bunsui resume {session.id}" in text
        assert "extract" in text
        assert "█" in text
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SessionsScreen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_failed_sessions_page_says_whom_to_ask(stage: Stage, size: tuple[int, int]) -> None:
    @played
    async def look() -> None:
        async with on_stage(stage, size=size) as pilot:
            await press(pilot, "1", "enter")
            story = opened(pilot).story_pane.text
            assert "owner    mika" in story, screen_text(pilot.app)
            assert "runbook  docs/orders.md" in story

    stage.write("orders", pipeline_text("orders") + "owner: mika\nrunbook: docs/orders.md\n")
    stage.session("orders", "failed")
    look()


@played
async def test_a_succeeded_session_shows_its_result(stage: Stage) -> None:
    stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter")
        assert "result" in opened(pilot).story_pane.text
        assert "2/2 jobs" in screen_text(pilot.app)
        assert opened(pilot).polling.delay_seconds is None


QUIET = """\
version: 1
name: orders
jobs:
  look: {type: check, that: "{% $session.attempt > 5 %}", else: warn, message: only the first attempt}
  load: {depends_on: look, when: "{% $session.attempt > 5 %}", type: wait, for: 1s}
"""


@played
async def test_a_session_without_its_last_jobs_and_with_warnings_does_not_look_like_a_success(stage: Stage) -> None:
    stage.write("orders", QUIET)
    context = open_context(*stage.sessions())
    definition = context.compiled("orders")
    stage.execution.machine(context.machine("orders").arn, definition=definition)  # type: ignore[arg-type]  # no references in it
    start_session(context, RunRequest(pipeline="orders"))
    stage.clock.sleep(60)
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        await until(pilot, lambda: "- skipped" in screen_text(pilot.app))
        assert "✓" not in screen_text(pilot.app)
        await press(pilot, "enter")
        await until(pilot, lambda: "none of the last jobs ran" in screen_text(pilot.app))
        assert "only the first attempt" in screen_text(pilot.app)


@played
async def test_a_running_session_is_followed_until_it_ends(stage: Stage) -> None:
    stage.session("orders", "failed", seconds=1.0)
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter")
        assert "● running" in screen_text(pilot.app)
        assert opened(pilot).polling.delay_seconds == 2.0
        stage.clock.sleep(10)
        await until(pilot, lambda: "ValueError" in opened(pilot).story_pane.text)
        assert opened(pilot).polling.is_over


@played
async def test_l_shows_the_logs_which_the_filter_narrows(stage: Stage) -> None:
    stage.session("orders", "failed", seconds=0)
    stage.log("f-extract", "three rows\nof them good", "[bold]loud[/]")
    stage.clock.sleep(10)
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter", "l")
        assert "nothing of load" in screen_text(pilot.app)
        await press(pilot, "o")
        text = screen_text(pilot.app)
        assert "three rows" in text
        assert "[bold]loud[/]" in text
        await press(pilot, "slash", *"loud", "enter")
        text = screen_text(pilot.app)
        assert "three rows" not in text
        assert "1/5" in text
        await press(pilot, "escape", "escape")
        assert opened(pilot).tab == "timeline"


@played
async def test_resume_says_what_is_restored_and_what_runs_and_starts_only_after_yes(stage: Stage) -> None:
    stage.session("orders", "failed")
    definition, script = recorded("resumed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter", "R")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        text = screen_text(pilot.app)
        assert "↺ restored   extract" in text
        assert "● runs       load" in text
        assert "111111111111" in text
        await press(pilot, "n")
        assert len(stage.rows.find_prefix("01")[0].attempts) == 1
        machine = next(iter(stage.execution._machines))
        stage.execution.machine(machine, definition=definition, writer=lambda _payload: script)
        await press(pilot, "R", "y")
        await press(pilot)
        assert len(stage.rows.find_prefix("01")[0].attempts) == 2
        stage.clock.sleep(20)
        await until(pilot, lambda: opened(pilot).snapshot.session.status is SessionStatus.SUCCEEDED)  # type: ignore[union-attr]


@played
async def test_what_refuses_a_resume_is_shown_in_full(stage: Stage) -> None:
    stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter")
        stage.write("orders", "version: 1\nname: orders\ndefinition: {file: nowhere.json}\n")
        await press(pilot, "R")
        assert isinstance(pilot.app.screen, NoticeScreen)
        assert "hint" in screen_text(pilot.app) or "bunsui" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SessionScreen)


@played
async def test_resume_is_not_offered_read_only_nor_for_what_succeeded(stage: Stage) -> None:
    stage.session("orders", "sequence")
    stage.session("refunds", "failed")
    async with on_stage(stage, read_only=True) as pilot:
        await press(pilot, "1", "enter", "R")
        assert isinstance(pilot.app.screen, SessionScreen)
        await press(pilot, "escape", "j", "enter", "R")
        assert isinstance(pilot.app.screen, SessionScreen)


@played
async def test_y_copies_the_id_the_arn_or_a_command(stage: Stage) -> None:
    session = stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "y")
        assert isinstance(pilot.app.screen, ChooseScreen)
        await press(pilot, "enter")
        assert pilot.app.clipboard == session.id
        await press(pilot, "enter", "y", "j", "j", "j", "enter")
        assert pilot.app.clipboard.startswith("arn:aws:states:")


@played
async def test_y_copies_the_whole_error_and_what_is_read_at_the_moment(stage: Stage) -> None:
    stage.session("orders", "failed", seconds=0)
    stage.log("f-extract", "three rows")
    stage.clock.sleep(10)
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter", "y")
        assert "more line" in screen_text(pilot.app)
        await press(pilot, "enter")
        assert pilot.app.clipboard == "\n".join(item.text for item in opened(pilot).detail.failure)  # type: ignore[union-attr]
        assert pilot.app.clipboard.count("\n") >= 1
        await press(pilot, "l", "o", "y", "enter")
        assert pilot.app.clipboard == opened(pilot).log_pane.text
        assert "three rows" in pilot.app.clipboard


@played
async def test_the_answer_to_a_key_outlives_the_next_news(stage: Stage) -> None:
    stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "y", "enter")
        await press(pilot, "r")
        assert "copied" in screen_text(pilot.app)
        listed(pilot).end_answer()
        await press(pilot)
        assert "copied" not in screen_text(pilot.app)


@played
async def test_a_filter_finds_what_the_list_is_too_short_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bunsui.tui.feed.sessions.LISTED", 2)
    stage.session("refunds", "failed")
    for _ in range(3):
        stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        assert "2, the newest" in screen_text(pilot.app)
        assert "refunds" not in screen_text(pilot.app)
        await press(pilot, "slash", *"status:failed", "enter")
        assert "refunds" in screen_text(pilot.app)
        assert "/status:failed 1, all read" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert "2, the newest" in screen_text(pilot.app)


@played
async def test_a_list_that_is_whole_says_so_and_asks_nobody_for_a_filter(stage: Stage) -> None:
    stage.session("refunds", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        assert "1, all read" in screen_text(pilot.app)
        await press(pilot, "slash", *"nothing-like-it", "enter")
        assert "0/1, all read" in screen_text(pilot.app)


@played
async def test_while_questions_fail_the_age_says_when_the_next_one_is(stage: Stage) -> None:
    stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        fail(stage, Throttled("throttled", "AWS asks to slow down"))
        await press(pilot, "r")
        assert re.search(r"next in (9|10) s", screen_text(pilot.app))


@played
async def test_new_sessions_come_by_themselves_and_the_cursor_stays_on_its_row(stage: Stage) -> None:
    first = stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        assert listed(pilot).table.cursor_key == first.id
        stage.session("refunds", "failed")
        await until(pilot, lambda: len(listed(pilot).table.keys) == 2)
        assert listed(pilot).table.cursor_key == first.id
        assert listed(pilot).table.keys[1] == first.id


@played
async def test_the_footer_follows_the_status_of_the_session_under_the_cursor(stage: Stage) -> None:
    session = stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        assert "S stop…" not in screen_text(pilot.app).splitlines()[-1]
        table = listed(pilot)
        running = replace(table._sessions[session.id], status=SessionStatus.RUNNING)
        table._sessions[session.id] = running
        table._refill()
        await pilot.pause()
        assert "stop…" in screen_text(pilot.app).splitlines()[-1]


@played
async def test_p_pauses_and_goes_on(stage: Stage) -> None:
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "p")
        assert "paused" in screen_text(pilot.app)
        assert listed(pilot).polling.delay_seconds is None
        await press(pilot, "p")
        assert "paused" not in screen_text(pilot.app)
        assert listed(pilot).polling.delay_seconds == 5.0


@played
async def test_a_lost_connection_keeps_the_rows_and_says_so_on_one_line(stage: Stage) -> None:
    stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        fail(stage, Throttled("throttled", "AWS asks to slow down"))
        await press(pilot, "r")
        text = screen_text(pilot.app)
        assert "AWS asks to slow down" in text
        assert "✓ succeeded" in text
        assert listed(pilot).polling.delay_seconds == 10.0


@played
async def test_expired_credentials_stop_the_questions_until_r(stage: Stage) -> None:
    stage.session("orders", "sequence")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        recover = fail(stage, AccessDenied("expired-token", "the credentials have expired"))
        await press(pilot, "r")
        assert "the credentials have expired" in screen_text(pilot.app)
        assert "no polling" in screen_text(pilot.app)
        assert listed(pilot).polling.delay_seconds is None
        openings = stage.openings
        recover()
        await press(pilot, "r")
        assert stage.openings == openings + 1
        assert listed(pilot).polling.delay_seconds == 5.0
        assert "expired" not in screen_text(pilot.app)


@played
async def test_without_credentials_the_list_says_why_in_full(stage: Stage) -> None:
    stage.failure = AccessDenied("no-credentials", "there are no credentials", hint="aws configure sso")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        text = screen_text(pilot.app)
        assert "there are no credentials" in text
        assert "aws configure sso" in text


def fail(stage: Stage, error: Exception) -> Callable[[], None]:
    """Let every look at the machines fail; gives what ends that."""
    works = stage.execution.pages

    def broken(*_: object, **__: object) -> Iterator[Sequence[ExecutionSummary]]:
        raise error

    def recover() -> None:
        stage.execution.pages = works  # type: ignore[method-assign]

    stage.execution.pages = broken  # type: ignore[method-assign]
    return recover
