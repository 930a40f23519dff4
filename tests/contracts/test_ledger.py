"""What the lock, the journal and the record of applies promise (`bunsui.ports.ledger`)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.apply.trail import record_document, verify
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.deployments import DynamoDBDeploymentStore
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Conflict
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.resource import AppliedResource
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, JournalEntry, Ledger, LockRecord, StateMark
from bunsui.ports.storage import StateStore
from bunsui.stored_words import StoredForm
from tests.contracts.conftest import Cloud
from tests.contracts.test_state_store import FUNCTION, ROLE

NOON = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
FREE = LockRecord(
    id="one",
    fence=1,
    version="v1",
    held=True,
    lease_seconds=7.5,
    operation="apply",
    actor=Actor(who="arn:aws:iam::1:user/水", host="context", link=""),
    since=NOON,
)
FENCE = Fence(id="one", number=1)
ENTRY = JournalEntry(
    address=ROLE.address,
    physical_name=ROLE.physical_name,
    action="replace",
    steps=("create", "delete"),
    done=1,
    apply_id="01",
    plan_id="p",
    intended=ROLE,
)
RECORD = ApplyRecord(
    id="0001",
    operation="apply",
    actor=Actor(who="mika", host="context", link="https://ci/1"),
    begun_at=NOON,
    commit="f00d*",
    plan_id="p1",
    digest="0" * 64,
    fence=1,
    facts={"done": 3, "why": None},
)


Room = tuple[StateStore, Ledger]


@pytest.fixture
def room(cloud: Cloud) -> Room:
    """Each implementation, with its table."""
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    state = DynamoDBStateStore(client, cloud.scope)
    state.ensure()
    log = DynamoDBApplyLog(client, cloud.scope)
    return state, Ledger(
        locks=DynamoDBLockStore(client, cloud.scope),
        journal=DynamoDBJournal(client, cloud.scope),
        log=log,
        deployed=DynamoDBDeploymentStore(client, cloud.scope),
    )


def test_a_lock_that_was_never_taken_has_no_record(room: Room) -> None:
    assert room[1].locks.read() is None


def test_the_lock_is_given_back_as_it_was_stored(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    assert ledger.locks.read() == FREE


def test_the_lock_changes_only_over_the_version_that_was_seen(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    with pytest.raises(Conflict):
        ledger.locks.swap(replace(FREE, version="v2"), over=None)
    ledger.locks.swap(replace(FREE, version="v2", fence=2), over=FREE)
    with pytest.raises(Conflict):
        ledger.locks.swap(replace(FREE, version="v3"), over=FREE)
    found = ledger.locks.read()
    assert found is not None
    assert (found.version, found.fence) == ("v2", 2)


def test_of_many_who_swap_at_once_one_wins(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    won: list[int] = []

    def one(number: int) -> None:
        try:
            ledger.locks.swap(replace(FREE, version=f"n{number}"), over=FREE)
            won.append(number)
        except Conflict:
            pass

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_an_entry_is_pending_until_it_is_settled(room: Room) -> None:
    state, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.journal.begin(replace(ENTRY, done=0), FENCE)
    ledger.journal.begin(ENTRY, FENCE)
    assert ledger.journal.pending() == {ROLE.address: ENTRY}
    assert state.applied() == {}
    ledger.journal.settle({ROLE.address: ROLE}, FENCE)
    assert ledger.journal.pending() == {}
    assert state.applied() == {ROLE.address: ROLE}


def test_several_resources_are_settled_at_once_and_some_of_them_forgotten(room: Room) -> None:
    state, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.journal.settle({ROLE.address: ROLE}, FENCE)
    ledger.journal.begin(replace(ENTRY, intended=None), FENCE)
    ledger.journal.settle({FUNCTION.address: FUNCTION, ROLE.address: None, Address("role", "nowhere"): None}, FENCE)
    assert state.applied() == {FUNCTION.address: FUNCTION}
    assert ledger.journal.pending() == {}


def test_the_text_of_a_pipeline_is_kept_with_what_is_settled_until_its_machine_goes(room: Room) -> None:
    state, ledger = room
    ledger.locks.swap(FREE, over=None)
    kept = [
        AppliedText(pipeline=name, text=f'{{"title":"水 {name}"}}', kept_at=NOON) for name in ("a", "b", "c", "d", "e", "ab")
    ]
    ledger.journal.settle({ROLE.address: ROLE}, FENCE, texts=kept)
    ledger.journal.settle({FUNCTION.address: FUNCTION}, FENCE, texts=[replace(kept[0], text="{}")])
    found = state.texts(["a", "nowhere"])
    assert {name: replace(text, written_by="") for name, text in found.items()} == {"a": replace(kept[0], text="{}")}
    assert state.texts(["a", "b", "c", "d", "e"]).keys() == {"a", "b", "c", "d", "e"}
    assert state.applied().keys() == {ROLE.address, FUNCTION.address}
    ledger.journal.settle({Address("state_machine", "a"): None, Address("role", "b"): None}, FENCE)
    assert state.texts(["a", "b"]).keys() == {"b"}


@pytest.mark.parametrize("fence", [Fence(id="one", number=2), Fence(id="two", number=1)])
def test_nothing_is_written_under_another_fence(room: Room, fence: Fence) -> None:
    state, ledger = room
    ledger.locks.swap(FREE, over=None)
    for write in (
        lambda: ledger.journal.begin(ENTRY, fence),
        lambda: ledger.journal.settle({ROLE.address: ROLE}, fence),
        lambda: ledger.log.open(RECORD, fence),
        lambda: ledger.log.close(RECORD, fence),
    ):
        with pytest.raises(Conflict):
            write()
    assert (state.applied(), ledger.journal.pending(), ledger.log.mark()) == ({}, {}, StateMark())


def test_nothing_is_written_under_a_lock_that_was_given_back(room: Room) -> None:
    state, ledger = room
    ledger.locks.swap(replace(FREE, held=False), over=None)
    with pytest.raises(Conflict):
        ledger.journal.settle({ROLE.address: ROLE}, FENCE)
    assert state.applied() == {}


def test_each_apply_counts_and_the_lineage_stays(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    assert ledger.log.mark() == StateMark()
    assert ledger.log.open(RECORD, FENCE).before == StateMark()
    first = ledger.log.mark()
    assert first.lineage
    assert first.serial == 1
    assert ledger.log.open(replace(RECORD, id="0002"), FENCE).before == first
    assert ledger.log.mark() == replace(first, serial=2)


def test_applies_are_listed_newest_first_as_they_ended(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ended = replace(ledger.log.open(RECORD, FENCE), outcome="complete", ended_at=NOON)
    ledger.log.close(ended, FENCE)
    later = ledger.log.open(replace(RECORD, id="0002", plan_id=""), FENCE)
    assert list(ledger.log.applies(limit=5)) == [later, ended]
    assert list(ledger.log.applies(limit=1)) == [later]
    assert list(ledger.log.applies(limit=None)) == [later, ended]
    assert ledger.log.of_plan("p1") == ended
    assert ledger.log.of_plan("p2") is None


def test_the_trail_is_a_chain_from_its_first_record_to_the_mark(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    first = ledger.log.open(RECORD, FENCE)
    ledger.log.close(replace(first, outcome="complete", ended_at=NOON), FENCE)
    ledger.log.open(replace(RECORD, id="0002"), FENCE)  # killed
    last = ledger.log.open(replace(RECORD, id="0003", facts={"why": "水"}), FENCE)
    ledger.log.close(replace(last, outcome="failed", ended_at=NOON), FENCE)
    records = ledger.log.applies(limit=None)
    assert [record.serial for record in records] == [3, 2, 1]
    assert records[0].previous == records[1].hash
    found = verify(records, ledger.log.mark())
    assert (found.links, found.broken, found.head) == (3, None, ledger.log.mark().head_hash)


def test_a_record_that_was_edited_in_the_table_breaks_the_chain(room: Room, cloud: Cloud) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    first = ledger.log.open(RECORD, FENCE)
    ledger.log.open(replace(RECORD, id="0002"), FENCE)
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    [part] = chunks({**record_document(first), "who": "somebody else"}, StoredForm.APPLY)
    client.put({"pk": partition_of(cloud.scope), "sk": "apply#0001", **part})
    broken = verify(ledger.log.applies(limit=None), ledger.log.mark()).broken
    assert broken is not None
    assert (broken.serial, broken.id) == (2, "0002")


def test_an_open_whose_answer_was_lost_is_counted_once(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    first = ledger.log.open(RECORD, FENCE)
    assert ledger.log.open(RECORD, FENCE) == first
    assert ledger.log.mark().serial == 1
    assert verify(ledger.log.applies(limit=None), ledger.log.mark()).broken is None


def test_many_threads_settle_under_one_lock(room: Room) -> None:
    state, ledger = room
    ledger.locks.swap(FREE, over=None)
    resources = [replace(ROLE, address=Address("role", f"p{number}")) for number in range(12)]

    def one(resource: AppliedResource) -> None:
        ledger.journal.begin(replace(ENTRY, address=resource.address), FENCE)
        ledger.journal.settle({resource.address: resource}, FENCE)

    threads = [threading.Thread(target=one, args=(resource,)) for resource in resources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.applied() == {resource.address: resource for resource in resources}
    assert ledger.journal.pending() == {}


def test_a_record_follows_the_mark_that_was_read_before(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.log.open(RECORD, FENCE)
    before = ledger.log.mark()
    assert ledger.log.open(replace(RECORD, id="0002"), FENCE).before == before
    assert ledger.log.mark().serial == 2
    assert verify(ledger.log.applies(limit=None), ledger.log.mark()).broken is None


def test_a_record_follows_the_last_one_also_where_the_mark_was_read_too_early(room: Room, cloud: Cloud) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.log.open(RECORD, FENCE)
    ledger.log.mark()
    another = DynamoDBApplyLog(DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}"), cloud.scope)
    another.open(replace(RECORD, id="0002"), FENCE)
    assert ledger.log.open(replace(RECORD, id="0003"), FENCE).serial == 3
    assert verify(ledger.log.applies(limit=None), ledger.log.mark()).links == 3
    assert verify(ledger.log.applies(limit=None), ledger.log.mark()).broken is None


def test_a_mark_that_was_read_does_not_replace_the_lock(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.log.open(RECORD, FENCE)
    ledger.log.mark()
    with pytest.raises(Conflict):
        ledger.log.open(replace(RECORD, id="0002"), Fence(id="another", number=2))
    assert ledger.log.mark().serial == 1


DEPLOYMENT = Deployment(
    pipeline="orders",
    id="0001",
    act=DeploymentAct.APPLIED,
    version_arn="arn:machine:orders:4",
    at=NOON,
    commit="f00d*",
    who="mika",
    link="https://ci/1",
    functions=("arn:aws:lambda:us-east-1:1:function:f:3",),
    code={"lambda_function.orders.load": "ab12"},
    role_policy={"Version": "2012-10-17", "Statement": []},
    before="arn:machine:orders:3",
    before_remark="live (90 % to 3, 10 % to 2)",
    is_first=True,
    verifies=True,
)
HOLD = Hold(
    pipeline="orders",
    id="0002",
    version_arn="arn:machine:orders:3",
    from_version_arn="arn:machine:orders:4",
    since=NOON,
    who="mika",
    reason="totals 水",
)
PAUSE = Pause(
    pipeline="orders", id="0003", since=NOON, who="mika", reason="down", until=NOON, schedules=("schedule.orders.nightly",)
)


def test_deployments_are_given_back_newest_first_and_of_one_pipeline(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    rolled_back = replace(DEPLOYMENT, id="0002", act=DeploymentAct.ROLLED_BACK, reason="why", role_policy=None, is_first=False)
    ledger.deployed.write([DEPLOYMENT, rolled_back, replace(DEPLOYMENT, pipeline="orders-2", id="0009")], FENCE)
    assert ledger.deployed.deployments("orders") == [rolled_back, DEPLOYMENT]
    assert ledger.deployed.deployments("orders", limit=1) == [rolled_back]
    assert ledger.deployed.deployments("nothing") == []


def test_a_hold_and_a_pause_stand_until_they_are_ended(room: Room) -> None:
    _, ledger = room
    assert ledger.deployed.interventions() == Interventions()
    ledger.locks.swap(FREE, over=None)
    endless = replace(PAUSE, pipeline="other", until=None, schedules=())
    ledger.deployed.write([HOLD, PAUSE, endless], FENCE)
    assert ledger.deployed.interventions() == Interventions(holds={"orders": HOLD}, pauses={"orders": PAUSE, "other": endless})
    ledger.deployed.write([], FENCE, ends=[HOLD, endless])
    assert ledger.deployed.interventions() == Interventions(pauses={"orders": PAUSE})


def test_a_deployment_ends_the_hold_of_its_pipeline_in_one_step_and_leaves_its_pause(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.deployed.write([HOLD, PAUSE, replace(HOLD, pipeline="other")], FENCE)
    ledger.journal.settle({ROLE.address: ROLE}, FENCE, deployments=[DEPLOYMENT])
    assert ledger.deployed.deployments("orders") == [DEPLOYMENT]
    left = ledger.deployed.interventions()
    assert (list(left.holds), list(left.pauses)) == (["other"], ["orders"])


def test_with_a_machine_its_hold_and_its_pause_are_forgotten(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    ledger.deployed.write([HOLD, PAUSE], FENCE)
    ledger.journal.settle({Address("state_machine", "orders"): None}, FENCE)
    assert ledger.deployed.interventions() == Interventions()


def test_whoever_lost_the_lock_writes_no_hold(room: Room) -> None:
    _, ledger = room
    ledger.locks.swap(FREE, over=None)
    with pytest.raises(Conflict):
        ledger.deployed.write([HOLD], Fence(id="one", number=0))
    assert ledger.deployed.interventions() == Interventions()
