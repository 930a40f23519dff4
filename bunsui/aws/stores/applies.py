"""The audit trail of one environment: a line for each apply, and how many there were."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from bunsui.aws.dynamodb import DynamoDBClient, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, document_in
from bunsui.aws.stores.journal import fenced
from bunsui.aws.stores.lock import holds
from bunsui.errors import Conflict
from bunsui.model.resource import Scope
from bunsui.model.values import Json
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, StateMark

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
        return StateMark(lineage=document["lineage"], serial=document["serial"])

    def open(self, record: ApplyRecord, fence: Fence) -> StateMark:
        """Store a new record and count it; give the mark from before.

        Raises:
            Conflict: the lock is somebody else's.

        """
        before = self.mark()
        after = replace(before, lineage=before.lineage or secrets.token_hex(16), serial=before.serial + 1)
        mark = self._item(_MARK, {"lineage": after.lineage, "serial": after.serial})
        self._write([mark, *self._items(record)], fence)
        return before

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        """Store the record as it ended.

        Raises:
            Conflict: the lock is somebody else's.

        """
        self._write(self._items(record), fence)

    def applies(self, *, limit: int) -> Sequence[ApplyRecord]:
        """Give the latest records, newest first."""
        items = self._client.query(self._partition, prefix=_APPLY, newest_first=True, page_size=limit)
        return [_record(document_in([item], name=str(item["sk"]))) for item in islice(items, limit)]

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        """Give the last record that carried out the saved plan."""
        item = self._client.get(self._partition, f"{_PLAN}{plan_id}")
        return _record(document_in([item], name=str(item["sk"]))) if item is not None else None

    def _items(self, record: ApplyRecord) -> list[Mapping[str, Scalar]]:
        document = _document(record)
        items = [self._item(f"{_APPLY}{record.id}", document)]
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


def _document(record: ApplyRecord) -> dict[str, Json]:
    return {
        "id": record.id,
        "operation": record.operation,
        "who": record.actor.who,
        "host": record.actor.host,
        "link": record.actor.link,
        "begun_at": record.begun_at.isoformat(),
        "commit": record.commit,
        "plan_id": record.plan_id,
        "digest": record.digest,
        "fence": record.fence,
        "outcome": record.outcome,
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "facts": record.facts,
    }


def _record(document: Mapping[str, Any]) -> ApplyRecord:
    ended_at: str | None = document["ended_at"]
    return ApplyRecord(
        id=document["id"],
        operation=document["operation"],
        actor=Actor(who=document["who"], host=document["host"], link=document["link"]),
        begun_at=datetime.fromisoformat(document["begun_at"]),
        commit=document["commit"],
        plan_id=document["plan_id"],
        digest=document["digest"],
        fence=document["fence"],
        outcome=document["outcome"],
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        facts=document["facts"],
    )
