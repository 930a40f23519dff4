"""The bulk read keeps what it knows when a part of it may not be read."""

from __future__ import annotations

import pytest

from bunsui.aws.connect import Connection
from bunsui.aws.objects.bulk import read_owned
from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope

SCOPE = Scope(project="shop", environment="prod", account="0" * 12, region="eu-west-1")
ORDERS = Address("role", "orders")
REFUNDS = Address("role", "refunds")


def wanted(address: Address) -> DesiredResource:
    """A desired role."""
    return DesiredResource(address=address, physical_name=f"shop--prod--{address.pipeline}", attributes={})


def refuse(address: Address, name: str) -> ActualResource | None:
    """Read roles, except one that may not be read."""
    if name.endswith("orders"):
        raise AccessDenied("access-denied", "AWS refused the call", service="iam", operation="GetRole")
    return ActualResource(address=address, physical_name=name, attributes={"path": "/"}, tags=SCOPE.tags(REFUNDS))


def test_a_wanted_object_that_may_not_be_read_is_there_and_unreadable() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None)
    found = read_owned(
        connection,
        kind="role",
        scope=SCOPE,
        wanted=[wanted(ORDERS), wanted(REFUNDS)],
        written={},
        listed=["shop--prod--orders", "shop--prod--refunds"],
        beyond=lambda name: False,
        read_one=refuse,
    )
    connection.close()
    assert [(actual.address, actual.unreadable) for actual in found] == [
        (ORDERS, "no permission for iam:GetRole"),
        (REFUNDS, ""),
    ]


def test_an_object_is_found_under_the_address_in_its_tags() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None)
    found = read_owned(
        connection,
        kind="role",
        scope=SCOPE,
        wanted=[],
        written={},
        listed=["an-old-name"],
        beyond=lambda name: False,
        read_one=refuse,
    )
    connection.close()
    assert [(actual.address, actual.physical_name) for actual in found] == [(REFUNDS, "an-old-name")]


def test_without_a_list_everything_wanted_or_written_is_asked_for() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None)
    asked: list[str] = []

    def read(address: Address, name: str) -> ActualResource | None:
        asked.append(name)
        return refuse(address, name)

    found = read_owned(
        connection,
        kind="role",
        scope=SCOPE,
        wanted=[wanted(REFUNDS)],
        written={"shop--prod--orders": AppliedResource(address=ORDERS, physical_name="shop--prod--orders", attributes={})},
        listed=None,
        beyond=lambda name: False,
        read_one=read,
    )
    connection.close()
    assert sorted(asked) == ["shop--prod--orders", "shop--prod--refunds"]
    # `orders` is no longer wanted, and nobody may claim that it is gone
    assert [(actual.address, actual.unreadable) for actual in found] == [
        (ORDERS, "no permission for iam:GetRole"),
        (REFUNDS, ""),
    ]


def test_expired_credentials_are_no_missing_permission() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None)

    def expired(address: Address, name: str) -> ActualResource | None:
        raise AccessDenied("credentials-expired", "the AWS credentials have expired")

    with pytest.raises(AccessDenied):
        read_owned(
            connection,
            kind="role",
            scope=SCOPE,
            wanted=[wanted(ORDERS)],
            written={},
            listed=["shop--prod--orders"],
            beyond=lambda name: False,
            read_one=expired,
        )
    connection.close()


def test_what_is_in_sync_is_held_in_memory_once() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None)
    attributes: dict[str, Json] = {"path": "/", "trust": {"Statement": [1, 2, 3]}}
    applied = AppliedResource(address=REFUNDS, physical_name="shop--prod--refunds", attributes=attributes)

    def read(address: Address, name: str) -> ActualResource | None:
        own: dict[str, Json] = {"path": "/", "trust": {"Statement": [1, 2, 3]}}
        return ActualResource(address=address, physical_name=name, attributes=own, tags=SCOPE.tags(REFUNDS))

    [found] = read_owned(
        connection,
        kind="role",
        scope=SCOPE,
        wanted=[wanted(REFUNDS)],
        written={applied.physical_name: applied},
        listed=[applied.physical_name],
        beyond=lambda name: False,
        read_one=read,
    )
    connection.close()
    assert found.attributes is attributes
