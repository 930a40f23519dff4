"""What the trail of acts on sessions promises (`bunsui.ports.acts`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.apply.act_trail import act_document
from bunsui.apply.trail import verify
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.acts import DynamoDBActLog
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Missing, Refused
from bunsui.ports.acts import ActLog, ActRecord, ActsHead
from bunsui.ports.ledger import Actor
from bunsui.stored_words import StoredForm
from tests.contracts.conftest import Cloud

NOON = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
RECORD = ActRecord(
    id="one",
    at=NOON,
    act="stop",
    call="StopExecution",
    actor=Actor(who="arn:aws:iam::1:user/水", host="context", link="https://ci/1"),
    pipeline="daily",
    session="01KBH3X2J4ABCDEFGHJKMNPQRT",
    attempt=2,
    execution_arn="arn:aws:states:eu-west-1:1:execution:daily:x",
    slot=NOON,
    params=("day", "region"),
    reason="wrong day — 水",
)
Logs = Callable[[], ActLog]
"""Opens the same trail again, as another process does."""


@pytest.fixture
def logs(cloud: Cloud) -> Logs:
    """Each implementation, with its table."""
    client = table_of(cloud)
    DynamoDBStateStore(client, cloud.scope).ensure()
    return lambda: DynamoDBActLog(table_of(cloud), cloud.scope)


def table_of(cloud: Cloud) -> DynamoDBClient:
    return DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")


def test_a_trail_without_acts_is_empty(logs: Logs) -> None:
    assert logs().head() == ActsHead()
    assert list(logs().acts()) == []
    assert verify(logs().acts(), logs().head()).broken is None


def test_an_act_is_given_back_as_it_was_stored_with_its_place(logs: Logs) -> None:
    stored = logs().append(RECORD)
    assert stored == replace(RECORD, serial=1)
    (found,) = logs().acts()
    assert found == stored
    assert found.hash == stored.hash == logs().head().head_hash


def test_each_act_follows_the_one_before(logs: Logs) -> None:
    log = logs()
    first, second = log.append(RECORD), log.append(replace(RECORD, id="two", of="one", outcome="failed", error="missing"))
    assert (second.serial, second.previous) == (2, first.hash)
    assert [one.id for one in log.acts()] == ["two", "one"]
    assert verify(log.acts(), log.head()).links == 2


def test_who_read_the_head_too_early_follows_the_last_act_all_the_same(logs: Logs) -> None:
    log = logs()
    log.append(RECORD)
    logs().append(replace(RECORD, id="two"))
    assert log.append(replace(RECORD, id="three")).serial == 3
    assert verify(log.acts(), log.head()).broken is None


def test_eight_writers_at_once_make_one_chain_without_a_gap(logs: Logs) -> None:
    def write(writer: int) -> None:
        log = logs()
        for number in range(4):
            log.append(replace(RECORD, id=f"{writer}-{number}"))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = logs().acts()
    assert {one.id for one in found} == {f"{writer}-{number}" for writer in range(8) for number in range(4)}
    assert [one.serial for one in found] == list(range(32, 0, -1))
    assert verify(found, logs().head()).broken is None


def test_nothing_is_recorded_where_nothing_was_applied(cloud: Cloud) -> None:
    with pytest.raises(Missing):
        DynamoDBActLog(table_of(cloud), cloud.scope).append(RECORD)


def test_an_act_that_was_edited_in_the_table_is_named(logs: Logs, cloud: Cloud) -> None:
    log = logs()
    first = log.append(RECORD)
    log.append(replace(RECORD, id="two"))
    put_act(cloud, replace(first, actor=Actor(who="somebody else")))
    broken = verify(log.acts(), log.head()).broken
    assert broken is not None
    assert (broken.serial, broken.id) == (2, "two")


def test_an_act_that_was_put_behind_the_last_one_is_named(logs: Logs, cloud: Cloud) -> None:
    log = logs()
    first = log.append(RECORD)
    put_act(cloud, replace(RECORD, id="two", serial=2, previous=first.hash))
    broken = verify(log.acts(), log.head()).broken
    assert broken is not None
    assert broken.id == "two"


def test_an_act_that_only_a_newer_bunsui_knows_is_refused(logs: Logs, cloud: Cloud) -> None:
    put_act(cloud, replace(RECORD, serial=1, act="postpone"))
    with pytest.raises(Refused) as refused:
        logs().acts()
    assert refused.value.facts["unknown"] == "act postpone"


def test_an_append_whose_answer_was_lost_is_counted_once(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    log = logs()
    log.append(RECORD)
    write = DynamoDBClient.write

    def twice(client: DynamoDBClient, *arguments: object, **named: object) -> None:
        write(client, *arguments, **named)  # type: ignore[arg-type]
        write(client, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(DynamoDBClient, "write", twice)
    assert log.append(replace(RECORD, id="two")).serial == 2
    assert [one.id for one in log.acts()] == ["two", "one"]
    assert verify(log.acts(), log.head()).broken is None


def put_act(cloud: Cloud, record: ActRecord) -> None:
    """Put a record into the table past the log."""
    [part] = chunks(act_document(record), StoredForm.ACT)
    table_of(cloud).put({"pk": f"{partition_of(cloud.scope)}#acts", "sk": f"act#{record.serial:012d}", **part})
