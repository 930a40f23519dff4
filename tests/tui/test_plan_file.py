"""A saved plan on the screen: shown without a project, applied where the project is, refused as the command refuses it."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bunsui.errors import Refused
from bunsui.services.plan import plan_project
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.view.documents.plan import plan_file
from bunsui.view.saved_plan import PlanFile, read_plan_file
from tests.tui.stage import Stage, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    return stage


def saved(stage: Stage) -> PlanFile:
    repository, ports = stage.reconcile()
    plan = plan_project(repository, ports).plan
    assert plan is not None
    document = plan_file(plan, "saved-1", made_by="arn:aws:sts::111111111111:assumed-role/ci/plan")
    return read_plan_file(json.dumps(document).encode(), "plan.json")


def opened(stage: Stage, file: PlanFile, **more: Any) -> AbstractAsyncContextManager[Pilot[None]]:
    """Open the file as `bunsui tui FILE` does: no account is asked before something is applied."""
    bridge = Bridge(
        **{
            "open_project": stage.repository,
            "open_reconcile": stage.reconcile,
            "open_sessions": nowhere,
            "now": stage.clock.now,
            "file": file,
            **more,
        }
    )
    return BunsuiApp(bridge).run_test(size=(140, 30))


def nowhere() -> object:
    raise Refused("no-project", "there is no project here")


@played
async def test_without_a_project_it_is_shown_and_cannot_be_applied(stage: Stage) -> None:
    file = saved(stage)
    async with opened(stage, file, open_project=nowhere, open_reconcile=nowhere) as pilot:
        await until(pilot, lambda: "only shown" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "Plan: 3 to create" in text
        assert "by assumed-role/ci/plan" in text
        assert "111111111111" in text
        assert isinstance(pilot.app.screen, PlanScreen)
        await press(pilot, "a", "space", "r", "1", "bracketright")
        assert isinstance(pilot.app.screen, PlanScreen)
        assert not stage.account.objects


@played
async def test_where_the_project_is_it_is_applied_as_it_was_reviewed(stage: Stage) -> None:
    async with opened(stage, saved(stage)) as pilot:
        await until(pilot, lambda: "a applies it as it was reviewed" in screen_text(pilot.app))
        await press(pilot, "a")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert not stage.account.objects
        await press(pilot, "y")
        await until(pilot, lambda: "Applied 3 changes" in screen_text(pilot.app))
        [record] = stage.reconcile()[1].ledger.log.applies(limit=1)
        assert record.plan_id == "saved-1"


@played
async def test_files_that_say_something_else_since_are_refused(stage: Stage) -> None:
    file = saved(stage)
    stage.write("orders", seconds=30)
    async with opened(stage, file) as pilot:
        await until(pilot, lambda: "a applies it" in screen_text(pilot.app))
        await press(pilot, "a")
        assert "plan-of-another-checkout" in screen_text(pilot.app)
        assert not stage.account.objects


@played
async def test_a_project_of_another_environment_cannot_apply_it(stage: Stage) -> None:
    file = saved(stage)
    other = replace(file, plan=replace(file.plan, scope=replace(file.plan.scope, environment="prod")))
    async with opened(stage, other) as pilot:
        await until(pilot, lambda: "only shown" in screen_text(pilot.app))
