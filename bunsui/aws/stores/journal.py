"""What is being written at the moment, in DynamoDB; every write proves that the lock is still held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from bunsui.aws.dynamodb import DynamoDBClient, Item, Scalar
from bunsui.aws.stores.deployments import entry_item, hold_key, intervention_keys
from bunsui.aws.stores.inventory import INVENTORY, inventory_items, partition_of, resource_document, resource_in
from bunsui.aws.stores.item import chunks, value_in
from bunsui.aws.stores.lock import fenced_error, holds
from bunsui.aws.stores.texts import text_item, text_key
from bunsui.errors import Conflict
from bunsui.kinds.registry import stored_address
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource, Scope
from bunsui.plan.model import Action
from bunsui.ports.ledger import Fence, JournalEntry
from bunsui.stored_words import StoredForm, StoredItem

_JOURNAL = "journal#"


class DynamoDBJournal:
    """Implements `bunsui.ports.ledger.Journal` beside the inventory."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)
        self._begun: dict[Address, int] = {}
        """How many items the entries have that were written here, so that they need not be looked up to be removed."""

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        """Store the entry, or the progress of one that is stored."""
        parts = chunks(_document(entry), StoredForm.JOURNAL)
        items: list[Mapping[str, Scalar]] = [
            {"pk": self._partition, "sk": _key(entry.address, number), **part} for number, part in enumerate(parts)
        ]
        self._transact(fence, puts=items)
        self._begun[entry.address] = len(items)

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        """In one transaction remember or forget the resources, remember the rest, and remove the resources' entries."""
        puts: list[Mapping[str, Scalar]] = []
        deletes: list[tuple[str, str]] = []
        for address, resource in outcome.items():
            if resource is None:
                deletes += self._keys(f"{INVENTORY}{address}#")
                if address == Address(MACHINE, address.pipeline):
                    keys = (text_key(address.pipeline), *intervention_keys(address.pipeline))
                    deletes += [(self._partition, key) for key in keys]
            else:
                puts += inventory_items(self._partition, resource)
            deletes += self._entry_keys(address)
        for text in texts:
            item = text_item(self._partition, text)
            if item is None:  # a former one would be taken for it
                deletes.append((self._partition, text_key(text.pipeline)))
            else:
                puts.append(item)
        for deployment in deployments:
            puts.append(entry_item(self._partition, deployment))
            deletes.append((self._partition, hold_key(deployment.pipeline)))
        self._transact(fence, puts=puts, deletes=deletes)

    def pending(self) -> Mapping[Address, JournalEntry]:
        """Return the entries that were begun and not settled.

        Raises:
            Refused: an entry was written by a newer bunsui; the error names it.
            Unavailable: an entry is damaged; the error names it.

        """
        items = self._client.query(self._partition, prefix=_JOURNAL)
        found: dict[Address, JournalEntry] = {}
        for name, group in groupby(items, key=_address_text):
            entry = value_in(list(group), StoredForm.JOURNAL, _entry, name=f"journal of {name}")
            found[entry.address] = entry
        return found

    def _entry_keys(self, address: Address) -> list[tuple[str, str]]:
        known = self._begun.get(address)
        if known is None:
            return self._keys(f"{_JOURNAL}{address}#")
        return [(self._partition, _key(address, number)) for number in range(known)]

    def _keys(self, prefix: str) -> list[tuple[str, str]]:
        return [(self._partition, str(item["sk"])) for item in self._client.query(self._partition, prefix=prefix)]

    def _transact(
        self, fence: Fence, *, puts: list[Mapping[str, Scalar]], deletes: list[tuple[str, str]] | None = None
    ) -> None:
        try:
            self._client.transact(puts=puts, deletes=deletes or [], only_if=holds(self._partition, fence))
        except Conflict as error:
            raise fenced_error(fence) from error


def _key(address: Address, number: int) -> str:
    return f"{_JOURNAL}{address}#{number:04d}"


def _address_text(item: Item) -> str:
    return str(item["sk"]).removeprefix(_JOURNAL).rpartition("#")[0]


def _document(entry: JournalEntry) -> dict[str, Json]:
    return {
        "address": str(entry.address),
        "physical_name": entry.physical_name,
        "action": entry.action,
        "steps": list(entry.steps),
        "done": entry.done,
        "apply_id": entry.apply_id,
        "plan_id": entry.plan_id,
        "intended": resource_document(entry.intended) if entry.intended is not None else None,
    }


def _entry(document: Mapping[str, Any], item: StoredItem) -> JournalEntry:
    intended = document["intended"]
    return JournalEntry(
        address=stored_address(document["address"], item),
        physical_name=document["physical_name"],
        action=item.member("action", document["action"], Action).value,
        steps=tuple(document["steps"]),
        done=document["done"],
        apply_id=document["apply_id"],
        plan_id=document["plan_id"],
        intended=resource_in(intended, item) if intended is not None else None,
    )
