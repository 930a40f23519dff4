"""Pools of slots in DynamoDB: one item each, written on condition that nobody wrote it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.errors import Conflict
from bunsui.model.admission.pools import SlotHolder, SlotPool, SlotTicket
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.stored_words import StoredForm, StoredItem


class DynamoDBPoolStore:
    """Implements `bunsui.ports.session_rows.PoolStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = f"{partition_of(scope)}#pools"

    def read(self, name: str) -> SlotPool:
        """Return the pool; one of which nobody holds anything where nothing was stored."""
        item = self._client.get(self._partition, name)
        return _pool(item) if item is not None else SlotPool(name=name)

    def write(self, pool: SlotPool) -> SlotPool:
        """Store it in place of the version that it was made from, and return it with the new one.

        Raises:
            Conflict: somebody else wrote it meanwhile.
            Missing: there is no table, since nothing was applied yet.

        """
        newer = replace(pool, row_version=pool.row_version + 1)
        [part] = chunks(pool_document(newer), StoredForm.POOL)  # holders and tickets are bounded
        item: Item = {"pk": self._partition, "sk": pool.name, "row_version": newer.row_version, **part}
        try:
            self._client.put(item, only_if=_over(pool))
        except Conflict as error:
            if self.read(pool.name) == newer:
                return newer  # it was written, and only the answer was lost
            raise Conflict("pool-changed", "somebody else changed the pool first", pool=pool.name) from error
        return newer


def pool_document(pool: SlotPool) -> dict[str, Json]:
    """Return the document that stands for the pool."""
    return {
        "name": pool.name,
        "holders": [{**_attempt(one), "since": one.since.isoformat()} for one in pool.holders],
        "tickets": [_ticket_document(one) for one in pool.tickets],
        "row_version": pool.row_version,
    }


def _ticket_document(ticket: SlotTicket) -> dict[str, Json]:
    times = {"since": ticket.since.isoformat(), "seen_at": ticket.seen_at.isoformat()}
    return {**_attempt(ticket), **times, "beats": ticket.beats, "replaces": ticket.replaces}


def _attempt(one: SlotHolder | SlotTicket) -> dict[str, Json]:
    return {"session": one.session, "execution_arn": one.execution_arn, "redrive": one.redrive}


def _over(pool: SlotPool) -> Condition:
    if not pool.row_version:
        return Condition(text="attribute_not_exists(#pk)")
    return Condition(text="#row_version = :before", values={"before": pool.row_version})


def _pool(item: Item) -> SlotPool:
    return value_in([item], StoredForm.POOL, _pool_in, name=f"pool {item['sk']!s}")


def _pool_in(document: Mapping[str, Any], _item: StoredItem) -> SlotPool:
    return SlotPool(
        name=document["name"],
        holders=tuple(
            SlotHolder(
                session=one["session"],
                execution_arn=one["execution_arn"],
                redrive=one["redrive"],
                since=datetime.fromisoformat(one["since"]),
            )
            for one in document["holders"]
        ),
        tickets=tuple(_ticket_in(one) for one in document["tickets"]),
        row_version=document["row_version"],
    )


def _ticket_in(document: Mapping[str, Any]) -> SlotTicket:
    return SlotTicket(
        session=document["session"],
        execution_arn=document["execution_arn"],
        redrive=document["redrive"],
        since=datetime.fromisoformat(document["since"]),
        seen_at=datetime.fromisoformat(document["seen_at"]),
        beats=document["beats"],
        replaces=document["replaces"],
    )
