"""What a store of verifications promises (`bunsui.ports.hints.VerificationStore`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.errors import Conflict
from bunsui.model.address import Address
from bunsui.ports.hints import Verification, VerificationStore
from tests.contracts.conftest import Cloud

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ONE = Verification(
    looked_at=NOW,
    verified={Address("role", "orders", "extract.fetch"): NOW, Address("state_machine", "orders"): NOW - timedelta(days=1)},
    doubted={Address("schedule", "orders", "daily"): NOW},
)


@pytest.fixture
def store(cloud: Cloud) -> VerificationStore:
    """Each implementation, empty."""
    return dynamodb(cloud)


def dynamodb(cloud: Cloud) -> DynamoDBVerificationStore:
    """A store on a table of its own."""
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    client.ensure_table()
    return DynamoDBVerificationStore(client, cloud.scope)


def test_nothing_is_stored_at_first(store: VerificationStore) -> None:
    assert store.load() is None


def test_what_was_stored_is_given_back_with_its_version(store: VerificationStore) -> None:
    store.store(ONE)
    assert store.load() == replace(ONE, version=1)


def test_who_loaded_the_latest_may_replace_it(store: VerificationStore) -> None:
    store.store(ONE)
    store.store(Verification(looked_at=NOW + timedelta(hours=1), version=1))
    assert store.load() == Verification(looked_at=NOW + timedelta(hours=1), version=2)


def test_who_was_overtaken_replaces_nothing(store: VerificationStore) -> None:
    store.store(ONE)
    with pytest.raises(Conflict):
        store.store(Verification(looked_at=NOW + timedelta(hours=1), version=0))
    assert store.load() == replace(ONE, version=1)


def test_without_a_table_nothing_is_stored(cloud: Cloud) -> None:
    store = DynamoDBVerificationStore(DynamoDBClient(cloud.connection, table="bunsui-state-none"), cloud.scope)
    store.store(ONE)
    assert store.load() is None


@pytest.mark.slow
def test_of_more_than_fits_in_an_item_the_latest_are_given_up(cloud: Cloud) -> None:
    store = dynamodb(cloud)
    names = [f"{number * 7919 % 1000003:06d}-{number * 104729 % 999983:06d}-orders" for number in range(60_000)]
    many = {Address("role", name): NOW + timedelta(seconds=number) for number, name in enumerate(names)}
    store.store(Verification(looked_at=NOW, verified=many))
    found = store.load()
    assert found is not None
    assert 0 < len(found.verified) < len(many)
    assert set(found.verified) == set(list(many)[: len(found.verified)])
