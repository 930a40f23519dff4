"""Every apply leaves a link in the trail, however it ended, and an audit follows them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.services.audit import audit
from bunsui.testkit.state import MemoryRows
from bunsui.view.audit_view import audit_lines
from bunsui.view.documents.state import audit_document
from bunsui.view.spans import plain
from tests.fakes.workspace import Workspace, a_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project that was applied twice."""
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 2')
    workspace.apply()
    return workspace


def rows(workspace: Workspace) -> MemoryRows:
    (found,) = workspace.table.scopes.values()
    return found


def shown(workspace: Workspace, *, anchor: str = "") -> str:
    return plain(audit_lines(audit(workspace.ports, anchor=anchor), UTC, limit=20))


def test_applies_are_listed_with_who_link_commit_digest_and_outcome(workspace: Workspace) -> None:
    text = shown(workspace)
    assert text.count("user/mika") == 2
    assert text.count("https://ci.example/1") == 2
    assert text.count("complete") == 2
    assert "✓ the chain is whole: 2 records" in text


def test_an_edited_record_is_named(workspace: Workspace) -> None:
    held = rows(workspace)
    first = min(held.applies)
    held.applies[first] = replace(held.applies[first], hash="0" * 64)
    found = audit(workspace.ports)
    assert not found.is_whole
    assert "✗ the chain is broken at record 2" in shown(workspace)


def test_a_hash_that_was_kept_is_found_again(workspace: Workspace) -> None:
    head = audit(workspace.ports).chain.head
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 2', '"Seconds": 3')
    workspace.apply()
    assert "with the one that was kept (number 2)" in shown(workspace, anchor=head)


def test_a_trail_that_was_rewritten_as_a_whole_lacks_the_kept_hash(workspace: Workspace) -> None:
    found = audit(workspace.ports, anchor="a" * 64)
    assert found.chain.broken is None
    assert not found.is_whole
    assert "is not in the trail" in shown(workspace, anchor="a" * 64)
    assert audit_document(found, limit=1).whole is False


def test_an_anchor_that_is_no_hash_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        audit(workspace.ports, anchor="main")
