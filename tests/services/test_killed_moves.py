"""A rollback, a release or a pause, killed at any write, leaves nothing half: the next command finishes it, or says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.plan.model import OUTSIDE_CHANGES
from bunsui.services.apply.patience import Patience
from bunsui.services.audit import audit
from bunsui.services.deployments.pause import pause_pipeline, unpause_pipeline
from bunsui.services.deployments.rollback import carry_out_move, look_before_release, look_before_rollback
from tests.fakes.mortal_ports import Killed, Mortality, mortal_ports
from tests.fakes.workspace import a_workspace
from tests.faults.amount import some
from tests.services.test_pause import PausedProject
from tests.services.test_rollback import HELD, Room

LONG = Patience(seconds=600)
MOST = 12
"""No command writes so often."""
POINTS = some([(at, is_after) for at in range(1, MOST) for is_after in (False, True)], every=5, merge=2)


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_a_killed_rollback_moves_nothing_silently_and_is_finished_by_the_same_command(
    tmp_path: Path, at: int, is_after: bool
) -> None:
    room = Room(a_workspace(tmp_path, "etl", "raw"))
    room.workspace.apply()
    room.deploy()
    before, move = room.leads, room.look()
    mortality = Mortality(at, is_after)
    try:
        carry_out_move(mortal_ports(room.ports, mortality), move, reason="totals doubled", patience=LONG)
    except Killed:
        assert mortality.is_dead
    else:
        assert mortality.calls < at
    plan = room.plan()
    assert not plan.pending
    told = [found.summary for found in plan.diagnostics if found.code == HELD]
    assert bool(told) == (room.hold is not None)
    assert room.leads in ((move.to_arn,) if room.hold is not None and "but its alias leads" not in told[0] else (before,))
    again = look_before_rollback(room.ports, "raw", to=move.to_arn.rpartition(":")[2])
    carry_out_move(room.ports, again, reason="totals doubled", patience=LONG)
    assert room.leads == move.to_arn
    assert room.hold is not None
    assert (room.hold.version_arn, room.hold.from_version_arn) == (move.to_arn, before)
    assert audit(room.ports, room.workspace.acts).is_whole


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_a_killed_release_is_finished_by_the_same_command(tmp_path: Path, at: int, is_after: bool) -> None:
    room = Room(a_workspace(tmp_path, "etl", "raw"))
    room.workspace.apply()
    newest = room.deploy()
    room.roll_back()
    move = look_before_release(room.ports, "raw")
    try:
        carry_out_move(mortal_ports(room.ports, Mortality(at, is_after)), move, reason="fixed", patience=LONG)
    except Killed:
        assert not room.plan().pending
    if room.hold is not None:
        carry_out_move(room.ports, look_before_release(room.ports, "raw"), reason="fixed", patience=LONG)
    assert (room.leads, room.hold) == (newest, None)
    assert not room.plan().pending


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_a_killed_pause_is_told_and_finished_by_the_same_command_or_by_an_apply(
    tmp_path: Path, at: int, is_after: bool
) -> None:
    project = PausedProject(tmp_path)
    scope = project.workspace.repository.scope
    ports = mortal_ports(project.workspace.ports, Mortality(at, is_after))
    try:
        pause_pipeline(ports, scope, "etl", reason="source is down", until=None, patience=LONG)
    except Killed:
        plan = project.plan()
        assert not [one for one in plan.pending if one.reason in OUTSIDE_CHANGES]
        assert bool(project.told()) == bool(project.pauses)
    if at % 2:
        project.pause()
    else:
        project.workspace.clock.sleep(60)
        assert project.workspace.apply().is_complete
    assert project.on == [not project.pauses]
    assert not project.plan().pending


@pytest.mark.parametrize(("at", "is_after"), POINTS)
def test_a_killed_end_of_a_pause_is_finished_by_the_same_command(tmp_path: Path, at: int, is_after: bool) -> None:
    project = PausedProject(tmp_path)
    project.pause()
    scope = project.workspace.repository.scope
    ports = mortal_ports(project.workspace.ports, Mortality(at, is_after))
    try:
        unpause_pipeline(ports, scope, "etl", reason="it is back", patience=LONG)
    except Killed:
        assert bool(project.told()) == bool(project.pauses)
    if project.pauses:
        project.unpause()
    assert (project.on, project.pauses) == ([True], {})
    assert not project.plan().pending
