"""The last-applied state of one project in one environment, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item
from bunsui.aws.stores.inventory import INVENTORY, inventory_items, partition_of, resource_in
from bunsui.aws.stores.item import document_in
from bunsui.errors import Conflict, Missing, Refused
from bunsui.model.resource import Address, AppliedResource, Scope, parse_address

_PROJECT = "project"


class DynamoDBStateStore:
    """Implements `bunsui.ports.storage.StateStore`: one item, or a few, for each address, in one partition for each
    environment of a project."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._scope = scope
        self._partition = partition_of(scope)

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made.

        Raises:
            Refused: the name belongs to another project id.

        """
        if not self._scope.project_id:
            return self._client.ensure_table()  # without an id there is nothing to tie the name to
        try:
            self._tie()
            return False
        except Missing:
            made = self._client.ensure_table()
        self._tie()
        return made

    def _tie(self) -> None:
        """Tie the project's name to its id. As it finds out whether the table is there, nothing else need be asked."""
        project_id = self._scope.project_id
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

    def applied(self) -> Mapping[Address, AppliedResource]:
        """Give everything that was applied; empty when the table does not exist yet.

        Raises:
            Unavailable: an item is damaged; the error names it.

        """
        items = self._client.query(self._partition, prefix=INVENTORY)
        found: dict[Address, AppliedResource] = {}
        texts: dict[str, str] = {}
        for name, group in groupby(items, key=_address_text):
            resource = resource_in(document_in(list(group), name=name, texts=texts))
            found[resource.address] = resource
        return found

    def addresses(self) -> Sequence[Address]:
        """Give every address that the state knows, in order, also those whose items are damaged."""
        names = {_address_text(item) for item in self._client.query(self._partition, prefix=INVENTORY)}
        return sorted(parse_address(name) for name in names)

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource."""
        self._client.put_all(inventory_items(self._partition, resource))

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        for item in self._client.query(self._partition, prefix=f"{INVENTORY}{address}#"):
            self._client.delete(self._partition, str(item["sk"]))


def _address_text(item: Item) -> str:
    """Give the address in an item's sort key; ids hold no `#`."""
    return str(item["sk"]).removeprefix(INVENTORY).rpartition("#")[0]
