"""The last-applied state of one project in one environment, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item
from bunsui.aws.stores.item import chunks, document_in
from bunsui.errors import Conflict, Refused
from bunsui.model.resource import Address, AppliedResource, Scope, parse_address
from bunsui.model.values import Json

_INVENTORY = "inventory#"
_PROJECT = "project"


class DynamoDBStateStore:
    """Implements `bunsui.ports.storage.StateStore`: one item, or a few, for each address, in one partition for each
    environment of a project."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._scope = scope
        self._partition = f"{scope.project}#{scope.environment}"

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made.

        Raises:
            Refused: the name belongs to another project id.

        """
        made = self._client.ensure_table()
        project_id = self._scope.project_id
        if not project_id:
            return made  # without an id there is nothing to tie the name to
        try:
            self._client.put(
                {"pk": f"{_PROJECT}#{self._scope.project}", "sk": _PROJECT, "project_id": project_id},
                only_if=Condition(text="attribute_not_exists(#pk) OR #project_id = :id", values={"id": project_id}),
            )
        except Conflict as error:
            owner = self._client.get(f"{_PROJECT}#{self._scope.project}", _PROJECT) or {}
            raise Refused(
                "project-name-taken",
                "another project of the same name uses this account and region",
                hint="Give one of them another `project:` name in bunsui.yaml.",
                project=self._scope.project,
                id=project_id,
                other_id=owner.get("project_id"),
            ) from error
        return made

    def applied(self) -> Mapping[Address, AppliedResource]:
        """Give everything that was applied; empty when the table does not exist yet.

        Raises:
            Unavailable: an item is damaged; the error names it.

        """
        items = self._client.query(self._partition, prefix=_INVENTORY)
        found: dict[Address, AppliedResource] = {}
        for name, group in groupby(items, key=_address_text):
            resource = _resource(document_in(list(group), name=name))
            found[resource.address] = resource
        return found

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource."""
        parts = chunks(_document(resource))
        self._client.put_all(
            [{"pk": self._partition, "sk": self._key(resource.address, number), **part} for number, part in enumerate(parts)]
        )

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        for item in self._client.query(self._partition, prefix=f"{_INVENTORY}{address}#"):
            self._client.delete(self._partition, str(item["sk"]))

    def _key(self, address: Address, number: int) -> str:
        return f"{_INVENTORY}{address}#{number:04d}"


def _address_text(item: Item) -> str:
    """Give the address in an item's sort key; ids hold no `#`."""
    return str(item["sk"]).removeprefix(_INVENTORY).rpartition("#")[0]


def _document(resource: AppliedResource) -> dict[str, Json]:
    return {
        "address": str(resource.address),
        "physical_name": resource.physical_name,
        "attributes": resource.attributes,
        "outputs": resource.outputs,
        "revision": resource.revision,
        "written_at": resource.written_at.isoformat() if resource.written_at else None,
        "commit": resource.commit,
        "depends_on": [str(address) for address in resource.depends_on],
    }


def _resource(document: Mapping[str, Any]) -> AppliedResource:
    written_at: str | None = document["written_at"]
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
    )
