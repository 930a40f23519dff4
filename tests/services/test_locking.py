"""Applies under the lock: who is kept out, what is left behind on every way out, and what the record says afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyFinished, ChangeFailed, ChangeSkipped
from bunsui.apply.lease import Request, take
from bunsui.apply.stop import Stop
from bunsui.errors import Interrupted, InvalidInput, Locked, Unavailable
from bunsui.model.resource import Address, AppliedResource
from bunsui.plan.model import Action, Plan, Reason
from bunsui.ports.ledger import Fence, Journal, JournalEntry
from bunsui.services.apply import apply_plan
from bunsui.services.audit import audit
from bunsui.services.locking import Patience
from bunsui.services.unlock import unlock
from tests.fakes.workspace import Workspace, a_workspace


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return plan


def held(workspace: Workspace) -> bool:
    record = workspace.edges.ledger.locks.read()
    return record is not None and record.held


def test_an_apply_leaves_the_lock_free_the_journal_empty_and_a_line_in_the_record(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    assert workspace.apply().is_complete
    ledger = workspace.edges.ledger
    assert not held(workspace)
    assert not ledger.journal.pending()
    [record] = ledger.log.applies(limit=10)
    assert (record.operation, record.outcome, record.actor.link) == ("apply", "complete", "https://ci.example/1")
    assert record.facts["done"] == len(workspace.account.objects)
    assert len(record.digest) == 64
    assert ledger.log.mark().serial == 1


def test_who_comes_second_is_told_who_is_first_and_writes_nothing(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    edges = workspace.edges
    edges.state.ensure()
    take(edges.ledger.locks, workspace.clock, Request(operation="destroy", actor=edges.actor, terms=edges.terms))
    with pytest.raises(Locked) as caught:
        list(apply_plan(planned(workspace), edges, patience=Patience(seconds=5)))
    assert caught.value.facts["operation"] == "destroy"
    assert caught.value.facts["holder"].endswith("user/mika")
    assert not workspace.account.calls


def test_a_failure_and_a_request_to_stop_give_the_lock_back(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")

    def fail(verb: str, name: str) -> None:
        raise Locked("some-error", "no")

    workspace.account.before = fail
    assert not workspace.apply().is_complete
    assert not held(workspace)
    stop = Stop()
    stop.request()
    edges = workspace.edges
    take(edges.ledger.locks, workspace.clock, Request(operation="apply", actor=edges.actor, terms=edges.terms))
    with pytest.raises(Interrupted):
        list(apply_plan(planned(workspace), edges, stop=stop))


def test_an_iterator_that_is_left_early_gives_the_lock_back_once_nothing_runs(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    edges = replace(workspace.edges)
    events = apply_plan(planned(workspace), edges, threads=1)
    while not (workspace.account.calls and workspace.account.objects):
        next(events)
    close = getattr(events, "close")  # noqa: B009 - an iterator to its users, a generator here
    close()
    record = edges.ledger.locks.read()
    assert record is not None
    if record.held:  # a call may have been under way: then the lock runs out by itself
        workspace.clock.sleep(1)
        take(edges.ledger.locks, workspace.clock, Request(operation="apply", actor=edges.actor, terms=edges.terms))


def test_a_lock_that_was_broken_stops_the_apply_and_the_next_one_finishes(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")

    def break_the_lock(verb: str, name: str) -> None:
        workspace.account.before = lambda verb, name: None
        record = workspace.edges.ledger.locks.read()
        assert record is not None
        unlock(replace(workspace.edges, gated=lambda permit: None), record.id)
        workspace.clock.sleep(40)  # little of the lease remains, so the holder looks before he writes

    workspace.account.before = break_the_lock
    events = list(apply_plan(planned(workspace), workspace.edges, threads=1))
    failed = [event.code for event in events if isinstance(event, ChangeFailed)]
    assert failed == ["lease-lost"]
    skipped = [event.because for event in events if isinstance(event, ChangeSkipped)]
    assert all(because == "the lock was lost" or because.endswith(" failed") for because in skipped)
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    assert not last.is_complete
    assert not workspace.account.objects
    assert workspace.apply().is_complete
    assert [record.operation for record in workspace.edges.ledger.log.applies(limit=9)] == ["apply", "unlock", "apply"]
    assert audit(workspace.edges).is_whole


@dataclass(frozen=True)
class DyingJournal:
    """Kills the process before anything is settled."""

    inner: Journal

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.inner.begin(entry, fence)

    def settle(self, outcome: Mapping[Address, AppliedResource | None], fence: Fence) -> None:
        raise Unavailable("killed", "the process is gone")

    def pending(self) -> Mapping[Address, JournalEntry]:
        return self.inner.pending()


def test_what_a_killed_apply_wrote_is_neither_drift_nor_conflict(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')
    edges = workspace.edges
    [change] = planned(workspace).pending
    before = workspace.account.objects["state_machine", change.physical_name]
    dying = replace(edges, ledger=replace(edges.ledger, journal=DyingJournal(edges.ledger.journal)))
    list(apply_plan(planned(workspace), dying))
    assert workspace.account.objects["state_machine", change.physical_name].attributes != before.attributes
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 5', '"Seconds": 9')
    [again] = planned(workspace).pending
    assert (again.action, again.reason, again.drift) == (Action.UPDATE, Reason.CONFIGURED, ())
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 9', '"Seconds": 5')
    [again] = planned(workspace).pending
    assert (again.action, again.reason) == (Action.ADOPT, Reason.INTERRUPTED)
    assert workspace.apply().is_complete
    assert not planned(workspace).pending
    assert not edges.ledger.journal.pending()


def test_what_another_apply_created_since_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    plan = planned(workspace)
    workspace.apply()
    workspace.account.calls.clear()
    events = list(apply_plan(plan, workspace.edges))
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"stale-resource"}
    assert not workspace.account.calls


def test_unlock_takes_only_the_lock_that_was_named(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    edges = workspace.edges
    edges.state.ensure()
    with pytest.raises(InvalidInput) as caught:
        unlock(edges, "abc")
    assert caught.value.code == "not-locked"
    lease = take(edges.ledger.locks, workspace.clock, Request(operation="apply", actor=edges.actor, terms=edges.terms))
    with pytest.raises(InvalidInput) as caught:
        unlock(edges, "abc")
    assert caught.value.facts["lock"] == lease.fence.id
    unlock(edges, lease.fence.id)
    assert not held(workspace)
    [record] = edges.ledger.log.applies(limit=5)
    assert (record.operation, record.outcome, record.facts["lock"]) == ("unlock", "complete", lease.fence.id)
