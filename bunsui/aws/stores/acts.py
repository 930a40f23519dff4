"""The acts on sessions of one environment: a chain (`bunsui.apply.act_trail`) to which many append without a lock.

A record is written with the trail's head in one transaction, which happens only where the head is still the one that the record
follows. Who was second reads the head again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.apply.act_trail import act_document, act_of, following_act, head_of
from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.errors import Conflict
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.ports.acts import ACT_CALLS, ACT_OUTCOMES, ACTS, ActRecord, ActsHead
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry
from bunsui.stored_words import StoredForm, StoredItem
from bunsui.system_clock import SystemClock

_ACT = "act#"
_HEAD = "head"
_OTHERS_WERE_FIRST: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, Conflict),
    backoff=Backoff(first_seconds=0.05, factor=1.5, longest_seconds=1.0),
    patience_seconds=20.0,
    jitter=0.9,
)
"""Each of those who meet is first once: of a hundred at a time, the last waits for some seconds."""


class DynamoDBActLog:
    """Implements `bunsui.ports.acts.ActLog`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = f"{partition_of(scope)}#acts"
        self._seen: ActsHead | None = None
        """The head as it was read or written last: `append` first tries whether it still stands, which saves a read."""
        self._one_at_a_time = threading.Lock()

    def append(self, record: ActRecord) -> ActRecord:
        """Store a new record behind the last one; give it with its place and the hash of the one before.

        Raises:
            Conflict: others were first again and again.
            Missing: there is no table, since nothing was applied yet.

        """
        with self._one_at_a_time:
            return retry(lambda: self._try(record), (_OTHERS_WERE_FIRST,), Retrying(clock=SystemClock()))

    def acts(self) -> Sequence[ActRecord]:
        """Return all records, newest first."""
        return [_record(item) for item in self._client.query(self._partition, prefix=_ACT, newest_first=True)]

    def head(self) -> ActsHead:
        """Return which record is the last one."""
        item = self._client.get(self._partition, _HEAD)
        return value_in([item], StoredForm.ACTS_HEAD, _head, name="head of the acts") if item is not None else ActsHead()

    def _try(self, record: ActRecord) -> ActRecord:
        before, self._seen = self._seen or self.head(), None
        placed = following_act(before, record)
        head = head_of(placed)
        named: Mapping[str, Json] = {"serial": head.serial, "head_hash": head.head_hash}
        try:
            self._client.write(
                [
                    (self._item(_HEAD, named, StoredForm.ACTS_HEAD, hash=head.head_hash), _if_still(before)),
                    (self._item(_key(placed), act_document(placed), StoredForm.ACT), _IF_FREE),
                ]
            )
        except Conflict:
            if not self._is_there(placed):
                raise
        self._seen = head
        return placed

    def _is_there(self, placed: ActRecord) -> bool:
        """Tell whether the record was written after all, and only the answer was lost."""
        item = self._client.get(self._partition, _key(placed))
        return item is not None and _record(item).hash == placed.hash

    def _item(self, key: str, document: Mapping[str, Json], form: StoredForm, **more: Scalar) -> Item:
        [part] = chunks(document, form)  # a line of the trail is short
        return {"pk": self._partition, "sk": key, **part, **more}


_IF_FREE = Condition(text="attribute_not_exists(#pk)")


def _if_still(before: ActsHead) -> Condition:
    return Condition(text="#hash = :before", values={"before": before.head_hash}) if before.serial else _IF_FREE


def _key(record: ActRecord) -> str:
    return f"{_ACT}{record.serial:012d}"


def _head(document: Mapping[str, Any], _item: StoredItem) -> ActsHead:
    return ActsHead(serial=document["serial"], head_hash=document["head_hash"])


def _record(item: Item) -> ActRecord:
    def read(document: Mapping[str, Any], about: StoredItem) -> ActRecord:
        about.word("act", document["act"], ACTS)
        about.word("call", document["call"], ACT_CALLS)
        about.word("outcome", document["outcome"], ACT_OUTCOMES)
        return act_of(document)

    return value_in([item], StoredForm.ACT, read, name=str(item["sk"]))
