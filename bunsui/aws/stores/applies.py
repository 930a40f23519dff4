"""The audit trail of one environment: a chain of records (`bunsui.apply.trail`), and the mark that knows its last one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from bunsui.apply.trail import following, mark_of, record_document, record_of
from bunsui.aws.dynamodb import DynamoDBClient, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, document_in
from bunsui.aws.stores.journal import fenced
from bunsui.aws.stores.lock import holds
from bunsui.errors import Conflict
from bunsui.model.resource import Scope
from bunsui.model.values import Json
from bunsui.ports.ledger import ApplyRecord, Fence, StateMark

_APPLY = "apply#"
_PLAN = "plan#"
_MARK = "mark"


class DynamoDBApplyLog:
    """Implements `bunsui.ports.ledger.ApplyLog`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)

    def mark(self) -> StateMark:
        """Give which state this is, and how many applies it has seen."""
        item = self._client.get(self._partition, _MARK)
        if item is None:
            return StateMark()
        document: Mapping[str, Any] = document_in([item], name="mark of the state")
        return StateMark(
            lineage=document["lineage"],
            serial=document["serial"],
            head=document.get("head", ""),
            head_hash=document.get("head_hash", ""),
        )

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        """Store a new record behind the last one and count it; give it with its place in the trail.

        Raises:
            Conflict: the lock is somebody else's.

        """
        before = self.mark()
        if before.head == record.id:  # the answer to the first attempt was lost
            item = self._client.get(self._partition, f"{_APPLY}{record.id}")
            if item is not None:
                return record_of(document_in([item], name=str(item["sk"])))
        stored = following(before, record, lineage=secrets.token_hex(16))
        self._write(self._items(stored), fence)
        return stored

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        """Store the record as it ended, in its place.

        Raises:
            Conflict: the lock is somebody else's.

        """
        self._write(self._items(record), fence)

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        """Give the latest records, newest first; all when `limit` is None."""
        items = self._client.query(self._partition, prefix=_APPLY, newest_first=True, page_size=limit)
        return [record_of(document_in([item], name=str(item["sk"]))) for item in islice(items, limit)]

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        """Give the last record that carried out the saved plan."""
        item = self._client.get(self._partition, f"{_PLAN}{plan_id}")
        return record_of(document_in([item], name=str(item["sk"]))) if item is not None else None

    def _items(self, record: ApplyRecord) -> list[Mapping[str, Scalar]]:
        document, mark = record_document(record), mark_of(record)
        named: dict[str, Json] = {
            "lineage": mark.lineage, "serial": mark.serial, "head": mark.head, "head_hash": mark.head_hash
        }  # fmt: skip
        items = [self._item(_MARK, named), self._item(f"{_APPLY}{record.id}", document)]
        if record.plan_id:
            items.append(self._item(f"{_PLAN}{record.plan_id}", document))
        return items

    def _item(self, key: str, document: Mapping[str, Json]) -> Mapping[str, Scalar]:
        [part] = chunks(document)  # a line of the trail is short
        return {"pk": self._partition, "sk": key, **part}

    def _write(self, items: Sequence[Mapping[str, Scalar]], fence: Fence) -> None:
        try:
            self._client.transact(puts=items, only_if=holds(self._partition, fence))
        except Conflict as error:
            raise fenced(fence) from error
