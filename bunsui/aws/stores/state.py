"""The last-applied state of one project in one environment, in DynamoDB."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item
from bunsui.aws.stores.inventory import INVENTORY, inventory_items, partition_of, resource_in
from bunsui.aws.stores.item import stamp, stored_item, value_in
from bunsui.aws.stores.texts import text_in, text_key
from bunsui.errors import BunsuiError, Conflict, Missing, Refused
from bunsui.kinds.registry import stored_address
from bunsui.kinds.role import ROLE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.resource import AppliedResource, Scope
from bunsui.ports.storage import project_renamed
from bunsui.stored_words import StoredForm

_ONE_BY_ONE = 4
"""More texts than that are read by one query of all."""
_PROJECT = "project"
_IDENTITY = "project-id"
_SAME_NAME = "attribute_not_exists(#pk) OR #project = :project"
_TIED = "attribute_not_exists(#pk) OR (#project_id = :id AND (attribute_not_exists(#format) OR #format <= :known))"
"""The project's own item, and none of a newer bunsui; the first ones had no format."""


class DynamoDBStateStore:
    """Implements `bunsui.ports.storage.StateStore`: one item, or a few, for each address, in one partition for each
    environment of a project."""

    def __init__(self, client: DynamoDBClient, scope: Scope, *, with_managed_key: bool = False) -> None:
        """Make it for a scope; `with_managed_key` says by whose key a table that is made is encrypted."""
        self._client = client
        self._with_managed_key = with_managed_key
        self._scope = scope
        self._partition = partition_of(scope)

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made.

        Raises:
            Refused: the name belongs to another project id.

        """
        if not self._scope.project_id:
            return self._make_table()  # without an id there is nothing to tie the name to
        try:
            self._tie()
            return False
        except Missing:
            made = self._make_table()
        self._tie()
        return made

    def _make_table(self) -> bool:
        return self._client.ensure_table(with_managed_key=self._with_managed_key)

    def _tie(self) -> None:
        """Tie the project's name to its id. As it finds out whether the table is there, nothing else need be asked."""
        project_id = self._scope.project_id
        try:
            self._client.put(
                {
                    "pk": f"{_PROJECT}#{self._scope.project}",
                    "sk": _PROJECT,
                    "project_id": project_id,
                    **stamp(StoredForm.PROJECT),
                },
                only_if=Condition(text=_TIED, values={"id": project_id, "known": StoredForm.PROJECT.format}),
            )
        except Conflict as error:
            owner = self._client.get(f"{_PROJECT}#{self._scope.project}", _PROJECT) or {}
            if "format" in owner:
                stored_item(owner, name=f"project {self._scope.project}").check_format(owner["format"], StoredForm.PROJECT)
            raise Refused(
                "project-name-taken",
                "another project of the same name uses this account and region",
                hint="Give one of them another `project:` name in bunsui.yaml.",
                project=self._scope.project,
                id=project_id,
                other_id=owner.get("project_id"),
            ) from error
        self._tie_name()

    def _tie_name(self) -> None:
        """Remember under which name the project's id is applied in the environment."""
        item = {
            "pk": f"{_IDENTITY}#{self._scope.project_id}",
            "sk": self._scope.environment,
            "project": self._scope.project,
            **stamp(StoredForm.PROJECT),
        }
        try:
            self._client.put(item, only_if=Condition(text=_SAME_NAME, values={"project": self._scope.project}))
        except Conflict:
            self._check_name()
            self._client.put(item)  # nothing is left under the former name

    def _check_name(self) -> None:
        """Check that nothing was applied under another name of the same project id.

        Raises:
            Refused: `project-renamed`.

        """
        item = self._client.get(f"{_IDENTITY}#{self._scope.project_id}", self._scope.environment)
        former = str((item or {}).get("project") or "")
        if former in ("", self._scope.project):
            return
        before = partition_of(replace(self._scope, project=former))
        if next(iter(self._client.query(before, prefix=INVENTORY)), None) is not None:
            raise project_renamed(self._scope, former)

    def owner_id(self) -> str | None:
        """Return the id of the project that has the name; None when none has, or there is no table."""
        item = self._client.get(f"{_PROJECT}#{self._scope.project}", _PROJECT)
        if item is None:
            return None
        if "format" in item:
            stored_item(item, name=f"project {self._scope.project}").check_format(item["format"], StoredForm.PROJECT)
        return str(item.get("project_id") or "") or None

    def applied(self, kind: str = "") -> Mapping[Address, AppliedResource]:
        """Return everything that was applied, of one kind alone where it is named; empty when the table does not exist yet.

        Raises:
            Refused: an item was written by a newer bunsui; the error names it. `project-renamed`: nothing was applied under
                this name, and something under another one of the same project id.
            Unavailable: an item is damaged; the error names it.

        """
        items = self._client.query(self._partition, prefix=f"{INVENTORY}{kind}." if kind else INVENTORY)
        found: dict[Address, AppliedResource] = {}
        texts: dict[str, str] = {}
        for name, group in groupby(items, key=_address_text):
            resource = value_in(list(group), StoredForm.RESOURCE, resource_in, name=name, texts=texts)
            found[resource.address] = resource
        if not found and not kind and self._scope.project_id:
            self._check_name()
        return found

    def resource(self, address: Address) -> AppliedResource | None:
        """Return what was applied last at one address, by one read; None when nothing was, or there is no table.

        Raises:
            Refused: it was written by a newer bunsui.
            Unavailable: it is damaged.

        """
        items = list(self._client.query(self._partition, prefix=f"{INVENTORY}{address}#"))
        return value_in(items, StoredForm.RESOURCE, resource_in, name=str(address), texts={}) if items else None

    def last_written(self, pipeline: str) -> datetime | None:
        """Return when what starts of a pipeline depend on, its machine and roles, was last written, by two reads; None when
        nothing was, or what is stored cannot be read."""
        try:
            items = [
                item
                for kind in (MACHINE, ROLE)
                for item in self._client.query(self._partition, prefix=f"{INVENTORY}{kind}.{pipeline}")
            ]
            found = [
                value_in(list(group), StoredForm.RESOURCE, resource_in, name=name, texts={})
                for name, group in groupby(items, key=_address_text)
            ]
        except BunsuiError:
            return None
        times = [one.written_at for one in found if one.address.pipeline == pipeline and one.written_at is not None]
        return max(times, default=None)

    def addresses(self) -> Sequence[Address]:
        """Return every address that the state knows, in order, also those whose items are damaged.

        Raises:
            Refused: an item was written by a newer bunsui; the error names it.

        """
        found = set()
        for item in self._client.query(self._partition, prefix=INVENTORY):
            name, number = _address_text(item), item.get("format")
            about = stored_item(item, name=name)
            if isinstance(number, int) and number > StoredForm.RESOURCE.format:
                about.check_format(number, StoredForm.RESOURCE)
            found.add(stored_address(name, about))
        return sorted(found)

    def texts(self, pipelines: Collection[str]) -> Mapping[str, AppliedText]:
        """Return what the files of these pipelines said when they were applied, by name, as far as it was kept.

        Raises:
            Refused: a text was written by a newer bunsui; the error names it.
            Unavailable: a text is damaged; the error names it.

        """
        if len(pipelines) <= _ONE_BY_ONE:
            items = [self._client.get(self._partition, text_key(name)) for name in pipelines]
        else:
            items = list(self._client.query(self._partition, prefix=text_key("")))
        wanted = {text_key(name): name for name in pipelines}
        found = {wanted[str(item["sk"])]: item for item in items if item is not None and item["sk"] in wanted}
        return {name: text_in(item, name) for name, item in found.items()}

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource."""
        self._client.put_all(inventory_items(self._partition, resource))

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        for item in self._client.query(self._partition, prefix=f"{INVENTORY}{address}#"):
            self._client.delete(self._partition, str(item["sk"]))


def _address_text(item: Item) -> str:
    """Return the address in an item's sort key; ids hold no `#`."""
    return str(item["sk"]).removeprefix(INVENTORY).rpartition("#")[0]
