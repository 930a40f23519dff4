"""What a state store promises (`bunsui.ports.storage.StateStore`)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.recovery import DynamoDBRecovery
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Refused, Unavailable
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource, Scope
from bunsui.ports.storage import StateStore
from tests.contracts.conftest import Cloud

ROLE = AppliedResource(
    address=Address("role", "orders"),
    physical_name="shop--prod--orders",
    attributes={"trust": {"Statement": [{"Action": "sts:AssumeRole"}]}, "boundary": None, "名": "注文"},
    outputs={"arn": "arn:aws:iam::123456789012:role/r"},
    revision="abc",
    written_at=datetime(2026, 1, 31, 3, 0, 0, 123456, tzinfo=UTC),
    commit="f00d*",
)
FUNCTION = AppliedResource(
    address=Address("lambda_function", "orders", "extract.fetch"),
    physical_name="shop--prod--orders--extract-fetch",
    attributes={"memory_mb": 128, "environment": {}},
    depends_on=(ROLE.address,),
    files={"code/main.py": "0123456789ab"},
)


def store_of(cloud: Cloud, scope: Scope | None = None) -> DynamoDBStateStore:
    """A store on the cloud's own table."""
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    return DynamoDBStateStore(client, scope or cloud.scope)


@pytest.fixture
def store(cloud: Cloud) -> StateStore:
    """Each implementation, with its table."""
    made = store_of(cloud)
    made.ensure()
    return made


def test_a_store_without_a_table_is_empty(cloud: Cloud) -> None:
    store = store_of(cloud)
    assert store.applied() == {}
    store.forget(ROLE.address)


def test_the_table_is_made_once(cloud: Cloud) -> None:
    assert store_of(cloud).ensure() is True
    assert store_of(cloud).ensure() is False


@pytest.mark.parametrize("with_managed_key", [False, True])
def test_the_table_is_encrypted_by_the_key_that_was_said(cloud: Cloud, with_managed_key: bool) -> None:
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}-keys")
    assert DynamoDBStateStore(client, cloud.scope, with_managed_key=with_managed_key).ensure() is True
    found = cloud.connection.reader("dynamodb").describe_table(TableName=client.table)["Table"]
    key = found.get("SSEDescription", {}).get("KMSMasterKeyArn", "")
    assert bool(key) is with_managed_key, (
        "a table of which nothing is said is encrypted by a key of AWS's own, which it does not name"
    )


def test_the_table_can_be_restored_once_that_is_switched_on(cloud: Cloud) -> None:
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    recovery = DynamoDBRecovery(client)
    assert recovery.is_on() is None
    client.ensure_table()
    assert recovery.is_on() is False
    recovery.switch_on()
    recovery.switch_on()
    assert recovery.is_on() is True


def test_when_a_pipelines_machine_and_roles_were_written_is_told(cloud: Cloud) -> None:
    store = store_of(cloud)
    assert store.last_written("orders") is None
    store.ensure()
    later = datetime(2026, 2, 1, tzinfo=UTC)
    others = replace(ROLE, address=Address("role", "orders-of-others"), written_at=datetime(2027, 1, 1, tzinfo=UTC))
    for resource in (
        ROLE,
        replace(ROLE, address=Address("role", "orders", "extract.fetch"), written_at=later),
        FUNCTION,
        others,
    ):
        store.put(resource)
    assert store.last_written("orders") == later


def test_what_was_put_is_given_back(store: StateStore) -> None:
    store.put(ROLE)
    store.put(FUNCTION)
    assert store.applied() == {ROLE.address: ROLE, FUNCTION.address: FUNCTION}


def test_putting_again_replaces(store: StateStore) -> None:
    store.put(ROLE)
    newer = replace(ROLE, attributes={"trust": {}}, revision="def")
    store.put(newer)
    assert store.applied() == {ROLE.address: newer}


def test_what_was_forgotten_is_gone_and_may_be_forgotten_again(store: StateStore) -> None:
    store.put(ROLE)
    store.put(FUNCTION)
    store.forget(ROLE.address)
    store.forget(ROLE.address)
    assert store.applied() == {FUNCTION.address: FUNCTION}


def test_resources_of_one_kind_are_read_alone(store: StateStore) -> None:
    schedule = replace(ROLE, address=Address("schedule", "orders", "nightly"))
    for one in (ROLE, FUNCTION, schedule, replace(ROLE, address=Address("schedule_group", "orders"))):
        store.put(one)
    assert store.applied("schedule") == {schedule.address: schedule}
    assert len(store.applied()) == 4


def test_one_resource_is_read_alone(cloud: Cloud) -> None:
    store = store_of(cloud)
    assert store.resource(ROLE.address) is None, "there is no table"
    store.ensure()
    large = replace(ROLE, attributes={"definition": secrets.token_hex(400_000)})
    store.put(large)
    store.put(replace(ROLE, address=Address("role", "orders-eu")))
    assert store.resource(ROLE.address) == large
    assert store.resource(FUNCTION.address) is None


def test_an_address_that_begins_like_another_is_another(store: StateStore) -> None:
    longer = replace(ROLE, address=Address("role", "orders-eu"))
    store.put(ROLE)
    store.put(longer)
    store.forget(ROLE.address)
    assert store.applied() == {longer.address: longer}


def test_attributes_larger_than_an_item_are_kept_whole(store: StateStore) -> None:
    large = replace(ROLE, attributes={"definition": secrets.token_hex(700_000)})
    store.put(large)
    assert store.applied() == {ROLE.address: large}
    store.put(ROLE)
    assert store.applied() == {ROLE.address: ROLE}
    store.forget(ROLE.address)
    assert store.applied() == {}


def test_many_resources_are_read_over_pages(store: StateStore) -> None:
    # A page of Query holds 1 MB
    resources = [
        replace(ROLE, address=Address("role", f"p{number}"), attributes={"x": secrets.token_hex(140_000)})
        for number in range(12)
    ]
    for resource in resources:
        store.put(resource)
    assert store.applied() == {resource.address: resource for resource in resources}


def test_environments_do_not_see_each_other(cloud: Cloud) -> None:
    store_of(cloud).ensure()
    store_of(cloud).put(ROLE)
    assert store_of(cloud, cloud.other_scope(environment="prod-eu")).applied() == {}


def test_whose_the_name_is_can_be_asked_also_without_a_table(cloud: Cloud) -> None:
    client = DynamoDBClient(cloud.connection, table=f"bunsui-owner-{cloud.scope.project}")
    store = DynamoDBStateStore(client, cloud.scope)
    before = store.owner_id()
    store.ensure()
    assert (before, store.owner_id()) == (None, cloud.scope.project_id)


def test_a_project_name_belongs_to_the_first_id_that_used_it(cloud: Cloud) -> None:
    store_of(cloud).ensure()
    store_of(cloud, replace(cloud.scope, environment="staging")).ensure()
    with pytest.raises(Refused) as refusal:
        store_of(cloud, replace(cloud.scope, project_id="another")).ensure()
    assert refusal.value.facts["other_id"] == cloud.scope.project_id


def test_a_project_under_another_name_is_refused_until_nothing_is_left_under_the_former(cloud: Cloud) -> None:
    former, renamed = store_of(cloud), store_of(cloud, replace(cloud.scope, project=f"{cloud.scope.project}-new"))
    former.ensure()
    former.put(ROLE)
    for refused in (renamed.applied, renamed.ensure):
        with pytest.raises(Refused) as refusal:
            refused()
        assert refusal.value.code == "project-renamed"
        assert f"project: {cloud.scope.project}`" in (refusal.value.hint or "")
    other = replace(cloud.scope, project=f"{cloud.scope.project}-new", environment="staging")
    assert store_of(cloud, other).applied() == {}
    former.forget(ROLE.address)
    renamed.ensure()
    renamed.put(ROLE)
    with pytest.raises(Refused, match="another name"):
        former.applied()


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [("body", b"not what was written", "state-corrupt"), ("sha256", "0" * 64, "state-corrupt"), ("format", 99, "newer-bunsui")],
)
def test_a_damaged_item_is_an_error_that_names_it(cloud: Cloud, attribute: str, value: str | int | bytes, code: str) -> None:
    store = store_of(cloud)
    store.ensure()
    store.put(ROLE)
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    [item] = client.query(f"{cloud.scope.project}#prod", prefix="inventory#")
    client.put({**item, attribute: value})
    with pytest.raises((Refused, Unavailable)) as failure:
        store.applied()
    assert failure.value.code == code
    assert failure.value.facts["item"] == "role.orders"


def test_addresses_are_known_even_where_an_item_is_damaged(cloud: Cloud) -> None:
    store = store_of(cloud)
    store.ensure()
    store.put(ROLE)
    store.put(FUNCTION)
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    [item] = client.query(f"{cloud.scope.project}#prod", prefix="inventory#role")
    client.put({**item, "body": b"not what was written"})
    assert store.addresses() == sorted([FUNCTION.address, ROLE.address])
