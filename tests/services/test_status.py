"""Where you are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bunsui.errors import NotFound
from bunsui.model.pipeline import About
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import Watermark
from bunsui.services.init import init_project
from bunsui.services.overview.standing import PipelineStanding
from bunsui.services.status import ProjectStatus, project_status
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.documents.status import status_document
from bunsui.view.plan.model import plan_view
from bunsui.view.spans import plain
from bunsui.view.status_view import next_command, status_lines
from tests.fakes.workspace import Workspace, a_workspace


def look(workspace: Workspace, sessions: MemorySessionRepository | None = None) -> ProjectStatus:
    return project_status(workspace.repository, workspace.ports, sessions or MemorySessionRepository())


def standings(status: ProjectStatus) -> dict[str, PipelineStanding]:
    return {pipeline.name: pipeline.standing for pipeline in status.pipelines}


def test_each_pipeline_stands_as_its_resources_do(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    assert standings(look(workspace)) == {"etl": PipelineStanding.NEW, "raw": PipelineStanding.NEW}
    workspace.apply()
    assert standings(look(workspace)) == {"etl": PipelineStanding.IN_SYNC, "raw": PipelineStanding.IN_SYNC}
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    key = next(key for key in workspace.account.objects if key[0] == "state_machine" and key[1].endswith("raw"))
    workspace.account.change(*key, tracing=True)
    assert standings(look(workspace)) == {"etl": PipelineStanding.PENDING, "raw": PipelineStanding.DRIFTED}
    (tmp_path / "pipelines/raw.yaml").unlink()
    assert standings(look(workspace))["raw"] is PipelineStanding.DRIFTED


def test_a_pipeline_that_is_switched_off_starts_nothing_and_says_so(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    workspace.edit("pipelines/etl.yaml", "name: etl\n", "name: etl\nenabled: false\nschedules: [{id: s, rate: 1 hour}]\n")
    plan = workspace.plan().plan
    assert plan is not None
    (schedule,) = (change for change in plan.changes if change.address.kind == "schedule")
    assert schedule.desired is not None
    assert schedule.desired.attributes["enabled"] is False
    (node,) = plan_view(plan).pipelines
    assert "switched off by enabled: false; nothing starts it" in plain(node.notes)
    workspace.apply()
    status = look(workspace)
    (pipeline,) = status.pipelines
    assert (pipeline.enabled, pipeline.next_start) == (False, None)
    assert "etl is switched off: its file says enabled: false" in plain(status_lines(status, UTC))


def test_what_could_not_be_read_is_unknown_and_never_in_sync(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    key = next(iter(workspace.account.objects))
    workspace.account.objects[key] = replace(workspace.account.objects[key], unreadable="AccessDenied")
    assert standings(look(workspace)) == {"raw": PipelineStanding.UNKNOWN}


def test_a_failed_session_leads_to_its_explanation(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    sessions = MemorySessionRepository()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    sessions.add(
        Session(
            id="01ABC",
            pipeline="raw",
            status=SessionStatus.FAILED,
            slot=at,
            date="2026-01-01",
            params={},
            started_by="me",
            created_at=at,
        )
    )
    status = look(workspace, sessions)
    assert next_command(status)[0] == "bunsui show raw"
    shown = plain(status_lines(status, UTC))
    assert "✗ failed" in shown
    assert "1 failing" in shown
    assert "2026-01-01 00:00:00" in shown
    about = About(title="Raw [ore]", owner="mika", runbook="docs/raw.md")
    told = replace(status, pipelines=tuple(replace(one, about=about) for one in status.pipelines))
    said = plain(status_lines(told, UTC))
    assert "Raw [ore]" in said
    assert "owner    mika" in said
    assert "runbook  docs/raw.md" in said
    assert "owner" not in shown


def test_files_with_errors_are_said_and_nothing_is_claimed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    (tmp_path / "pipelines/raw.yaml").write_text("version: 1\nname: raw\n")
    status = look(workspace)
    assert "nothing was compared" in plain(status_lines(status, UTC))
    assert next_command(status)[0] == "bunsui validate"
    assert standings(status) == {"raw": PipelineStanding.INVALID}
    assert "pipelines/raw.yaml:1" in plain(status_lines(status, UTC))
    init_project(tmp_path, template="etl")
    assert standings(look(workspace)) == {"etl": PipelineStanding.UNKNOWN, "raw": PipelineStanding.INVALID}


@dataclass
class _Recovery:
    on: bool | None

    def is_on(self) -> bool | None:
        return self.on

    def switch_on(self) -> None:
        raise AssertionError("status writes nothing")


@pytest.mark.parametrize(("on", "is_told"), [(False, True), (True, False), (None, False)])
def test_a_state_that_cannot_be_restored_is_told(tmp_path: Path, on: bool | None, is_told: bool) -> None:
    workspace = a_workspace(tmp_path)
    ports = replace(workspace.ports, recovery=_Recovery(on))
    status = project_status(workspace.repository, ports, MemorySessionRepository())
    assert ("no point-in-time recovery; the next apply switches it on" in plain(status_lines(status, UTC))) is is_told
    assert status_document(status).recoverable is on


def test_how_old_the_last_look_at_a_machine_is_stands_beside_its_last_session(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    sessions, now = MemorySessionRepository(), workspace.ports.clock.now()
    sessions.keep(Watermark(machine_arn="arn:raw", pipeline="raw", newest=now, looked_at=now - timedelta(hours=3)))
    status = look(workspace, sessions)
    assert {one.name: one.looked_at for one in status.pipelines} == {"etl": None, "raw": now - timedelta(hours=3)}
    rows = [item.text for item in status_lines(status, UTC)]
    assert any("etl" in row and "never" in row for row in rows)
    assert any("raw" in row and "3 h 00 min ago" in row for row in rows)


def test_only_the_pipelines_that_are_named_are_told_of(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").unlink()
    ports, rows = workspace.ports, MemorySessionRepository()
    found = project_status(workspace.repository, ports, rows, names=("raw",))
    assert standings(found) == {"raw": PipelineStanding.REMOVED}
    with pytest.raises(NotFound) as raised:
        project_status(workspace.repository, ports, rows, names=("etl", "rav"))
    assert raised.value.code == "unknown-pipeline"
