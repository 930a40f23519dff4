"""Applied resources as items: one, or a few, for each address, in one partition for each environment of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Scalar
from bunsui.aws.stores.item import chunks
from bunsui.model.lifecycle import lifecycle_in
from bunsui.model.resource import Address, AppliedResource, Scope, parse_address
from bunsui.model.values import Json

INVENTORY = "inventory#"


def partition_of(scope: Scope) -> str:
    """Give the partition that holds everything of a project in an environment, sessions apart."""
    return f"{scope.project}#{scope.environment}"


def inventory_items(partition: str, resource: AppliedResource) -> list[Mapping[str, Scalar]]:
    """Give the items of a resource."""
    parts = chunks(resource_document(resource))
    return [{"pk": partition, "sk": inventory_key(resource.address, number), **part} for number, part in enumerate(parts)]


def inventory_key(address: Address, number: int) -> str:
    """Give the sort key of a resource's item of that number."""
    return f"{INVENTORY}{address}#{number:04d}"


def resource_document(resource: AppliedResource) -> dict[str, Json]:
    """Give the document that stands for the resource."""
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
    }


def resource_in(document: Mapping[str, Any]) -> AppliedResource:
    """Give back what `resource_document` was given."""
    written_at: str | None = document["written_at"]
    retired_at: str | None = document.get("retired_at")
    depends_on: Sequence[str] = document["depends_on"]
    return AppliedResource(
        address=parse_address(document["address"]),
        physical_name=document["physical_name"],
        attributes=document["attributes"],
        outputs=document["outputs"],
        revision=document["revision"],
        written_at=datetime.fromisoformat(written_at) if written_at else None,
        commit=document["commit"],
        depends_on=tuple(parse_address(text) for text in depends_on),
        plan=document.get("plan", ""),
        is_known=document.get("is_known", True),
        lifecycle=lifecycle_in(document.get("lifecycle")),
        retired_at=datetime.fromisoformat(retired_at) if retired_at else None,
    )
