"""What the store of pools promises (`bunsui.ports.session_rows.PoolStore`)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks
from bunsui.aws.stores.pools import DynamoDBPoolStore, pool_document
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Conflict, Missing, Refused
from bunsui.model.admission.concurrency import MOST_AT_ONCE
from bunsui.model.admission.pools import SlotHolder, SlotPool, SlotTicket
from bunsui.ports.session_rows import PoolStore
from bunsui.sessions.admission.pool import MOST_TICKETS
from bunsui.stored_words import StoredForm
from tests.contracts.conftest import Cloud

NIGHT = datetime(2026, 3, 29, 3, 12, 28, 123456, tzinfo=UTC)
HOLDER = SlotHolder(session="01KBH3X2J4ABCDEFGHJKMNPQRT", execution_arn="arn:x:1", redrive=2, since=NIGHT)
TICKET = SlotTicket(
    session="01KBH3X2J4ABCDEFGHJKMNPQRS", execution_arn="arn:x:2", redrive=0, since=NIGHT, seen_at=NIGHT, beats=3, replaces=True
)
POOL = SlotPool(name="orders", holders=(HOLDER,), tickets=(TICKET,))
Stores = Callable[[], PoolStore]
"""Opens the same store again, as another process does."""


@pytest.fixture
def pool_stores(cloud: Cloud) -> Stores:
    """Each implementation, with its table."""
    DynamoDBStateStore(table_of(cloud), cloud.scope).ensure()
    return lambda: DynamoDBPoolStore(table_of(cloud), cloud.scope)


def table_of(cloud: Cloud) -> DynamoDBClient:
    return DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")


def test_a_pool_that_nobody_used_is_empty(pool_stores: Stores) -> None:
    assert pool_stores().read("orders") == SlotPool(name="orders")


def test_a_pool_is_given_back_as_it_was_stored_and_apart_from_others(pool_stores: Stores) -> None:
    stored = pool_stores().write(POOL)
    assert stored == replace(POOL, row_version=1)
    assert pool_stores().read("orders") == stored
    assert pool_stores().read("order") == SlotPool(name="order")


@pytest.mark.parametrize("known", [0, 1])
def test_who_read_an_older_pool_writes_nothing_over_it(pool_stores: Stores, known: int) -> None:
    first = pool_stores().write(POOL)
    newest = pool_stores().write(replace(first, tickets=()))
    with pytest.raises(Conflict) as conflict:
        pool_stores().write(replace(POOL, holders=(), row_version=known))
    assert conflict.value.code == "pool-changed"
    assert pool_stores().read("orders") == newest


def test_of_eight_who_take_the_last_slot_one_has_it(pool_stores: Stores) -> None:
    taken: list[int] = []

    def take(number: int) -> None:
        store = pool_stores()
        try:
            store.write(replace(SlotPool(name="orders"), holders=(replace(HOLDER, redrive=number),)))
        except Conflict:
            return
        taken.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.redrive for one in pool_stores().read("orders").holders] == taken


def test_the_largest_pool_fits(pool_stores: Stores) -> None:
    arn = "arn:aws-us-gov:states:us-gov-east-1:111111111111:execution:" + "m" * 80 + ":"
    full = replace(
        POOL,
        holders=tuple(replace(HOLDER, execution_arn=arn + secrets.token_hex(40)) for _ in range(MOST_AT_ONCE)),
        tickets=tuple(replace(TICKET, execution_arn=arn + secrets.token_hex(40)) for _ in range(MOST_TICKETS)),
    )
    assert pool_stores().write(full) == pool_stores().read("orders")


def test_before_the_first_apply_there_is_nothing_to_write_to(cloud: Cloud) -> None:
    with pytest.raises(Missing):
        DynamoDBPoolStore(table_of(cloud), cloud.scope).write(POOL)


def test_what_a_newer_bunsui_stored_is_refused(pool_stores: Stores, cloud: Cloud) -> None:
    [part] = chunks(pool_document(POOL), StoredForm.POOL)
    pk = f"{partition_of(cloud.scope)}#pools"
    table_of(cloud).put({"pk": pk, "sk": "orders", "row_version": 1, **part, "format": 99})
    with pytest.raises(Refused) as refused:
        pool_stores().read("orders")
    assert refused.value.code == "newer-bunsui"
