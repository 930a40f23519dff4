"""The lock of one environment: one item, written only over the version that was read."""

from __future__ import annotations

from datetime import datetime

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import stamp, stored_item
from bunsui.errors import Conflict, Unavailable
from bunsui.model.resource import Scope
from bunsui.ports.ledger import Actor, Fence, LockRecord
from bunsui.stored_words import StoredForm

LOCK = "lock"
_MILLISECONDS = 1000
_TEXTS = ("id", "version", "operation", "who", "host", "link", "since")
_NUMBERS = ("fence", "held", "lease_milliseconds")


class DynamoDBLockStore:
    """Implements `bunsui.ports.ledger.LockStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)

    def read(self) -> LockRecord | None:
        """Return the record by a consistent read, None when the lock was never taken."""
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
            **stamp(StoredForm.LOCK),
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
    """Return the condition that the lock is still held under this fence, for `DynamoDBClient.transact`."""
    condition = Condition(
        text="#id = :id AND #fence = :fence AND #held = :held", values={"id": fence.id, "fence": fence.number, "held": 1}
    )
    return partition, LOCK, condition


def fenced_error(fence: Fence) -> Conflict:
    """Return the error for a write whose lock is gone."""
    return Conflict(
        "fenced",
        "the lock is no longer ours, so the state was not written",
        hint="Apply again; the next plan finds out by reading AWS what was done.",
        fence=fence.number,
    )


def _record(item: Item) -> LockRecord:
    """Read the record; no checksum guards it, since its condition is on single attributes."""
    stored_item(item, name="lock").check_format(item.get("format"), StoredForm.LOCK)
    texts = {name: text for name in _TEXTS if isinstance(text := item.get(name), str)}
    numbers = {name: number for name in _NUMBERS if isinstance(number := item.get(name), int)}
    since = _instant(texts.get("since", ""))
    if len(texts) < len(_TEXTS) or len(numbers) < len(_NUMBERS) or since is None:
        raise Unavailable(
            "lock-unreadable",
            "the lock is damaged",
            hint="Look at its item in the table, and remove it once nobody applies:\nthe next apply makes it anew.",
            item="lock",
        )
    return LockRecord(
        id=texts["id"],
        fence=numbers["fence"],
        version=texts["version"],
        held=numbers["held"] == 1,
        lease_seconds=numbers["lease_milliseconds"] / _MILLISECONDS,
        operation=texts["operation"],
        actor=Actor(who=texts["who"], host=texts["host"], link=texts["link"]),
        since=since,
    )


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
