"""The state's point-in-time recovery: each apply that finds it off switches it on, and none fails for its sake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished, StateNoted
from bunsui.errors import AccessDenied, CloudError, Conflict, Passing
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.state_recovery import is_recoverable, switched_on
from tests.fakes.workspace import Workspace, a_workspace

TOO_NEW = Conflict("conflict", "another state", passes=Passing.SOON, aws_message="Backups are being enabled")


@dataclass
class NewTable:
    """Refuses the first attempts, as AWS does after a table was made."""

    refusals: int = 0
    error: CloudError = TOO_NEW
    on: bool = False

    def is_on(self) -> bool | None:
        return self.on

    def switch_on(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise self.error
        self.on = True


def applied(workspace: Workspace, ports: ReconcilePorts) -> list[ApplyEvent]:
    plan = workspace.plan().plan
    assert plan is not None
    return list(apply_plan(plan, ports))


@pytest.mark.parametrize("refusals", [0, 1, 20])
def test_a_new_table_is_waited_for_after_the_changes(tmp_path: Path, refusals: int) -> None:
    workspace, table = a_workspace(tmp_path), NewTable(refusals=refusals)
    events = applied(workspace, replace(workspace.ports, recovery=table))
    assert table.on
    assert isinstance(events[-1], ApplyFinished)
    assert events[-1].is_complete
    assert not [event for event in events if isinstance(event, StateNoted)]


@pytest.mark.parametrize("error", [TOO_NEW, AccessDenied("access-denied", "AWS refused the call")])
def test_a_recovery_that_stays_off_is_told_and_tried_again_by_the_next_apply(tmp_path: Path, error: CloudError) -> None:
    workspace, table = a_workspace(tmp_path), NewTable(refusals=1000, error=error)
    ports = replace(workspace.ports, recovery=table)
    events = applied(workspace, ports)
    (note,) = [event.note for event in events if isinstance(event, StateNoted)]
    assert "no point-in-time recovery yet; the next apply tries again" in note
    assert isinstance(events[-1], ApplyFinished)
    assert events[-1].is_complete
    assert is_recoverable(ports) is False
    table.refusals = 0
    assert switched_on(ports) is None
    assert is_recoverable(ports) is True


def test_nobody_asks_an_account_without_recovery(tmp_path: Path) -> None:
    ports = a_workspace(tmp_path).ports
    assert is_recoverable(ports) is None
    assert switched_on(ports, patient=True) is None
