"""`lifecycle.exclusive`: plans name what others put beside ours, and apply removes just that."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.model.beside import BesideOurs
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Action, Plan, Reason, Risk
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from tests.fakes.workspace import Workspace, a_workspace

REMOVAL = ("lambda", "delete-alias", "--name", "theirs")
ALIAS = BesideOurs(what="alias", name="theirs", effect="leads elsewhere", removal=REMOVAL)
OPEN = BesideOurs(what="function URL", name="https://x", effect="lets anybody in", is_risky=True, removal=REMOVAL)
STUCK = BesideOurs(what="notification", name="n", effect="tells somebody")


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path)
    made.edit("pipelines/etl.yaml", "name: etl\n", "name: etl\nlifecycle: {exclusive: true}\n")
    assert made.apply().failed == 0
    made.beside.for_drift = frozenset({"alias"})
    return made


def put(project: Workspace, *things: BesideOurs) -> None:
    name = next(name for kind, name in project.account.objects if kind == "lambda_function")
    project.beside.found = {("lambda_function", name): things}


def plan_of(project: Workspace) -> Plan:
    plan = project.plan().plan
    assert plan is not None
    return plan


def test_an_untouched_account_has_nothing_to_remove(project: Workspace) -> None:
    assert plan_of(project).pending == ()


def test_what_others_put_there_is_named_removed_and_then_nothing_is_left_to_do(project: Workspace) -> None:
    put(project, ALIAS, OPEN, STUCK)
    plan = plan_of(project)

    [change] = plan.pending
    assert (change.action, change.reason, change.risk) == (Action.UPDATE, Reason.BESIDE, Risk.OVERWRITES_OUTSIDE_CHANGE)
    text = "\n".join(line.text for line in plan_lines(plan_view(plan)))
    assert "function URL https://x" in text
    assert [found.summary.partition(" carries ")[2][:12] for found in plan.diagnostics if found.code == "BS534"] == [
        "the notifica"
    ]
    writes = project.account.memory.writes
    assert project.apply().failed == 0
    assert [one.what for some in project.beside.found.values() for one in some] == ["notification"]
    assert project.account.memory.writes == writes  # the function itself is not written
    assert plan_of(project).pending == ()


def test_what_came_after_the_plan_was_reviewed_is_not_removed_by_it(project: Workspace) -> None:
    put(project, OPEN)
    reviewed = plan_of(project)
    put(project, OPEN, ALIAS)
    assert change_digest(reviewed) != change_digest(plan_of(project))


def test_without_the_key_nothing_is_removed(project: Workspace) -> None:
    project.edit("pipelines/etl.yaml", "exclusive: true", "exclusive: false")
    assert project.apply().failed == 0
    put(project, OPEN)
    assert plan_of(project).pending == ()
