"""What an earlier bunsui wrote is read by this one: its table, its saved plans, its folder and its running executions.

Each test says what it reads by its meaning, so that a word, a key or a number that is renamed in a stored form fails here.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.apply.trail import verify
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.store.journal import report_of
from bunsui.emulator.stepfunctions.store.records import RUNNING, RegionStore
from bunsui.emulator.stepfunctions.store.snapshot import restored
from bunsui.errors import Refused
from bunsui.folders.project import ProjectFolder
from bunsui.folders.user import UserFolders
from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Plan, Reason
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.ci_policy import admit_plan
from bunsui.services.apply.saved import check_saved
from bunsui.view.documents.plan import check_shown
from tests.fakes.items import ItemTable
from tests.fakes.written_before import (
    CASES,
    KNOWN,
    PLANS,
    WRITTEN,
    Shop,
    lay_folder,
    plan_bytes,
    scope_of,
    stored_items,
    stores,
)
from tests.unit.emulator.stepfunctions.bench import running

HERE = Location(scope_of("local").account, scope_of("local").region)


@pytest.fixture
def table() -> ItemTable:
    return ItemTable(stored_items())


def plan_of(shop: Shop, *select: str) -> Plan:
    outcome = shop.plan(*select)
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def actions(plan: Plan) -> Counter[Action]:
    return Counter(change.action for change in plan.pending)


def machines_of(plan: Plan) -> set[str]:
    """Return what is pending; schedules are apart: the account in memory makes up other ARNs than those that were stored."""
    return {str(change.address) for change in plan.pending if change.address.kind != "schedule"}


def test_what_was_applied_is_read_with_everything_that_was_said_of_it(table: ItemTable) -> None:
    applied = stores(table, "local").state.applied()
    assert Counter(address.kind for address in applied) == {
        "role": 19, "log_group": 18, "lambda_function": 12, "state_machine": 6, "schedule_group": 1, "schedule": 1
    }  # fmt: skip
    machine = applied[Address("state_machine", "etl")]
    assert machine.lifecycle == Lifecycle(
        prevent_destroy=True,
        protect=True,
        keep_versions=12,
        ignore=(IgnoredPlace(attribute="tags", path=("cost-center",)),),
    )
    assert machine.outputs["arn"] == f"arn:aws:states:{HERE.region}:{HERE.account}:stateMachine:shop--local--etl"
    assert machine.written_at is not None
    assert machine.plan == saved_plan(plan_document(plan_bytes("all-new"))).id
    assert Address("lambda_function", "etl", "load.lambda") in machine.depends_on
    assert set(applied[Address("lambda_function", "etl", "load.lambda")].files) == {"functions/etl/etl.py"}


def test_a_retired_pipeline_is_still_retired(table: ItemTable) -> None:
    applied = stores(table, "local").state.applied()
    retired = {address.kind for address, resource in applied.items() if resource.retired_at is not None}
    assert {address.pipeline for address, resource in applied.items() if resource.retired_at is not None} == {"old"}
    assert "state_machine" in retired


def test_a_plan_over_the_old_state_sees_every_compiled_machine_once_and_says_why(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    plan = plan_of(shop)
    assert {str(change.address): change.action for change in plan.pending} == dict.fromkeys(KNOWN, Action.UPDATE)
    assert {change.reason for change in plan.changes} == {Reason.IN_SYNC, Reason.RETIRED, Reason.CONFIGURED}
    # Each batch looks whether it was done, which is a state more.
    assert [finding.code for finding in plan.diagnostics] == ["BS524", "BS449"]
    assert shop.apply().is_complete
    assert machines_of(plan_of(shop)) == set()


def test_a_change_is_applied_over_the_old_state_and_trail(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.edit("pipelines/slow.yaml", "299d", "298d")
    assert shop.apply().is_complete
    log = stores(shop.items, "local").log
    found = verify(log.applies(limit=None), log.mark())
    assert (found.broken, found.links) == (None, 3)
    assert machines_of(plan_of(shop)) == set()


def test_the_audit_trail_holds(table: ItemTable) -> None:
    for environment, outcomes in (
        ("local", ["complete", "complete"]),
        ("died", ["begun", "interrupted", "incomplete", "failed", "complete", "complete"]),
    ):
        log = stores(table, environment).log
        records = log.applies(limit=None)
        assert [record.outcome for record in records] == outcomes
        assert verify(records, log.mark()).broken is None
    begun = stores(table, "died").log.of_plan("plan-9")
    assert begun is not None
    assert (begun.operation, begun.fence, begun.actor.link) == ("apply", 3, "https://ci.example/7")


def test_the_lock_and_the_journal_of_an_apply_that_died_are_read(table: ItemTable) -> None:
    died = stores(table, "died")
    lock = died.locks.read()
    assert lock is not None
    assert (lock.held, lock.fence, lock.operation, lock.lease_seconds, lock.actor.host) == (True, 3, "apply", 30, "laptop")
    entries = died.journal.pending().values()
    assert {entry.action for entry in entries} == {"create", "update", "replace", "delete", "retire", "adopt", "forget"}
    assert {entry.plan_id for entry in entries} == {"plan-9"}
    assert {(entry.steps, entry.done) for entry in entries} == {(("first", "second"), 1)}
    assert {entry.action for entry in entries if entry.intended is None} == {"delete", "forget"}
    free = stores(table, "local").locks.read()
    assert free is not None
    assert not free.held


def test_what_hinted_plans_found_out_is_read(table: ItemTable) -> None:
    found = stores(table, "local").verification.load()
    assert found is not None
    assert (len(found.verified), len(found.doubted), found.version) == (4, 2, 1)
    assert set(found.verified.values()) == {found.looked_at - timedelta(hours=1)}


def test_a_project_name_still_belongs_to_its_id(table: ItemTable) -> None:
    state = stores(table, "local").state
    assert not state.ensure()
    assert stores(table, "died").state.addresses()


def test_sessions_are_listed_with_what_became_of_them(table: ItemTable) -> None:
    sessions = stores(table, "local").sessions.find(SessionQuery(limit=50))
    assert Counter((session.pipeline, session.status) for session in sessions) == {
        ("etl", SessionStatus.SUCCEEDED): 1,
        ("etl", SessionStatus.FAILED): 1,
        ("old", SessionStatus.FAILED): 1,
        ("fanout", SessionStatus.SUCCEEDED): 1,
        ("export", SessionStatus.SUCCEEDED): 1,
        ("slow", SessionStatus.CANCELLED): 1,
        ("slow", SessionStatus.RUNNING): 1,
    }
    [failed] = [session for session in sessions if session.pipeline == "etl" and session.status is SessionStatus.FAILED]
    assert [(attempt.number, attempt.kind, attempt.status) for attempt in failed.attempts] == [
        (1, "run", SessionStatus.FAILED), (2, "resume", SessionStatus.FAILED)
    ]  # fmt: skip
    assert (failed.params, failed.date, failed.failed_job) == ({"minimum": 1000000}, "2026-01-31", "extract")
    assert failed.attempts[0].error
    [done] = stores(table, "local").sessions.find(SessionQuery(limit=5, pipeline="export"))
    assert done.output is not None


def test_a_row_of_every_status_is_read_found_and_written_back(table: ItemTable) -> None:
    sessions = stores(table, "died").sessions
    for status in set(SessionStatus) - {SessionStatus.QUEUED, SessionStatus.WAITING}:  # which came later
        [session] = sessions.find(SessionQuery(limit=5, status=status.value))
        assert {attempt.status for attempt in session.attempts} == {status}
        assert sessions.get(sessions.save(session).id) is not None


@pytest.mark.parametrize("name", PLANS)
def test_a_saved_plan_is_read_and_whole(name: str) -> None:
    plan = saved_plan(plan_document(plan_bytes(name)))
    assert (plan.project, plan.environment, plan.account) == ("shop", "local", HERE.account)
    expected = {
        "all-new": ("full", None, False, {Action.CREATE}),
        "nothing": ("full", None, False, set()),
        "changes": ("full", None, False, {Action.CREATE, Action.UPDATE, Action.RETIRE}),
        "selected": ("full", ("etl",), False, {Action.UPDATE}),
        "base": ("touched", ("etl", "export", "hello", "raw"), False, {Action.CREATE, Action.UPDATE, Action.RETIRE}),
        "at-once": ("full", None, True, {Action.CREATE, Action.UPDATE, Action.DELETE}),
        "hinted": ("hinted", None, False, {Action.CREATE, Action.UPDATE, Action.RETIRE}),
        "sensitive": ("full", None, False, {Action.CREATE, Action.UPDATE, Action.RETIRE}),
    }
    assert (plan.refresh, plan.select, plan.at_once, {change.action for change in plan.changes}) == expected[name]


def test_a_saved_plan_holds_no_value_that_only_aws_has() -> None:
    assert b"typed-in-the-console" not in plan_bytes("sensitive")


def applied_from(shop: Shop, name: str) -> ApplyFinished:
    """What `bunsui apply plan.json` does."""
    document = plan_document(plan_bytes(name))
    checked = check_saved(saved_plan(document), shop.repository, shop.ports)
    plan = checked.outcome.plan
    assert plan is not None, checked.outcome.diagnostics
    assert checked.stale == {}
    division = admit_plan(plan, None, reviewed=checked.stale)
    if name != "hinted":  # the account in memory that it was made of said of everything that it was not read
        check_shown(document, division.plan)
    events: list[ApplyEvent] = list(apply_plan(division.plan, shop.ports, threads=1, left=division.left))
    assert isinstance(events[-1], ApplyFinished)
    return events[-1]


@pytest.mark.parametrize("name", ["changes", "base", "selected", "at-once", "hinted", "sensitive"])
def test_a_saved_plan_of_another_meaning_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    shop = Shop(tmp_path, files="project-changed")
    with pytest.raises(Refused) as refused:
        applied_from(shop, name)
    assert refused.value.code == "plan-of-another-checkout"
    assert shop.items.writes == (name == "hinted"), "a hinted plan notes what it verified, and nothing else is written"


def test_a_plan_that_was_carried_out_before_is_not_carried_out_again(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        applied_from(Shop(tmp_path), "all-new")
    assert refused.value.code == "plan-finished"


def test_the_folder_in_a_project_is_still_ours(tmp_path: Path) -> None:
    state, project = tmp_path / "state", tmp_path / "project"
    lay_folder(project, state / "folders")
    own = folder_of(project, UserFolders(states=(state,), caches=())).look()
    assert own is not None
    remembered = json.loads(own.last_session.read_text())
    assert len(remembered["local"]["listed"]) == 7


def folder_of(project: Path, user: UserFolders) -> ProjectFolder:
    def fail(message: str) -> None:
        raise AssertionError(message)

    return ProjectFolder(root=project, user=user, is_tracked=lambda: False, notice=fail, release=lambda _: False)


def saved_executions() -> dict[str, Any]:
    document = json.loads((CASES / "bunsui-folder/local/state/stepfunctions.json").read_text())
    found: dict[str, Any] = document["payload"]
    return found


def store_then() -> RegionStore:
    """What the store held, as of the day it was saved: histories are kept for 90 days."""
    return restored(saved_executions(), now=WRITTEN.timestamp()).region_store(HERE)


def test_the_store_of_the_embedded_step_functions_is_read() -> None:
    store = store_then()
    assert {machine.name.rpartition("--")[2] for machine in store.machines.values()} == {
        "etl", "export", "fanout", "old", "raw", "slow"
    }  # fmt: skip
    assert {len(machines) for machines in (store.machines, store.tags)} == {6}
    assert {alias.name for alias in store.aliases.values()} == {"live"}
    [run] = store.map_runs.values()
    children = [record for record in store.executions.values() if record.map_run_arn == run.arn]
    assert {child.status for child in children} == {"SUCCEEDED"}
    reports = [report_of(entry) for record in store.executions.values() for entry in record.journal if entry[1] == "report"]
    assert {type(report).__name__ for _, report in reports} == {"TaskSucceeded"}


def test_an_execution_that_ran_goes_on() -> None:
    [record] = [record for record in store_then().executions.values() if record.status == RUNNING]
    with running(saved=saved_executions()) as bench:
        assert bench.ask("DescribeExecution", at=HERE, executionArn=record.arn)["status"] in (RUNNING, "SUCCEEDED")
        events = bench.ask("GetExecutionHistory", at=HERE, executionArn=record.arn)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"] == "WaitStateEntered"]
    assert entered == ["first", "wait"]  # the second for 299 days
