"""Drift is told with who made it, as far as the record of calls tells; and is written into the files where a key says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bunsui.kinds.registry import kind, kinds
from bunsui.plan.model import Reason
from bunsui.ports.hints import Hints
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.drafting.adopting import adoptable, write_adopted
from bunsui.services.overview.authors import DriftAuthors, find_authors
from bunsui.services.overview.drift import DriftReport, find_drift
from bunsui.testkit.hints import MemoryTrail, MemoryVerificationStore
from bunsui.view.drift_view import drift_lines
from tests.fakes.workspace import Workspace, a_workspace

ALICE = "arn:aws:sts::111122223333:assumed-role/ops/alice"


class Watched:
    """A project whose account records calls."""

    def __init__(self, folder: Path) -> None:
        self.workspace: Workspace = a_workspace(folder, "etl")
        self.workspace.apply()
        self.trail = MemoryTrail(clock=self.workspace.clock)
        self.workspace.clock.sleep(60)

    @property
    def ports(self) -> ReconcilePorts:
        surveyors = self.workspace.account.memory.surveyors()
        return replace(
            self.workspace.ports, hints=Hints(trail=self.trail, memory=MemoryVerificationStore(), surveyors=surveyors)
        )

    def change(self, name: str, call: str, who: str = ALICE, **attributes: object) -> str:
        """Somebody changes an object of the kind, by a call; return the object's name."""
        physical = next(one for one_kind, one in self.workspace.account.objects if one_kind == name)
        self.workspace.account.change(name, physical, **attributes)  # type: ignore[arg-type]
        self.trail.record(call, f"arn:aws:x:us-east-1:1:{physical}", physical, who=who)
        return physical

    def drift(self) -> DriftReport:
        return find_drift(self.workspace.repository, self.ports)

    def authors(self) -> DriftAuthors:
        return find_authors(self.ports, self.drift().drifted)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_the_newest_call_on_a_resource_since_bunsui_wrote_it_is_its_author(watched: Watched) -> None:
    watched.change("log_group", "PutRetentionPolicy", who="arn:aws:iam::1:user/bob", retention_days=3)
    watched.workspace.clock.sleep(60)
    watched.change("log_group", "PutRetentionPolicy", retention_days=5)
    watched.trail.record("PutRetentionPolicy", "another-group", who="mallory")
    watched.workspace.clock.sleep(1800)
    [change] = watched.drift().drifted
    authors = watched.authors()
    assert [event.who for event in authors.events[change.address]] == [ALICE, "arn:aws:iam::1:user/bob"]
    assert authors.unknown == ""
    text = "\n".join(line.text for line in drift_lines(watched.drift(), authors))
    assert "PutRetentionPolicy by ops/alice" in text or "PutRetentionPolicy by alice" in text
    assert "event event-2" in text


def test_what_bunsui_itself_wrote_is_nobodys_change(watched: Watched) -> None:
    name = next(name for one_kind, name in watched.workspace.account.objects if one_kind == "log_group")
    watched.trail.events.append(
        replace(_event(watched), at=watched.workspace.clock.now() - timedelta(days=1), subjects=frozenset({name}))
    )
    watched.workspace.account.change("log_group", name, retention_days=5)
    watched.workspace.clock.sleep(1800)
    [change] = watched.drift().drifted
    assert watched.authors().last_of(change.address) is None


def _event(watched: Watched):  # type: ignore[no-untyped-def]
    watched.trail.record("PutRetentionPolicy", "x", who=ALICE)
    return watched.trail.events.pop()


def test_only_kinds_in_drift_are_looked_up(watched: Watched) -> None:
    assert watched.authors() == DriftAuthors()
    assert watched.trail.lookups == []
    watched.change("log_group", "PutRetentionPolicy", retention_days=5)
    watched.authors()
    assert set(watched.trail.lookups) == {*kind("log_group").events, *kind("log_group").listed_events}


def test_who_may_not_look_is_told_so(watched: Watched) -> None:
    watched.change("log_group", "PutRetentionPolicy", retention_days=5)
    watched.trail.is_permitted = False
    assert "not permitted" in watched.authors().unknown
    assert "no record" in find_authors(watched.workspace.ports, watched.drift().drifted).unknown


def test_a_resource_that_was_removed_has_an_author(watched: Watched) -> None:
    name = next(name for one_kind, name in watched.workspace.account.objects if one_kind == "log_group")
    del watched.workspace.account.objects["log_group", name]
    watched.trail.record("DeleteLogGroup", name, who=ALICE)
    watched.workspace.clock.sleep(1800)
    [change] = watched.drift().drifted
    event = watched.authors().last_of(change.address)
    assert event is not None
    assert (event.name, event.who) == ("DeleteLogGroup", ALICE)


def test_every_kind_names_the_calls_that_a_list_tells_of() -> None:
    assert {name for name in kinds() if kind(name).listed_events} == set(kinds())


def test_what_is_adopted_changes_the_meant_lines_and_is_wanted_then(watched: Watched) -> None:
    path = watched.workspace.folder / "pipelines/etl.yaml"
    before = path.read_text()
    watched.change("log_group", "PutRetentionPolicy", retention_days=5)
    watched.change("state_machine", "UpdateStateMachineAlias", alias="live (90 % to 3, 10 % to 2)")
    report, root = watched.drift(), watched.workspace.folder
    left = []
    for one in adoptable(watched.workspace.repository, root, report.drifted):
        write_adopted(root, one)
        left += [item.attribute for item in one.kept.left]
    assert left == ["alias"]
    added = [line for line in path.read_text().splitlines() if line not in before.splitlines()]
    assert [line for line in before.splitlines() if line not in path.read_text().splitlines()] == []
    assert [line.strip() for line in added] in (["logging: {retention_days: 5}"], ["logging:", "retention_days: 5"])
    plan = watched.workspace.plan().plan
    assert plan is not None
    [drifted] = [change.address for change in report.drifted if change.address.kind == "log_group"]
    [change] = [change for change in plan.pending if change.address == drifted]
    assert (change.reason, change.undoes_outside_change) == (Reason.ALREADY_THERE, False)
