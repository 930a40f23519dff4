"""Every apply leaves a link in the trail, however it ended, and an audit follows them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.act_trail import act_document, act_of
from bunsui.codec.writing import to_json
from bunsui.errors import InvalidInput
from bunsui.ports.acts import ActRecord, ActsHead
from bunsui.ports.ledger import Actor
from bunsui.services.audit import Audit, audit
from bunsui.testkit.acts import MemoryActLog
from bunsui.testkit.clock import ManualClock
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
    return plain(audit_lines(audit(workspace.ports, workspace.acts, anchor=anchor), UTC, limit=20))


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
    found = audit(workspace.ports, workspace.acts)
    assert not found.is_whole
    assert "✗ the chain is broken at record 2" in shown(workspace)


def test_a_hash_that_was_kept_is_found_again(workspace: Workspace) -> None:
    head = audit(workspace.ports, workspace.acts).chain.head
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 2', '"Seconds": 3')
    workspace.apply()
    assert "with the one that was kept (number 2)" in shown(workspace, anchor=head)


def test_a_trail_that_was_rewritten_as_a_whole_lacks_the_kept_hash(workspace: Workspace) -> None:
    found = audit(workspace.ports, workspace.acts, anchor="a" * 64)
    assert found.chain.broken is None
    assert not found.is_whole
    assert "is not in the trail" in shown(workspace, anchor="a" * 64)
    assert audit_document(found, limit=1).whole is False


def test_an_anchor_that_is_no_hash_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        audit(workspace.ports, workspace.acts, anchor="main")


STOP = ActRecord(
    id="s1",
    at=ManualClock().now() + timedelta(days=3650),
    act="stop",
    call="StopExecution",
    actor=Actor(who="arn:aws:iam::111111111111:user/ann", link="https://ci.example/2"),
    pipeline="raw",
    session="01KBH3X2J4ABCDEFGHJKMNPQRT",
    attempt=1,
    execution_arn="arn:aws:states:eu-west-1:1:execution:raw:x",
    slot=ManualClock().now(),
    reason="wrong day",
)


def test_acts_on_sessions_stand_among_the_applies_by_their_time(workspace: Workspace) -> None:
    workspace.acts.append(STOP)
    workspace.acts.append(replace(STOP, id="s2", of="s1", at=STOP.at + timedelta(seconds=2), outcome="done"))
    workspace.acts.append(replace(STOP, id="s3", at=STOP.at - timedelta(days=7000), reason=""))
    lines = shown(workspace).splitlines()
    assert [line.split()[2] for line in lines[1:5]] == ["stop", "apply", "apply", "stop"]
    assert "stop raw  done; wrong day" in lines[1]
    assert "2.0 s" in lines[1]
    assert "01KBH3X2J4ABCDEFGHJKMNPQRT" in lines[1]
    assert "killed, or under way" in lines[4]
    assert "✓ the chain of acts on sessions is whole: 3 records" in lines


def test_both_chains_have_their_head_told_and_either_hash_can_be_kept(workspace: Workspace) -> None:
    head = workspace.acts.append(STOP).hash
    assert f"acts  {head}" in shown(workspace)
    found = audit(workspace.ports, workspace.acts, anchor=head)
    assert found.is_whole
    assert "with the one that was kept (of the acts, number 1)" in plain(audit_lines(found, UTC, limit=20))


def test_a_broken_chain_of_acts_is_told_and_fails(workspace: Workspace) -> None:
    log = EditedLog()
    log.append(STOP)
    log.append(replace(STOP, id="s2", of="s1", outcome="done"))
    found = audit(workspace.ports, log)
    assert not found.is_whole
    assert found.chain.broken is None
    text = plain(audit_lines(found, UTC, limit=20))
    assert "✓ the chain is whole: 2 records" in text
    assert "✗ the chain of acts on sessions is broken at record 2 (s2)" in text
    document = printed(found)
    assert document["whole"] is False
    assert document["acts_chain"]["broken"]["serial"] == 2


def test_the_document_lists_acts_beside_the_applies(workspace: Workspace) -> None:
    workspace.acts.append(STOP)
    workspace.acts.append(replace(STOP, id="s2", of="s1", outcome="unknown", error="no-answer"))
    (act,) = printed(audit(workspace.ports, workspace.acts))["acts"]
    assert (act["act"], act["outcome"], act["error"], act["reason"]) == ("stop", "unknown", "no-answer", "wrong day")


def test_an_act_that_is_appended_while_the_trail_is_read_breaks_nothing(workspace: Workspace) -> None:
    log = BusyLog()
    log.append(STOP)
    found = audit(workspace.ports, log)
    assert found.is_whole
    assert found.acts_chain.links >= 1


def printed(found: Audit) -> Any:
    return to_json(audit_document(found, limit=20))


class EditedLog(MemoryActLog):
    """A trail whose first record somebody edited in the table."""

    def acts(self) -> Sequence[ActRecord]:
        *others, first = super().acts()
        return [*others, act_of({**act_document(first), "who": "somebody else"})]


class BusyLog(MemoryActLog):
    """A trail to which somebody appends after each look at its head."""

    def head(self) -> ActsHead:
        head = super().head()
        self.append(replace(STOP, id=f"later-{head.serial}"))
        return head
