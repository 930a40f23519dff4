"""The Pipelines screen: what it says of each, where it leads, and starting a run from its form."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.ports.session_rows import SessionQuery
from bunsui.services.overview.standing import PipelineStanding
from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.screens.start_form import StartFormScreen
from tests.tui.stage import Stage, busy, on_stage, pipeline_text, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)

WITH_PARAMETERS = f"""\
{pipeline_text("orders")}\
parameters:
  rows: {{type: integer, minimum: 1, description: how many}}
  mode: {{type: string, enum: [full, delta], default: full}}
"""


def screen_of(pilot: Pilot[None]) -> PipelinesScreen:
    screen = pilot.app.screen
    assert isinstance(screen, PipelinesScreen)
    return screen


def standings(pilot: Pilot[None]) -> dict[str, PipelineStanding]:
    return {name: one.standing for name, one in screen_of(pilot).statuses.items()}


@played
async def test_each_pipeline_stands_as_the_plan_says_and_a_broken_file_makes_all_unknown(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for name in ("ledger", "orders"):
        stage.write(name)
    stage.apply()
    stage.session("orders", "failed")
    stage.write("fresh")
    key = next(key for key in stage.account.objects if key[0] == "state_machine" and key[1].endswith("ledger"))
    there = stage.account.objects[key]
    stage.account.objects[key] = replace(there, attributes={**there.attributes, "tracing": True}, revision="outside")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "2")
        drifted, new, same = PipelineStanding.DRIFTED, PipelineStanding.NEW, PipelineStanding.IN_SYNC
        assert list(standings(pilot).items()) == [("ledger", drifted), ("fresh", new), ("orders", same)]
        shown = screen_text(pilot.app)
        assert "≠ 1 drifted  + 1 new  ✓ 1 in sync" in shown
        assert "  planned " in shown
        stage.write("fresh", "version: 1\nname: fresh\n")
        await press(pilot, "r")
        unknown, invalid = PipelineStanding.UNKNOWN, PipelineStanding.INVALID
        assert standings(pilot) == {"fresh": invalid, "ledger": unknown, "orders": unknown}
        await press(pilot, "slash", *"orders", "enter", "enter")
        assert isinstance(pilot.app.screen, SessionsScreen)
        assert pilot.app.screen.filter.value == "pipeline:orders"


@played
async def test_a_run_is_refused_field_by_field_then_shown_asked_and_started(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", pipeline_text("orders"))
    stage.apply()
    stage.session("orders", "sequence")
    stage.write("orders", WITH_PARAMETERS)
    async with on_stage(stage, size=(100, 36)) as pilot:
        await press(pilot, "2", "n")
        form = pilot.app.screen
        assert isinstance(form, StartFormScreen)
        await press(pilot, "0", "enter")
        assert "0 is less than the minimum of 1" in screen_text(pilot.app)
        await press(pilot, "backspace", "7", "down", "space", "enter")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert "rows = 7" in screen_text(pilot.app)
        assert "mode = delta" in screen_text(pilot.app)
        before = len(stage.rows.find_prefix("01"))
        await press(pilot, "n", "enter", "y")
        assert screen_of(pilot).banner.text.startswith("✓ started orders")
        assert "no runs" not in screen_of(pilot).preview.text
        started = stage.rows.find_prefix("01")
        assert len(started) == before + 1
        assert started[0].params == {"rows": 7, "mode": "delta"}
        assert isinstance(pilot.app, BunsuiApp)
        assert "✓ started orders" in pilot.app.bridge.told[-1].text


@played
async def test_a_backfill_is_asked_for_by_its_command_refused_and_followed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.apply()
    stage.session("orders", "sequence")
    async with on_stage(stage, size=(100, 36)) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        pilot.app.carry_out("backfill orders")
        await press(pilot, *"May", "enter")
        assert "these are not days, the first and the last" in screen_text(pilot.app)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, PipelinesScreen)
        await press(pilot, "b", *"2026-01-01..2026-01-02", "enter", "y")
        assert "2 succeeded" in screen_of(pilot).banner.text


@played
async def test_read_only_nothing_can_be_started(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.apply()
    async with on_stage(stage, size=(100, 36), read_only=True) as pilot:
        await press(pilot, "2", "n", "b")
        assert not pilot.app.screen.is_modal
        await press(pilot, "x")
        assert "bunsui run" not in screen_text(pilot.app)


@played
async def test_what_cannot_be_started_is_not_offered_and_its_key_says_why(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage, size=(100, 36)) as pilot:
        await press(pilot, "2", "n")
        assert screen_of(pilot).banner.text == "run: orders was never applied, so that there is nothing to start"
        assert "n run" not in screen_of(pilot).footer.text
        assert "rows " in screen_of(pilot).header.text


@played
async def test_what_is_marked_is_started_after_one_question_and_planned_together(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for name in ("ledger", "refunds"):
        stage.write(name)
    stage.write("orders", WITH_PARAMETERS)
    stage.apply()
    for name in ("ledger", "refunds"):
        stage.session(name, "sequence")
    stage.write("fresh")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "2", "space", "space", "space", "space")
        assert "4 marked" in screen_text(pilot.app)
        assert len(re.findall(r"x ✓ in sync  +(?:ledger|orders|refunds)", screen_text(pilot.app))) == 3
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        shown = screen_text(pilot.app)
        assert "Start 2 runs?" in shown
        assert "orders  n on it alone asks for rows" in shown
        assert "fresh  fresh was never applied" in shown
        await press(pilot, "y")
        assert sorted(session.pipeline for session in stage.rows.find(SessionQuery(limit=9))) == [
            "ledger",
            "ledger",
            "refunds",
            "refunds",
        ]
        assert not screen_of(pilot).marked
        stage.write("refunds", seconds=9)
        await press(pilot, "r")
        for name in ("fresh", "refunds"):
            screen_of(pilot).table.move_to(name)
            await press(pilot, "space")
        await press(pilot, "P")
        assert isinstance(pilot.app.screen, PlanScreen)
        assert {one.pipeline for one in pilot.app.screen.marks.marked} == {"fresh", "refunds"}


@played
async def test_marked_pipelines_are_backfilled_by_one_form_and_one_question_with_what_all_come_to(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for name in ("ledger", "refunds"):
        stage.write(name)
    stage.write("orders", WITH_PARAMETERS)
    stage.apply()
    for name in ("ledger", "refunds"):
        stage.session(name, "sequence")
    stage.write("fresh")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "2", "space", "space", "space", "space", "b")
        form = pilot.app.screen
        assert isinstance(form, StartFormScreen)
        commands = form.command().splitlines()
        assert commands == [f"bunsui backfill {name} DAY..DAY --concurrency 1" for name in ("ledger", "orders", "refunds")]
        await press(pilot, *"Mai", "enter")
        assert "these are not days" in screen_text(pilot.app)
        await press(pilot, *["backspace"] * 3, *"2026-01-01..2026-01-03", "enter")
        shown = screen_text(pilot.app)
        assert "Start 6 sessions of 2 pipelines?" in shown
        assert "+ ledger  3 to start, about " in shown
        assert "✗ orders" in shown
        assert "✗ fresh  fresh was never applied" in shown
        assert "one pipeline after the other, 1 at a time; about " in shown
        await press(pilot, "y")
        await until(pilot, lambda: "backfill refunds" in screen_of(pilot).banner.text and not busy(pilot.app))
        assert "3 succeeded" in screen_of(pilot).banner.text
        found = [session.pipeline for session in stage.rows.find(SessionQuery(limit=20)) if session.slot.day < 4]
        assert sorted(found) == ["ledger"] * 3 + ["refunds"] * 3
        assert not screen_of(pilot).marked
