"""Every byte of a thousand items of the state flipped, parts lost or of two writes, a newer format: named, never acted on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.aws.dynamodb import Item, Scalar
from bunsui.aws.stores.inventory import inventory_items, resource_in
from bunsui.aws.stores.item import value_in
from bunsui.errors import Refused, Unavailable
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource
from bunsui.stored_words import StoredForm
from tests.faults.amount import amount
from tests.faults.conftest import Figure

pytestmark = pytest.mark.timeout(3600)

LAW = "12 damaged state"


def a_resource(seed: int) -> AppliedResource:
    lot = random.Random(seed)
    kind = lot.choice(("role", "state_machine", "log_group", "lambda_function"))
    attributes: dict[str, Json] = {f"attribute{number}": "x" * lot.randrange(12) + str(lot.random()) for number in range(4)}
    return AppliedResource(
        address=Address(kind, f"pipeline{seed}"),
        physical_name=f"sales--dev--pipeline{seed}",
        attributes=attributes,
        outputs={"arn": f"arn:aws:{kind}:eu-west-1:111111111111:pipeline{seed}"},
        revision=str(lot.random()),
        written_at=datetime(2026, 1, 1, tzinfo=UTC),
        commit="abc",
        depends_on=(Address("role", f"pipeline{seed}"),),
    )


def read(items: list[Mapping[str, Scalar]]) -> AppliedResource:
    return value_in([dict(item) for item in items], StoredForm.RESOURCE, resource_in, name="state_machine.orders")


def refused(items: list[Mapping[str, Scalar]], resource: AppliedResource) -> bool:
    """True when the damage was named, with the way out."""
    try:
        read(items)
    except (Refused, Unavailable) as error:
        return error.code in ("state-corrupt", "newer-bunsui") and bool(error.facts["item"] and error.hint)
    return False


def test_a_flip_of_any_byte_is_named_and_never_acted_on(figure: Figure) -> None:
    flips, named = 0, 0
    items = range(amount(20, 200, 1_000))
    for seed in items:
        resource = a_resource(seed)
        [item] = inventory_items("sales#dev", resource)
        assert read([item]) == resource
        for attribute in ("body", "sha256"):
            whole = item[attribute]
            raw = whole if isinstance(whole, bytes) else str(whole).encode()
            for index in range(len(raw)):
                damaged = bytearray(raw)
                damaged[index] ^= 1 << (index % 7)
                value: Scalar = bytes(damaged) if isinstance(whole, bytes) else damaged.decode()
                named += refused([{**item, attribute: value}], resource)
                flips += 1
    assert named == flips
    figure(LAW, f"{flips} flipped bytes in {len(items)} items: each named, none acted on")


@pytest.mark.parametrize("attribute", ["body", "sha256", "parts", "format"])
@pytest.mark.parametrize("value", [None, "", b"", 0, -1, 2, 10**6, "1", b"1"], ids=repr)
def test_an_attribute_of_another_kind_or_none_is_named(attribute: str, value: Scalar | None) -> None:
    resource = a_resource(1)
    [item] = inventory_items("sales#dev", resource)
    damaged: Item = {key: kept for key, kept in item.items() if key != attribute}
    if value is not None:
        damaged = {**damaged, attribute: value}
    try:
        assert read([damaged]) == resource  # it made no difference
    except (Refused, Unavailable) as error:
        assert error.code in ("state-corrupt", "newer-bunsui")  # noqa: PT017 - either is right, anything else is not


def test_an_item_of_several_parts_that_lost_one_is_named(figure: Figure) -> None:
    lot = random.Random(1)
    noise: dict[str, Json] = {"definition": lot.randbytes(500_000).hex()}
    resource = replace(a_resource(2), attributes=noise)
    items = inventory_items("sales#dev", resource)
    assert len(items) >= 2
    for lost in range(len(items)):
        assert refused([item for number, item in enumerate(items) if number != lost], resource)
    older = inventory_items("sales#dev", replace(resource, revision="older"))
    assert refused([items[0], *older[1:]], resource)  # parts of two writes
    figure(LAW, f"an item of {len(items)} parts without any one of them, and of two writes: named")


def test_a_newer_format_is_named_and_not_guessed_at(figure: Figure) -> None:
    [item] = inventory_items("sales#dev", a_resource(3))
    with pytest.raises(Refused) as caught:
        read([{**item, "format": StoredForm.RESOURCE.format + 1}])
    assert caught.value.code == "newer-bunsui"
    figure(LAW, "a newer format: named, with the way out")
