"""What bunsui remembers, looked at and put right by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.errors import InvalidInput, NotFound
from bunsui.plan.model import Action, Reason
from bunsui.services.apply.patience import Patience
from bunsui.services.state import history, list_state, move_state, rebuild_state, remove_state, show_state
from tests.fakes.workspace import Workspace, a_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A pipeline, applied."""
    made = a_workspace(tmp_path, "raw")
    made.apply()
    return made


def reasons(workspace: Workspace) -> set[tuple[Action, Reason]]:
    plan = workspace.plan().plan
    assert plan is not None
    return {(change.action, change.reason) for change in plan.changes}


def test_what_was_applied_is_listed_and_shown(workspace: Workspace) -> None:
    rows = list_state(workspace.ports)
    assert [str(row.resource.address) for row in rows] == ["log_group.raw", "role.raw", "state_machine.raw"]
    assert show_state(workspace.ports, "role.raw") == rows[1]


def test_an_unknown_address_is_answered_with_the_one_that_was_meant(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="unknown-address") as caught:
        show_state(workspace.ports, "role.rau")
    assert caught.value.hint == "Did you mean `role.raw`?"


def test_an_address_moves_with_everything_that_is_known_of_it(workspace: Workspace) -> None:
    before = show_state(workspace.ports, "role.raw").resource
    move_state(workspace.ports, "role.raw", "role.cooked", patience=Patience())
    after = show_state(workspace.ports, "role.cooked").resource
    assert (after.attributes, after.revision) == (before.attributes, before.revision)
    with pytest.raises(NotFound):
        show_state(workspace.ports, "role.raw")
    for wrong in ("log_group.raw", "lambda_function.raw", "x"):
        with pytest.raises(InvalidInput):
            move_state(workspace.ports, "role.cooked", wrong, patience=Patience())
    move_state(workspace.ports, "role.cooked", "role.raw", patience=Patience())
    assert reasons(workspace) == {(Action.NO_OP, Reason.IN_SYNC)}


def test_what_is_forgotten_is_adopted_by_the_next_plan(workspace: Workspace) -> None:
    remove_state(workspace.ports, ["role.raw"], patience=Patience())
    assert (Action.ADOPT, Reason.UNKNOWN_ORIGIN) in reasons(workspace)
    assert workspace.apply().done == 1
    assert reasons(workspace) == {(Action.NO_OP, Reason.IN_SYNC)}


def test_a_rebuilt_state_knows_what_is_there_and_claims_nothing_of_it(workspace: Workspace) -> None:
    lost = workspace.account.objects.pop(("log_group", show_state(workspace.ports, "log_group.raw").resource.physical_name))
    workspace.account.change("role", lost.physical_name.rpartition("/")[2], description="by hand")
    done = rebuild_state(workspace.repository, workspace.ports, patience=Patience())
    assert [str(address) for address in done.found] == ["role.raw", "state_machine.raw"]
    assert [str(address) for address in done.dropped] == ["log_group.raw"]
    found = reasons(workspace)
    assert (Action.UPDATE, Reason.UNKNOWN_ORIGIN) in found
    assert not {Reason.IN_SYNC, Reason.DRIFT} & {reason for _, reason in found}
    assert workspace.apply().is_complete
    assert reasons(workspace) == {(Action.NO_OP, Reason.IN_SYNC)}


def test_every_write_is_in_the_history(workspace: Workspace) -> None:
    remove_state(workspace.ports, ["role.raw"], patience=Patience())
    with pytest.raises(NotFound):
        remove_state(workspace.ports, ["role.raw"], patience=Patience())
    rebuild_state(workspace.repository, workspace.ports, patience=Patience())
    assert [(record.operation, record.outcome) for record in history(workspace.ports, limit=9)] == [
        ("state rebuild", "complete"),
        ("state rm", "failed"),
        ("state rm", "complete"),
        ("apply", "complete"),
    ]


def test_what_a_rebuilt_state_knows_of_and_is_gone_by_now_is_forgotten(workspace: Workspace) -> None:
    workspace.edit("pipelines/raw.yaml", "name: raw\n", "name: cooked\n")
    rebuild_state(workspace.repository, workspace.ports, patience=Patience())
    [role] = [name for kind, name in workspace.account.objects if kind == "role"]
    del workspace.account.objects["role", role]
    plan = workspace.plan().plan
    assert plan is not None
    [gone] = [change for change in plan.changes if str(change.address) == "role.raw"]
    assert (gone.action, gone.reason, gone.physical_name) == (Action.FORGET, Reason.GONE, role)
    workspace.apply()
    assert "role.raw" not in {str(row.resource.address) for row in list_state(workspace.ports)}
