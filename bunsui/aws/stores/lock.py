"""The lock of one environment: one item, written only over the version that was read."""

from __future__ import annotations

from datetime import datetime

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.errors import Conflict, Unavailable
from bunsui.model.resource import Scope
from bunsui.ports.ledger import Actor, Fence, LockRecord

LOCK = "lock"
FORMAT = 1
_MILLISECONDS = 1000


class DynamoDBLockStore:
    """Implements `bunsui.ports.ledger.LockStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)

    def read(self) -> LockRecord | None:
        """Give the record by a consistent read, None when the lock was never taken."""
        item = self._client.get(self._partition, LOCK)
        return _record(item) if item is not None else None

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        """Store the record if the stored one still has the version of `over` (None: there is none).

        Raises:
            Conflict: it has another.

        """
        if over is None:
            condition = Condition(text="attribute_not_exists(#pk)")
        else:
            condition = Condition(text="#version = :seen", values={"seen": over.version})
        item: dict[str, Scalar] = {
            "pk": self._partition,
            "sk": LOCK,
            "format": FORMAT,
            "id": record.id,
            "fence": record.fence,
            "version": record.version,
            "held": int(record.held),
            "lease_milliseconds": round(record.lease_seconds * _MILLISECONDS),
            "operation": record.operation,
            "who": record.actor.who,
            "host": record.actor.host,
            "link": record.actor.link,
            "since": record.since.isoformat(),
        }
        try:
            self._client.put(item, only_if=condition)
        except Conflict as error:
            raise Conflict("lock-changed", "somebody else changed the lock first") from error


def holds(partition: str, fence: Fence) -> tuple[str, str, Condition]:
    """Give the condition that the lock is still held under this fence, for `DynamoDBClient.transact`."""
    condition = Condition(
        text="#id = :id AND #fence = :fence AND #held = :held", values={"id": fence.id, "fence": fence.number, "held": 1}
    )
    return partition, LOCK, condition


def _record(item: Item) -> LockRecord:
    fence, lease, held = item.get("fence"), item.get("lease_milliseconds"), item.get("held")
    if item.get("format") != FORMAT or not isinstance(fence, int) or not isinstance(lease, int):
        raise Unavailable(
            "lock-unreadable",
            "the lock was written by another version of bunsui, or is damaged",
            hint="Use the newest bunsui.",
            format=item.get("format"),
            known=FORMAT,
        )
    return LockRecord(
        id=str(item["id"]),
        fence=fence,
        version=str(item["version"]),
        held=held == 1,
        lease_seconds=lease / _MILLISECONDS,
        operation=str(item["operation"]),
        actor=Actor(who=str(item["who"]), host=str(item["host"]), link=str(item["link"])),
        since=datetime.fromisoformat(str(item["since"])),
    )
