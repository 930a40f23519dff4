"""The audit trail of one environment: a chain of records (`bunsui.apply.trail`), and the mark that knows its last one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from bunsui.apply.trail import following, mark_of, record_document, record_of
from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.aws.stores.lock import fenced_error, holds
from bunsui.errors import Conflict
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.ports.ledger import OUTCOMES, ApplyRecord, Fence, StateMark
from bunsui.stored_words import StoredForm, StoredItem

_APPLY = "apply#"
_PLAN = "plan#"
_MARK = "mark"


class DynamoDBApplyLog:
    """Implements `bunsui.ports.ledger.ApplyLog`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)
        self._seen: tuple[StateMark, str] | None = None
        """The mark as it was read last, with the checksum of its item: `open` first tries whether it still stands."""

    def mark(self) -> StateMark:
        """Return which state this is, and how many applies it has seen."""
        item = self._client.get(self._partition, _MARK)
        if item is None:
            return StateMark()
        mark = value_in([item], StoredForm.MARK, _mark, name="mark of the state")
        self._seen = mark, str(item["sha256"])
        return mark

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        """Store a new record behind the last one and count it; give it with its place in the trail.

        Raises:
            Conflict: the lock is somebody else's.

        """
        stored = self._open_unread(record, fence)
        if stored is not None:
            return stored
        before = self.mark()
        if before.head == record.id:  # the answer to the first attempt was lost
            item = self._client.get(self._partition, f"{_APPLY}{record.id}")
            if item is not None:
                return _record(item)
        stored = following(before, record, lineage=secrets.token_hex(16))
        self._write(self._items(stored), fence)
        return stored

    def _open_unread(self, record: ApplyRecord, fence: Fence) -> ApplyRecord | None:
        """Store the record behind the mark that was read last, if it still stands: that saves a read. None when it does not, or
        when the lock is lost; whoever reads then finds out which."""
        if self._seen is None:
            return None
        (before, checksum), self._seen = self._seen, None
        stored = following(before, record, lineage=before.lineage)
        unmoved = {_MARK: Condition(text="#sha256 = :sha256", values={"sha256": checksum})}
        try:
            self._client.transact(puts=self._items(stored), only_if=holds(self._partition, fence), over=unmoved)
        except Conflict:
            return None
        return stored

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        """Store the record as it ended, in its place.

        Raises:
            Conflict: the lock is somebody else's.

        """
        self._write(self._items(record), fence)

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        """Return the latest records, newest first; all when `limit` is None."""
        items = self._client.query(self._partition, prefix=_APPLY, newest_first=True, page_size=limit)
        return [_record(item) for item in islice(items, limit)]

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        """Return the last record that carried out the saved plan."""
        item = self._client.get(self._partition, f"{_PLAN}{plan_id}")
        return _record(item) if item is not None else None

    def _items(self, record: ApplyRecord) -> list[Mapping[str, Scalar]]:
        document, mark = record_document(record), mark_of(record)
        named: dict[str, Json] = {
            "lineage": mark.lineage, "serial": mark.serial, "head": mark.head, "head_hash": mark.head_hash
        }  # fmt: skip
        items = [
            self._item(_MARK, named, StoredForm.MARK),
            self._item(f"{_APPLY}{record.id}", document, StoredForm.APPLY),
        ]
        if record.plan_id:
            items.append(self._item(f"{_PLAN}{record.plan_id}", document, StoredForm.APPLY))
        return items

    def _item(self, key: str, document: Mapping[str, Json], form: StoredForm) -> Mapping[str, Scalar]:
        [part] = chunks(document, form)  # a line of the trail is short
        return {"pk": self._partition, "sk": key, **part}

    def _write(self, items: Sequence[Mapping[str, Scalar]], fence: Fence) -> None:
        try:
            self._client.transact(puts=items, only_if=holds(self._partition, fence))
        except Conflict as error:
            raise fenced_error(fence) from error


def _mark(document: Mapping[str, Any], _item: StoredItem) -> StateMark:
    return StateMark(
        lineage=document["lineage"],
        serial=document["serial"],
        head=document.get("head", ""),
        head_hash=document.get("head_hash", ""),
    )


def _record(item: Item) -> ApplyRecord:
    def read(document: Mapping[str, Any], about: StoredItem) -> ApplyRecord:
        about.word("outcome", document["outcome"], OUTCOMES)
        return record_of(document)

    return value_in([item], StoredForm.APPLY, read, name=str(item["sk"]))
