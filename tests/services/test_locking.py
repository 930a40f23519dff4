"""Applies under the lock: who is kept out, what is left behind on every way out, and what the record says afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyFinished, ChangeFailed, ChangeSkipped
from bunsui.apply.lease import Request, take
from bunsui.apply.stop import Stop
from bunsui.errors import Interrupted, InvalidInput, Locked, Unavailable
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.resource import AppliedResource
from bunsui.plan.model import Action, Plan, Reason
from bunsui.ports.ledger import Fence, Journal, JournalEntry
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.patience import Patience
from bunsui.services.audit import audit
from bunsui.services.unlock import unlock
from tests.fakes.workspace import Workspace, a_workspace


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return plan


def held(workspace: Workspace) -> bool:
    record = workspace.ports.ledger.locks.read()
    return record is not None and record.held


def test_an_apply_leaves_the_lock_free_the_journal_empty_and_a_line_in_the_record(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    assert workspace.apply().is_complete
    ledger = workspace.ports.ledger
    assert not held(workspace)
    assert not ledger.journal.pending()
    [record] = ledger.log.applies(limit=10)
    assert (record.operation, record.outcome, record.actor.link) == ("apply", "complete", "https://ci.example/1")
    assert record.facts["done"] == len(workspace.account.objects)
    assert len(record.digest) == 64
    assert ledger.log.mark().serial == 1


def test_who_comes_second_is_told_who_is_first_and_writes_nothing(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    ports = workspace.ports
    ports.state.ensure()
    take(ports.ledger.locks, workspace.clock, Request(operation="destroy", actor=ports.actor, terms=ports.terms))
    with pytest.raises(Locked) as caught:
        list(apply_plan(planned(workspace), ports, patience=Patience(seconds=5)))
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
    ports = workspace.ports
    take(ports.ledger.locks, workspace.clock, Request(operation="apply", actor=ports.actor, terms=ports.terms))
    with pytest.raises(Interrupted):
        list(apply_plan(planned(workspace), ports, stop=stop))


def test_an_iterator_that_is_left_early_gives_the_lock_back_once_nothing_runs(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    ports = replace(workspace.ports)
    events = apply_plan(planned(workspace), ports, threads=1)
    while not (workspace.account.calls and workspace.account.objects):
        next(events)
    close = getattr(events, "close")  # noqa: B009 - an iterator to its users, a generator here
    close()
    record = ports.ledger.locks.read()
    assert record is not None
    if record.held:  # a call may have been under way: then the lock runs out by itself
        workspace.clock.sleep(1)
        take(ports.ledger.locks, workspace.clock, Request(operation="apply", actor=ports.actor, terms=ports.terms))


def test_a_lock_that_was_broken_stops_the_apply_and_the_next_one_finishes(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")

    def break_the_lock(verb: str, name: str) -> None:
        workspace.account.before = lambda verb, name: None
        record = workspace.ports.ledger.locks.read()
        assert record is not None
        unlock(replace(workspace.ports, gated=lambda permit: None), record.id)
        workspace.clock.sleep(40)  # little of the lease remains, so the holder looks before he writes

    workspace.account.before = break_the_lock
    events = list(apply_plan(planned(workspace), workspace.ports, threads=1))
    failed = [event.code for event in events if isinstance(event, ChangeFailed)]
    assert failed == ["lease-lost"]
    skipped = [event.because for event in events if isinstance(event, ChangeSkipped)]
    assert all(because == "the lock was lost" or because.endswith(" failed") for because in skipped)
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    assert not last.is_complete
    assert not workspace.account.objects
    assert workspace.apply().is_complete
    assert [record.operation for record in workspace.ports.ledger.log.applies(limit=9)] == ["apply", "unlock", "apply"]
    assert audit(workspace.ports, workspace.acts).is_whole


@dataclass(frozen=True)
class DyingJournal:
    """Kills the process before anything is settled."""

    inner: Journal

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.inner.begin(entry, fence)

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        raise Unavailable("killed", "the process is gone")

    def pending(self) -> Mapping[Address, JournalEntry]:
        return self.inner.pending()


def test_what_a_killed_apply_wrote_is_neither_drift_nor_conflict(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')
    ports = workspace.ports
    [change] = planned(workspace).pending
    before = workspace.account.objects["state_machine", change.physical_name]
    dying = replace(ports, ledger=replace(ports.ledger, journal=DyingJournal(ports.ledger.journal)))
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
    assert not ports.ledger.journal.pending()


def test_what_another_apply_created_since_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    plan = planned(workspace)
    workspace.apply()
    workspace.account.calls.clear()
    events = list(apply_plan(plan, workspace.ports))
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"stale-resource"}
    assert not workspace.account.calls


PARENT = "version: 1\nname: parent\njobs:\n  a:\n    operations:\n      - {id: child, type: pipeline, pipeline: raw}\n"


@pytest.mark.parametrize(("kind", "of"), [("role", "parent"), ("log_group", "parent"), ("state_machine", "raw")])
@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "a stranger's"])
def test_what_a_change_relies_on_is_looked_at_when_another_apply_came_between(
    tmp_path: Path, kind: str, of: str, is_gone: bool
) -> None:
    workspace = a_workspace(tmp_path, "raw", "etl")
    parent = workspace.folder / "pipelines/parent.yaml"
    parent.write_text(PARENT)
    workspace.apply()
    parent.write_text(PARENT + "timeout: 1h\n")
    plan = planned(workspace)
    assert {change.address.kind for change in plan.pending} == {"state_machine"}
    workspace.edit("pipelines/etl.yaml", "\ntimeout: ", "\n# timeout: ")
    workspace.apply("etl")
    [where] = [key for key, item in workspace.account.objects.items() if item.address == Address(kind, of)]
    if is_gone:
        del workspace.account.objects[where]
    else:
        workspace.account.objects[where] = replace(workspace.account.objects[where], tags={})
    workspace.account.calls.clear()
    [failed] = [event for event in apply_plan(plan, workspace.ports) if isinstance(event, ChangeFailed)]
    assert failed.code == "stale-resource"
    assert f"relies_on: {Address(kind, of)}" in failed.message
    assert not workspace.account.calls


def test_unlock_takes_only_the_lock_that_was_named(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    ports = workspace.ports
    ports.state.ensure()
    with pytest.raises(InvalidInput) as caught:
        unlock(ports, "abc")
    assert caught.value.code == "not-locked"
    lease = take(ports.ledger.locks, workspace.clock, Request(operation="apply", actor=ports.actor, terms=ports.terms))
    with pytest.raises(InvalidInput) as caught:
        unlock(ports, "abc")
    assert caught.value.facts["lock"] == lease.fence.id
    unlock(ports, lease.fence.id)
    assert not held(workspace)
    [record] = ports.ledger.log.applies(limit=5)
    assert (record.operation, record.outcome, record.facts["lock"]) == ("unlock", "complete", lease.fence.id)
