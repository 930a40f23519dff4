"""Applied resources as items: one, or a few, for each address, in one partition for each environment of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Scalar
from bunsui.aws.stores.item import chunks
from bunsui.kinds.registry import kind, stored_address
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.lifecycle import Lifecycle, lifecycle_in
from bunsui.model.resource import AppliedResource, Scope
from bunsui.stored_words import StoredForm, StoredItem

INVENTORY = "inventory#"


def partition_of(scope: Scope) -> str:
    """Return the partition that holds everything of a project in an environment, sessions apart."""
    return f"{scope.project}#{scope.environment}"


def inventory_items(partition: str, resource: AppliedResource) -> list[Mapping[str, Scalar]]:
    """Return the items of a resource."""
    parts = chunks(resource_document(resource), StoredForm.RESOURCE)
    return [{"pk": partition, "sk": inventory_key(resource.address, number), **part} for number, part in enumerate(parts)]


def inventory_key(address: Address, number: int) -> str:
    """Return the sort key of a resource's item of that number."""
    return f"{INVENTORY}{address}#{number:04d}"


def resource_document(resource: AppliedResource) -> dict[str, Json]:
    """Return the document that stands for the resource."""
    return {
        "address": str(resource.address),
        "physical_name": resource.physical_name,
        "attributes": resource.attributes,
        "outputs": resource.outputs,
        "revision": resource.revision,
        "written_at": resource.written_at.isoformat() if resource.written_at else None,
        "commit": resource.commit,
        "depends_on": [str(address) for address in resource.depends_on],
        "plan": resource.plan,
        "is_known": resource.is_known,
        **({} if resource.lifecycle.is_default else {"lifecycle": resource.lifecycle.document()}),
        **({"retired_at": resource.retired_at.isoformat()} if resource.retired_at else {}),
        **({"files": dict(resource.files)} if resource.files else {}),
    }


def resource_in(document: Mapping[str, Any], item: StoredItem) -> AppliedResource:
    """Return back what `resource_document` was given.

    Raises:
        Refused: it holds what only a newer bunsui knows.

    """
    address = stored_address(document["address"], item)
    written_at: str | None = document["written_at"]
    retired_at: str | None = document.get("retired_at")
    depends_on: Sequence[str] = document["depends_on"]
    return AppliedResource(
        address=address,
        physical_name=document["physical_name"],
        attributes=document["attributes"],
        outputs=document["outputs"],
        revision=document["revision"],
        written_at=datetime.fromisoformat(written_at) if written_at else None,
        commit=document["commit"],
        depends_on=tuple(stored_address(text, item) for text in depends_on),
        plan=document.get("plan", ""),
        is_known=document.get("is_known", True),
        lifecycle=_lifecycle(document.get("lifecycle"), address, item),
        retired_at=datetime.fromisoformat(retired_at) if retired_at else None,
        files=document.get("files", {}),
    )


def _lifecycle(document: object, address: Address, item: StoredItem) -> Lifecycle:
    lifecycle = lifecycle_in(document)
    if lifecycle.ignore:
        known = {attribute.name for attribute in kind(address.kind).attributes}
        for place in lifecycle.ignore:
            item.word("lifecycle.ignore", place.attribute, known)
    return lifecycle
