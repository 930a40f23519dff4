"""What the journal says of a change that was not finished: which steps it has, and how many of them were done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.apply.executor import Effects, execute
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.retention import Retention, number_of, remove_old
from bunsui.apply.retry import RetryingJournal
from bunsui.apply.stop import Stop
from bunsui.errors import CloudError, Throttled
from bunsui.model.address import Address
from bunsui.ports.ledger import Actor, Fence, JournalEntry, LockRecord
from bunsui.ports.versions import MachineVersion
from bunsui.retry import Retrying
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE, Project, a_pipeline
from tests.unit.apply.test_executor import _with_role
from tests.unit.apply.test_retention import FUNCTION, MACHINE, NOW, Store

ROLE = Address("role", "orders")
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def unfinished(fails: str, desired: Any, *, is_new: bool = False) -> tuple[tuple[str, ...], int, str]:
    """Return steps, number of those done, and action of the role's entry after an apply in which this verb failed."""
    project = Project()
    if not is_new:
        project.converge(a_pipeline("orders"))

    def fail(verb: str, name: str) -> None:
        if verb == fails:
            raise CloudError("iam-error", "IAM refused")

    project.account.before = fail
    project.converge(desired)
    entry = MemoryLedger(project.state).pending()[ROLE]
    return entry.steps, entry.done, entry.action


def test_the_journal_says_how_far_a_change_came() -> None:
    moved = _with_role(attributes={"path": "/new/", "policy": POLICY})
    assert unfinished("delete", moved) == (("delete", "create"), 0, "replace")
    assert unfinished("create", moved) == (("delete", "create"), 1, "replace")
    widened = _with_role(attributes={"path": "/", "policy": {**POLICY, "Id": "x"}})
    assert unfinished("update", widened) == (("update",), 0, "update")
    assert unfinished("create", a_pipeline("orders"), is_new=True) == (("create",), 0, "create")


class Journal(MemoryLedger):
    """A journal that keeps every entry."""

    def __init__(self, state: MemoryStateStore) -> None:
        super().__init__(state)
        self.begun: list[JournalEntry] = []

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.begun.append(entry)
        super().begin(entry, fence)


def entries(address: Address, before: Any, after: Any) -> list[JournalEntry]:
    """Return what an apply says of what it changes from one to the other; it intends what is remembered then."""
    project = Project()
    project.converge(before)
    journal, plan = Journal(project.state), project.plan(after)
    lease = take(journal, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    providers = project.account.providers()
    effects = Effects(
        providers=providers, state=project.state, clock=project.clock, journal=journal, lease=lease, apply_id="a", plan_id="p"
    )
    list(execute(plan, effects, stop=Stop()))
    assert not journal.pending()
    found = [entry for entry in journal.begun if entry.address == address]
    known = project.state.applied().get(address)
    intended = replace(known, outputs={}, revision="") if known is not None else None
    assert all(entry.intended == intended for entry in found)
    return found


NAME, LOGS = "sales--dev--orders", Address("log_group", "orders")
PIPELINE = a_pipeline("orders")
ELSEWHERE = tuple(replace(one, physical_name="another") if one.address == LOGS else one for one in PIPELINE)
WIDENED = _with_role(attributes={"path": "/", "policy": {**POLICY, "Id": "x"}})
MOVED = _with_role(attributes={"path": "/new/", "policy": POLICY})


@pytest.mark.parametrize(
    ("address", "before", "after", "action", "name", "steps"),
    [
        (ROLE, (), PIPELINE, "create", NAME, ("create",)),
        (ROLE, PIPELINE, WIDENED, "update", NAME, ("update",)),
        (ROLE, PIPELINE, MOVED, "replace", NAME, ("delete", "create")),
        (LOGS, PIPELINE, ELSEWHERE, "replace", "another", ("create", "delete")),
        (ROLE, PIPELINE, (), "delete", NAME, ("delete",)),
    ],
)
def test_each_step_of_a_change_is_begun_with_what_it_leads_to(
    address: Address, before: Any, after: Any, action: str, name: str, steps: tuple[str, ...]
) -> None:
    found = entries(address, before, after)
    assert [one.done for one in found] == list(range(len(steps)))
    for one in found:
        assert (one.action, one.physical_name, one.steps, one.apply_id, one.plan_id) == (action, name, steps, "a", "p")


def test_what_was_begun_is_read_through_the_retries() -> None:
    project = Project()

    def fail(verb: str, name: str) -> None:
        raise CloudError("iam-error", "IAM refused")

    project.account.before = fail
    project.converge(a_pipeline("orders"))
    ledger = MemoryLedger(project.state)
    assert RetryingJournal(ledger, Retrying(clock=project.clock)).pending() == ledger.pending() != {}


def test_a_renewal_that_was_throttled_was_not_stored_and_nobody_looks() -> None:
    class Slowing(MemoryLedger):
        is_slow, looks = False, 0

        def read(self) -> LockRecord | None:
            self.looks += 1
            return super().read()

        def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
            if self.is_slow:
                raise Throttled("throttled", "slow down")
            super().swap(record, over=over)

    store, clock = Slowing(MemoryStateStore(SCOPE)), ManualClock()
    lease = take(store, clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    before, looks = MemoryLedger.read(store), store.looks
    store.is_slow = True
    clock.sleep(LeaseTerms().renew_seconds)
    lease.beat()
    with pytest.raises(Throttled):
        lease.permit()
    assert (store.looks, MemoryLedger.read(store)) == (looks, before)
    store.is_slow = False
    lease.permit()
    assert MemoryLedger.read(store) != before


def test_a_version_that_vanishes_meanwhile_names_no_function() -> None:
    class Vanishing(Store):
        def machine_version(self, version_arn: str) -> MachineVersion | None:
            return None if number_of(version_arn) == 15 else super().machine_version(version_arn)

    store = Vanishing()
    remove_old(Retention(machine_arn=MACHINE, function_arns=(FUNCTION,), kept=10, as_of=NOW), store, None)
    assert store.function == [2, *range(11, 21)]
