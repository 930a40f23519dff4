"""A reviewed digest lets exactly the reviewed changes through, also when they are finished by a second apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.apply.events import ChangeDone
from bunsui.errors import InvalidInput, Refused
from bunsui.plan.digest import change_digest, whole_digest
from bunsui.plan.model import Plan
from bunsui.services.apply.admission import admit
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.request import ApplyRequest, read_digest
from tests.fakes.workspace import Workspace, a_workspace

WAIT = "pipelines/definitions/raw.asl.json"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path, "raw", "etl")


def planned(workspace: Workspace, *, commit: str = "abc1234") -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return replace(plan, commit=commit)


def check(workspace: Workspace, plan: Plan, digest: str) -> Plan:
    """What `bunsui apply --digest` goes on with."""
    admission = admit(ApplyRequest(plan=plan, digest=read_digest(digest)), workspace.repository, workspace.ports)
    if admission.refusal is not None:
        raise admission.refusal
    if admission.division.left:
        raise admission.division.refusal()
    return admission.plan


def stopped_after_one_change(workspace: Workspace, plan: Plan) -> None:
    """Apply, and leave after the first change that was done, as a killed job does."""
    events: Iterator[object] = apply_plan(plan, workspace.ports, threads=1)
    next(event for event in events if isinstance(event, ChangeDone))
    events.close()  # type: ignore[attr-defined]


def test_the_reviewed_plan_passes_and_its_apply_is_recorded_under_the_digest(workspace: Workspace) -> None:
    plan = planned(workspace)
    digest = change_digest(plan)
    list(apply_plan(check(workspace, plan, digest), workspace.ports))
    [record] = workspace.ports.ledger.log.applies(limit=1)
    assert (record.digest, record.outcome) == (digest, "complete")


def test_an_edit_after_the_review_is_refused(workspace: Workspace) -> None:
    digest = change_digest(planned(workspace))
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    with pytest.raises(Refused) as caught:
        check(workspace, planned(workspace), digest)
    assert caught.value.code == "not-as-reviewed"


def test_an_outside_change_after_the_review_is_refused(workspace: Workspace) -> None:
    workspace.apply()
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    digest = change_digest(planned(workspace))
    machine = next(name for kind, name in workspace.account.objects if kind == "state_machine" and "raw" in name)
    workspace.account.change("state_machine", machine, tracing=True)
    with pytest.raises(Refused):
        check(workspace, planned(workspace), digest)


def test_where_nothing_is_left_to_do_nothing_is_refused(workspace: Workspace) -> None:
    digest = change_digest(planned(workspace))
    workspace.apply()
    assert not check(workspace, planned(workspace), digest).pending


def test_the_same_command_finishes_a_killed_apply_however_often_it_was_killed(workspace: Workspace) -> None:
    plan = planned(workspace)
    digest = change_digest(plan)
    for _ in range(3):
        stopped_after_one_change(workspace, check(workspace, planned(workspace), digest))
    list(apply_plan(check(workspace, planned(workspace), digest), workspace.ports))
    assert not planned(workspace).pending


def test_the_rest_of_a_killed_apply_is_refused_on_another_commit_and_with_an_outside_change(workspace: Workspace) -> None:
    plan = planned(workspace)
    digest = change_digest(plan)
    stopped_after_one_change(workspace, check(workspace, plan, digest))
    for commit in ("def5678", "abc1234*", ""):
        with pytest.raises(Refused):
            check(workspace, planned(workspace, commit=commit), digest)
    kind, name = next(iter(workspace.account.objects))
    assert kind == "log_group"
    workspace.account.change(kind, name, retention_days=1)
    with pytest.raises(Refused):
        check(workspace, planned(workspace), digest)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "A" * 64])
def test_what_is_no_digest_is_invalid_input(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_digest(text)


def test_a_reviewed_plan_without_a_change_lets_nothing_else_through(workspace: Workspace) -> None:
    workspace.apply()
    digest = whole_digest(())
    assert check(workspace, planned(workspace), digest).pending == ()
    machine = next(name for kind, name in workspace.account.objects if kind == "state_machine" and "raw" in name)
    workspace.account.change("state_machine", machine, tracing=True)
    with pytest.raises(Refused, match="not-as-reviewed"):
        check(workspace, planned(workspace), digest)
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    with pytest.raises(Refused, match="not-as-reviewed"):
        check(workspace, planned(workspace), digest)
