from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Event

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.model import ResourceChange
from bunsui.tui.app import BunsuiApp
from bunsui.tui.messages import RunningWork
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.view.spans import line, span
from tests.tui.stage import Stage, on_plan, on_stage, pipeline_text, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    return stage


def shown(pilot: Pilot[None]) -> PlanScreen:
    assert isinstance(pilot.app.screen, PlanScreen)
    return pilot.app.screen


@played
async def test_a_new_pipeline_is_shown_with_what_it_will_be(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        text = screen_text(pilot.app)
        assert "Plan: 3 to create" in text
        assert "orders" in text
        assert "state machine" in text
        assert "111111111111" in text
        assert "a1b2c3d" in text


@played
async def test_a_plan_applied_through_the_screen_changes_the_account(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        await press(pilot, "a", "y")
        assert {kind for kind, _ in stage.account.objects} == {"log_group", "role", "state_machine"}
        assert "Applied 3 changes" in screen_text(pilot.app)
        assert "✓ 3 done" in screen_text(pilot.app)
        assert "2, then n, starts a run" in screen_text(pilot.app)
        await press(pilot, "a")
        assert "this plan was applied already: r plans again" in screen_text(pilot.app)
        plan = pilot.app.screen
        assert isinstance(plan, PlanScreen)
        plan.end_answer()  # as its timer does
        await press(pilot)
        assert "2, then n, starts a run" in screen_text(pilot.app)
        await press(pilot, "r")
        assert "Nothing to change" in screen_text(pilot.app)
        await press(pilot, "a")
        assert "nothing to apply" in screen_text(pilot.app)


@played
async def test_the_confirmation_says_where_and_how_much_and_no_is_its_default(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        await press(pilot, "a")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        text = screen_text(pilot.app)
        assert "111111111111" in text
        assert "eu-west-1" in text
        assert "dev" in text
        assert "+ create" in text
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, PlanScreen)
        assert not stage.account.objects


@pytest.mark.parametrize(("typed", "is_applied"), [("dev", True), ("prod", False), ("", False), ("y", False)])
def test_a_protected_environment_is_applied_only_when_its_name_is_typed(tmp_path: Path, typed: str, is_applied: bool) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path, protected=True)
        stage.write("orders")
        async with on_plan(stage) as pilot:
            await press(pilot, "a", *typed, "enter")
            await press(pilot)
            assert bool(stage.account.objects) is is_applied

    go()


@played
async def test_a_change_outside_and_in_the_repository_are_told_apart(stage: Stage) -> None:
    stage.apply()
    stage.write("orders", seconds=30)
    async with on_plan(stage) as pilot:
        assert "1 to update" in screen_text(pilot.app)
        assert "job extract: for 5s → 30s" in screen_text(pilot.app)
        await press(pilot, "j", "j")
        text = screen_text(pilot.app)
        assert "1 state follows, u shows it" in text
        assert "impact" in text
        assert "new ones get the change" in text


@played
async def test_u_shows_more_of_what_did_not_change(stage: Stage) -> None:
    stage.apply()
    stage.write("orders", seconds=30)
    async with on_plan(stage) as pilot:
        before = shown(pilot).pages.diff.text
        await press(pilot, "u")
        assert len(shown(pilot).pages.diff.text) > len(before)
        assert "context 3" in screen_text(pilot.app)
        await press(pilot, "u", "u")
        assert shown(pilot).pages.diff.text == before


@played
async def test_d_shows_only_what_destroys(stage: Stage) -> None:
    stage.write("legacy")
    stage.apply()
    (stage.root / "pipelines" / "legacy.yaml").unlink()
    stage.write("orders", seconds=30)
    async with on_plan(stage) as pilot:
        keys = shown(pilot).tree_pane.keys
        await press(pilot, "d")
        assert all("legacy" in key for key in shown(pilot).tree_pane.keys)
        assert "destructive only" in screen_text(pilot.app)
        await press(pilot, "d")
        assert shown(pilot).tree_pane.keys == keys


@played
async def test_s_shows_what_is_in_sync(stage: Stage) -> None:
    stage.apply()
    async with on_plan(stage) as pilot:
        assert "Nothing to change" in screen_text(pilot.app)
        await press(pilot, "s")
        text = screen_text(pilot.app)
        assert "in sync" in text
        assert "log group" in text
        await press(pilot, "s")
        assert "Nothing to change" in screen_text(pilot.app)


@played
async def test_the_tree_unfolds_to_the_changed_places_and_folds_again(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        tree = shown(pilot).tree_pane
        count = len(tree.keys)
        await press(pilot, "h")
        assert len(tree.keys) < count
        await press(pilot, "l")
        assert len(tree.keys) == count
        await press(pilot, "G", "g", "l")
        assert shown(pilot).focused is shown(pilot).pages.diff
        await press(pilot, "shift+tab", "j", "enter")
        assert len(tree.keys) != count


@played
async def test_the_filter_shows_how_many_it_lets_through_and_esc_takes_it_away(stage: Stage) -> None:
    stage.write("refunds")
    async with on_plan(stage) as pilot:
        await press(pilot, "slash", *"refun", "enter")
        text = screen_text(pilot.app)
        assert "3/6" in text
        assert "orders" not in text
        assert shown(pilot).focused is shown(pilot).tree_pane
        await press(pilot, "escape")
        assert "orders" in screen_text(pilot.app)


@played
async def test_y_copies_the_name_of_the_resource(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        await press(pilot, "j", "y")
        assert isinstance(pilot.app.screen, ChooseScreen)
        await press(pilot, "j", "enter")
        assert "sales--dev--orders" in pilot.app.clipboard
        assert "copied" in screen_text(pilot.app)


@played
async def test_errors_in_the_files_are_shown_with_their_place(stage: Stage) -> None:
    stage.write("broken", pipeline_text("broken").replace("depends_on: [extract]", "depends_on: [extrct]"))
    async with on_plan(stage) as pilot:
        text = screen_text(pilot.app)
        assert "nothing was planned" in text
        assert "pipelines/broken.yaml:" in text
        assert "extract" in text
        stage.write("broken")
        await press(pilot, "r")
        assert "6 to create" in screen_text(pilot.app)


@played
async def test_a_failure_shows_its_code_facts_and_hint_and_the_screen_lives_on(stage: Stage) -> None:
    stage.failure = AccessDenied("expired-token", "the credentials have expired", hint="aws sso login", service="sts")
    async with on_plan(stage) as pilot:
        text = screen_text(pilot.app)
        assert "the credentials have expired" in text
        assert "expired-token" in text
        assert "service" in text
        assert "aws sso login" in text
        stage.failure = None
        await press(pilot, "r")
        assert "3 to create" in screen_text(pilot.app)


@played
async def test_a_failure_with_a_plan_on_the_screen_leaves_the_plan_there(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        stage.failure = RuntimeError("[red]boom[/] \x1b[31m")
        await press(pilot, "r")
        text = screen_text(pilot.app)
        assert "RuntimeError: [red]boom[/] \\x1b[31m" in text
        assert "3 to create" in text


@played
async def test_a_failed_change_is_named_with_its_reason_and_its_dependents_are_skipped(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        await press(pilot, "a")
        name = next(change.physical_name for change in planned(pilot) if change.address.kind == "role")
        block(stage, "role", name)
        await press(pilot, "y")
        text = screen_text(pilot.app)
        assert "✗ failed" in text
        assert "- not tried" in text
        assert "0 done, 1 failed" in text or "1 done, 1 failed" in text
        assert "not ours" in text


@played
async def test_nothing_can_be_applied_when_started_read_only(stage: Stage) -> None:
    async with on_plan(stage, read_only=True) as pilot:
        assert "read-only" in screen_text(pilot.app)
        assert "apply" not in screen_text(pilot.app).splitlines()[-1]
        await press(pilot, "a", "y")
        assert isinstance(pilot.app.screen, (PlanScreen, ChooseScreen))
        assert not stage.account.objects


@played
async def test_help_lists_every_key_of_the_screen(stage: Stage) -> None:
    async with on_plan(stage, size=(100, 60)) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, NoticeScreen)
        text = screen_text(pilot.app)
        for description in ("apply…", "plan", "context", "destructive", "filter", "quit", "fold or unfold", "sessions"):
            assert description in text
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, PlanScreen)


def planned(pilot: Pilot[None]) -> tuple[ResourceChange, ...]:
    screen = next(screen for screen in pilot.app.screen_stack if isinstance(screen, PlanScreen))
    assert screen.plan is not None
    return screen.plan.changes


def block(stage: Stage, kind: str, name: str) -> None:
    """Put somebody else's object where the plan wants to make one."""
    stage.account.objects[kind, name] = ActualResource(address=Address(kind, "x"), physical_name=name, attributes={})


@played
async def test_what_does_not_fit_into_a_line_above_the_footer_takes_more(stage: Stage) -> None:
    words = " ".join(f"word-{number}" for number in range(20))
    async with on_plan(stage) as pilot:
        assert isinstance(pilot.app.screen, PlanScreen)
        await pilot.resize_terminal(80, 24)
        pilot.app.screen.answer(line(span(words)))
        await press(pilot)
        assert " ".join(screen_text(pilot.app).split()).count(words) == 1
        await pilot.resize_terminal(80, 14)
        await press(pilot)
        assert "word-3" in screen_text(pilot.app)
        assert "word-19" not in screen_text(pilot.app)  # a low terminal keeps its lines for the page
        pilot.app.screen.answer(line(span("done")))
        await pilot.resize_terminal(80, 24)
        await press(pilot)
        assert pilot.app.screen.banner.size.height == 1


@played
async def test_what_the_edges_tell_while_they_open_stands_on_one_line(stage: Stage) -> None:
    notices: SimpleQueue[str] = SimpleQueue()
    notices.put("the saved data could not be read \x1b[31m")
    async with on_stage(stage, notices=notices) as pilot:
        assert "the saved data could not be read \\x1b[31m" in screen_text(pilot.app)


def test_a_widget_may_come_up_before_the_first_screen_is_on_the_stack(tmp_path: Path) -> None:
    BunsuiApp(Stage(tmp_path).bridge()).clear_selection()


@pytest.mark.parametrize(("typed", "is_applied"), [("orders", True), ("order", False)])
def test_a_protected_pipeline_is_removed_only_when_its_name_is_typed(tmp_path: Path, typed: str, is_applied: bool) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        path = tmp_path / "pipelines" / "orders.yaml"
        path.write_text(path.read_text().replace("name: orders", "name: orders\nprotect: true"))
        stage.write("other")
        stage.apply()
        path.unlink()
        before = dict(stage.account.objects)
        async with on_plan(stage) as pilot:
            await press(pilot, "a", *typed, "enter")
            await press(pilot)
            assert (stage.account.objects != before) is is_applied

    go()


@played
async def test_what_is_retired_is_shown_with_its_time(stage: Stage) -> None:
    stage.write("other")
    stage.apply()
    (stage.root / "pipelines" / "orders.yaml").unlink()
    stage.apply()
    async with on_plan(stage) as pilot:
        assert "retired, kept until" in screen_text(pilot.app)
        await press(pilot, "s")
        text = screen_text(pilot.app)
        assert "○ retired" in text
        assert "unknown" not in text
        assert "kept until" in text


def described_by_hand(stage: Stage, pipeline: str) -> tuple[str, str]:
    role = next(key for key, item in stage.account.objects.items() if item.address == Address("role", pipeline))
    found = stage.account.objects[role]
    attributes = {**found.attributes, "description": "by hand"}
    stage.account.objects[role] = replace(found, attributes=attributes, revision=f"{found.revision} changed")
    stage.clock.sleep(3600)
    return role


@played
async def test_the_confirmation_names_the_drift_that_is_undone_and_what_is_left(stage: Stage) -> None:
    stage.apply()
    stage.write("billing")
    stage.apply()
    role = described_by_hand(stage, "orders")
    group = next(key for key, item in stage.account.objects.items() if item.address == Address("log_group", "billing"))
    stage.account.objects[group] = replace(stage.account.objects[group], tags={"owner": "somebody"})
    async with on_plan(stage) as pilot:
        await press(pilot, "a")
        text = screen_text(pilot.app)
        assert "changed outside bunsui, and undone by this:" in text
        assert "role of orders" in text
        assert "left billing as it is" in text
        await press(pilot, "y")
        assert "1 pipeline left" in screen_text(pilot.app)
        assert stage.account.objects[role].attributes["description"] != "by hand"


def test_in_ci_the_screens_apply_asks_for_the_same_acceptance(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    stage.apply()
    role = described_by_hand(stage, "orders")

    @played
    async def go() -> None:
        async with on_plan(stage) as pilot:
            await press(pilot, "a")
            assert "outside-change-not-accepted" in screen_text(pilot.app)

    go()
    assert stage.account.objects[role].attributes["description"] == "by hand"


@pytest.mark.parametrize("size", [(44, 10), (60, 15), (80, 24)])
def test_how_to_answer_is_on_the_screen_in_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path, protected=True)
        for name in ("orders", "refunds", "stock"):
            stage.write(name)
        async with on_plan(stage, size=size) as pilot:
            await press(pilot, "a")
            text = screen_text(pilot.app)
            assert "enter apply" in text
            assert pilot.app.screen.query_one(Input).region.bottom <= size[1]
            await press(pilot, *"nope", "enter")
            assert isinstance(pilot.app.screen, ConfirmScreen)
            assert "nope is not dev" in screen_text(pilot.app)
            assert not stage.account.objects
            await press(pilot, *"dev", "enter")
            assert not isinstance(pilot.app.screen, ConfirmScreen)

    go()


@played
async def test_context_is_not_counted_as_change(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.apply()
    stage.write("orders", seconds=9)
    async with on_plan(stage) as pilot:
        before = [text for text in screen_text(pilot.app).splitlines() if "state machine" in text]
        assert "1 change" in before[0]
        await press(pilot, "u")
        after = next(text for text in screen_text(pilot.app).splitlines() if "state machine" in text)
        assert "1 change" in after


@played
async def test_what_was_done_is_kept_for_the_shell(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        app = pilot.app
        assert isinstance(app, BunsuiApp)
        assert not app.bridge.told
        await press(pilot, "a", "y")
        told = [item.text for item in app.bridge.told]
        assert len(told) == 4
        assert all("✓ created" in text for text in told[:3])
        assert "Applied 3 changes" in told[-1]


@played
async def test_an_outside_change_that_is_kept_is_written_after_its_diff_was_shown(stage: Stage) -> None:
    stage.apply()
    group = next(key for key, item in stage.account.objects.items() if item.address == Address("log_group", "orders"))
    found = stage.account.objects[group]
    stage.account.objects[group] = replace(found, attributes={**found.attributes, "retention_days": 90}, revision="by hand")
    stage.clock.sleep(3600)
    file = stage.root / "pipelines" / "orders.yaml"
    before = file.read_text()
    async with on_plan(stage) as pilot:
        await press(pilot, "K")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert "retention_days: 90" in screen_text(pilot.app)
        await press(pilot, "n")
        assert file.read_text() == before
        await press(pilot, "K", "y")
        assert "retention_days: 90" in file.read_text()
        assert not any(change.undoes_outside_change for change in planned(pilot))
        assert "1 to adopt" in screen_text(pilot.app)
        assert isinstance(pilot.app, BunsuiApp)
        assert "✓ wrote pipelines/orders.yaml" in [item.text for item in pilot.app.bridge.told]


@played
async def test_what_no_key_says_is_not_offered_to_be_kept(stage: Stage) -> None:
    stage.apply()
    described_by_hand(stage, "orders")
    async with on_plan(stage) as pilot:
        assert any(change.undoes_outside_change for change in planned(pilot))
        await press(pilot, "K")
        assert isinstance(pilot.app.screen, PlanScreen)
        assert "keep outside" not in screen_text(pilot.app)


@played
async def test_what_only_trying_tells_cannot_be_kept_says_why(stage: Stage) -> None:
    stage.write("orders", pipeline_text("orders") + 'tags: {stage: "${environment.name}"}\n')
    stage.apply()
    group = next(key for key, item in stage.account.objects.items() if item.address == Address("log_group", "orders"))
    found = stage.account.objects[group]
    before = found.attributes["tags"]
    assert isinstance(before, Mapping)
    tags = {**before, "stage": "mine"}
    stage.account.objects[group] = replace(found, attributes={**found.attributes, "tags": tags}, revision="by hand")
    async with on_plan(stage) as pilot:
        assert "keep outside" in screen_text(pilot.app)
        await press(pilot, "K")
        assert isinstance(pilot.app.screen, PlanScreen)
        told = shown(pilot).pages.diff.text
        assert "Nothing can be kept" in told
        assert "which other environments fill in otherwise" in told


@played
async def test_what_is_marked_is_applied_alone(stage: Stage) -> None:
    stage.write("refunds")
    async with on_plan(stage) as pilot:
        await press(pilot, "slash", *"refunds", "enter", "A", "escape")
        assert "marked 3 of 6" in screen_text(pilot.app)
        await press(pilot, "a")
        assert "+ create     3" in screen_text(pilot.app)
        await press(pilot, "y", "r")
        assert {address.pipeline for item in stage.account.objects.values() if (address := item.address)} == {"refunds"}
        assert "3 to create" in screen_text(pilot.app)


@played
async def test_a_plan_asked_for_while_the_list_of_pipelines_makes_its_own_is_made_after_it(stage: Stage) -> None:
    ends = Event()

    def held(_post: object) -> None:
        ends.wait()

    async with on_stage(stage) as pilot:
        assert isinstance(pilot.app, BunsuiApp)
        pilot.app.bridge._start(RunningWork.PLAN, pilot.app, held)
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlanScreen) and pilot.app.screen._waits)
        ends.set()
        await until(pilot, lambda: shown(pilot).view is not None)
