"""Where you are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bunsui.local.memory.sessions import MemorySessionRepository
from bunsui.model.session import Session, SessionStatus
from bunsui.services.status import ProjectStatus, Standing, project_status
from bunsui.view.spans import plain
from bunsui.view.status_view import next_command, status_json, status_lines
from tests.fakes.workspace import Workspace, a_workspace


def look(workspace: Workspace, sessions: MemorySessionRepository | None = None) -> ProjectStatus:
    return project_status(workspace.repository, workspace.edges, sessions or MemorySessionRepository())


def standings(status: ProjectStatus) -> dict[str, Standing]:
    return {pipeline.name: pipeline.standing for pipeline in status.pipelines}


def test_each_pipeline_stands_as_its_resources_do(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    assert standings(look(workspace)) == {"etl": Standing.NEW, "raw": Standing.NEW}
    workspace.apply()
    assert standings(look(workspace)) == {"etl": Standing.IN_SYNC, "raw": Standing.IN_SYNC}
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    key = next(key for key in workspace.account.objects if key[0] == "state_machine" and key[1].endswith("raw"))
    workspace.account.change(*key, tracing=True)
    assert standings(look(workspace)) == {"etl": Standing.PENDING, "raw": Standing.DRIFTED}
    (tmp_path / "pipelines/raw.yaml").unlink()
    assert standings(look(workspace))["raw"] is Standing.DRIFTED


def test_what_could_not_be_read_is_unknown_and_never_in_sync(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    key = next(iter(workspace.account.objects))
    workspace.account.objects[key] = replace(workspace.account.objects[key], unreadable="AccessDenied")
    assert standings(look(workspace)) == {"raw": Standing.UNKNOWN}


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


def test_files_with_errors_are_said_and_nothing_is_claimed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    (tmp_path / "pipelines/raw.yaml").write_text("version: 1\nname: raw\n")
    status = look(workspace)
    assert "nothing was compared" in plain(status_lines(status, UTC))
    assert next_command(status)[0] == "bunsui validate"
    document = status_json(status)
    assert isinstance(document, dict)
    assert document["pipelines"] == []
