"""What the store of alerts promises (`bunsui.ports.alerts.kept`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.alert_documents import book_document
from bunsui.aws.stores.alerts import DynamoDBAlertStore
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Conflict, Missing, Refused
from bunsui.ports.alerts.kept import AlertBook, AlertDelivery, AlertMatter, AlertStore
from bunsui.ports.notifications import Notification, NotificationLink, Urgency
from bunsui.stored_words import StoredForm
from tests.contracts.conftest import Cloud

NIGHT = datetime(2026, 3, 29, 3, 12, 28, 5, tzinfo=UTC)
MATTER = AlertMatter(
    kind="late",
    fingerprint="nightly/06:00",
    first_at=NIGHT,
    last_at=NIGHT,
    ordered=NIGHT,
    session="01KBH3X2J4ABCDEFGHJKMNPQRT",
    count=3,
    untold=1,
    told_at=NIGHT,
    is_open=True,
    text="nightly 2026-03-29T01:00:00+00:00 2026-03-29T04:00:00+00:00",
)
BOOK = AlertBook(pipeline="orders", since=NIGHT, matters=(MATTER,), seen={"failed/x/0": NIGHT})
MESSAGE = Notification(
    key="late-0123456789abcdef-20260329T031228Z",
    subject="orders is late — 水",
    lines=("one", "two"),
    facts=(("Slot", "2026-03-29"), ("Slot", "twice")),
    severity=Urgency.WARNING,
    links=(NotificationLink(label="console", url="https://example.com/#/x"),),
)
DELIVERY = AlertDelivery(channel="oncall", pipeline="orders", kind="late", made_at=NIGHT, notification=MESSAGE)
Stores = Callable[[], AlertStore]
"""Opens the same store again, as another process does."""


@pytest.fixture
def alert_stores(cloud: Cloud) -> Stores:
    """Each implementation, with its table."""
    DynamoDBStateStore(table_of(cloud), cloud.scope).ensure()
    return lambda: DynamoDBAlertStore(table_of(cloud), cloud.scope)


def table_of(cloud: Cloud) -> DynamoDBClient:
    return DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")


def test_nothing_is_told_of_an_environment_at_which_nobody_looked(alert_stores: Stores) -> None:
    store = alert_stores()
    assert (dict(store.books()), list(store.open_deliveries()), list(store.settled_deliveries())) == ({}, [], [])


def test_a_book_and_its_messages_are_given_back_as_they_were_stored(alert_stores: Stores) -> None:
    stored = alert_stores().write(BOOK, [DELIVERY])
    assert stored == replace(BOOK, row_version=1)
    assert alert_stores().books() == {"orders": stored}
    assert alert_stores().open_deliveries() == [replace(DELIVERY, row_version=1)]


def test_who_judged_an_older_book_writes_nothing_of_it(alert_stores: Stores) -> None:
    alert_stores().write(BOOK)
    for late in (BOOK, replace(BOOK, row_version=7)):
        with pytest.raises(Conflict):
            alert_stores().write(late, [DELIVERY])
    assert list(alert_stores().open_deliveries()) == []
    assert alert_stores().books()["orders"].row_version == 1


def test_books_of_pipelines_are_apart(alert_stores: Stores) -> None:
    store = alert_stores()
    store.write(AlertBook(pipeline="", since=NIGHT))
    store.write(BOOK)
    assert sorted(store.books()) == ["", "orders"]


def test_one_of_two_claims_a_message(alert_stores: Stores) -> None:
    alert_stores().write(BOOK, [DELIVERY])
    [read] = alert_stores().open_deliveries()
    claimed = alert_stores().save(replace(read, claimed_at=NIGHT, tries=1))
    with pytest.raises(Conflict):
        alert_stores().save(replace(read, claimed_at=NIGHT + timedelta(seconds=1), tries=1))
    assert alert_stores().open_deliveries() == [claimed]


def test_what_is_settled_is_no_longer_open_and_can_be_looked_up_the_newest_first(alert_stores: Stores) -> None:
    store = alert_stores()
    other = replace(DELIVERY, channel="sales", made_at=NIGHT + timedelta(seconds=1))
    store.write(BOOK, [DELIVERY, other])
    first, second = store.open_deliveries()
    told = store.save(replace(first, state="told", settled_at=NIGHT + timedelta(hours=1)))
    given_up = store.save(replace(second, state="given up", settled_at=NIGHT + timedelta(hours=2), problem="gone"))
    assert list(store.open_deliveries()) == []
    assert list(store.settled_deliveries()) == [given_up, told]
    assert list(store.settled_deliveries(limit=1)) == [given_up]
    with pytest.raises(Conflict):
        store.save(first)


def test_a_message_takes_the_place_of_one_that_is_open_unless_somebody_wrote_that_meanwhile(alert_stores: Stores) -> None:
    store = alert_stores()
    held = replace(DELIVERY, not_before=NIGHT + timedelta(hours=4), repeats=3, told_before=NIGHT)
    book = store.write(BOOK, [held])
    [read] = alert_stores().open_deliveries()
    assert read == replace(held, row_version=1)
    newer = replace(held, notification=replace(MESSAGE, key="late-0123456789abcdef-20260329T041228Z"), repeats=4)
    claimed = store.save(replace(read, claimed_at=NIGHT, tries=1))
    with pytest.raises(Conflict):
        store.write(book, [newer], [read])
    assert (list(alert_stores().open_deliveries()), alert_stores().books()) == ([claimed], {"orders": book})
    store.write(book, [newer], [claimed])
    assert list(alert_stores().open_deliveries()) == [replace(newer, row_version=1)]
    assert list(alert_stores().settled_deliveries()) == []


def test_eight_who_judge_at_once_store_one_message(alert_stores: Stores) -> None:
    stored: list[AlertBook] = []

    def judge() -> None:
        try:
            stored.append(alert_stores().write(BOOK, [DELIVERY]))
        except Conflict:
            return

    threads = [threading.Thread(target=judge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 1
    assert len(alert_stores().open_deliveries()) == 1


def test_nothing_is_stored_where_nothing_was_applied(cloud: Cloud) -> None:
    store = DynamoDBAlertStore(table_of(cloud), cloud.scope)
    assert dict(store.books()) == {}
    with pytest.raises(Missing):
        store.write(BOOK)


@pytest.mark.parametrize("place", ["kind", "format"])
def test_what_only_a_newer_bunsui_knows_is_refused(alert_stores: Stores, cloud: Cloud, place: str) -> None:
    document = book_document(replace(BOOK, matters=(replace(MATTER, kind="tomorrow"),) if place == "kind" else ()))
    [part] = chunks(document, StoredForm.ALERT_BOOK)
    newer = {"format": 99} if place == "format" else {}
    pk = f"{partition_of(cloud.scope)}#alerts"
    table_of(cloud).put({"pk": pk, "sk": "book#orders", "row_version": 1, **part, **newer})
    with pytest.raises(Refused) as refused:
        alert_stores().books()
    assert refused.value.code == "newer-bunsui"
