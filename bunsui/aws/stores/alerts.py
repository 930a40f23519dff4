"""What is kept of alerts in DynamoDB; messages that are still to be told have a partition of their own, found by one query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bunsui.aws.dynamodb import EXPIRES_AT, Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.alert_documents import book_document, book_in, delivery_document, delivery_in
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.errors import Conflict, InvalidInput
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.ports.alerts.kept import AlertBook, AlertDelivery
from bunsui.stored_words import StoredForm

KEPT_SECONDS = 90 * 86_400
"""How long what was told can be looked up."""
_MOST = 90
"""Messages of one transaction, which holds a hundred items."""


class DynamoDBAlertStore:
    """Implements `bunsui.ports.alerts.kept.AlertStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._base = f"{partition_of(scope)}#alerts"

    def books(self) -> Mapping[str, AlertBook]:
        """Return all books, by pipeline."""
        found = (_book(item) for item in self._client.query(self._base))
        return {book.pipeline: book for book in found}

    def write(
        self, book: AlertBook, deliveries: Collection[AlertDelivery] = (), replaced: Collection[AlertDelivery] = ()
    ) -> AlertBook:
        """Store a book in place of the version that it was made from, with new messages in place of open ones, all or nothing.

        Raises:
            Conflict: somebody else wrote the book first, or a message that is replaced.

        """
        if len(deliveries) + len(replaced) > _MOST:
            raise InvalidInput("too-many-alerts", "more messages are due of one pipeline than one write takes")
        newer = replace(book, row_version=book.row_version + 1)
        puts: list[tuple[Item, Condition | None]] = [
            (
                _one_item(self._base, _key(book.pipeline), book_document(newer), StoredForm.ALERT_BOOK, newer.row_version),
                _over(book),
            )
        ]
        puts += [(self._open_item(replace(one, row_version=1)), None) for one in deliveries]
        try:
            self._client.write(puts, deletes=[(f"{self._base}#open", one.id, _same_version(one)) for one in replaced])
        except Conflict as error:
            raise Conflict("alerts-changed", "somebody else judged the pipeline first", pipeline=book.pipeline) from error
        return newer

    def open_deliveries(self) -> Sequence[AlertDelivery]:
        """Return what is still to be told, the oldest first."""
        found = [_delivery(item) for item in self._client.query(f"{self._base}#open")]
        return sorted(found, key=lambda one: (one.made_at, one.id))

    def save(self, delivery: AlertDelivery) -> AlertDelivery:
        """Replace an open message if nobody did since it was read; one that is settled goes to those that can be looked up.

        Raises:
            Conflict: somebody else wrote it first, or it is no longer open.

        """
        newer = replace(delivery, row_version=delivery.row_version + 1)
        same = _same_version(delivery)
        try:
            if newer.state == "open":
                self._client.put(self._open_item(newer), only_if=same)
            else:
                self._client.write([(self._settled_item(newer), None)], deletes=[(f"{self._base}#open", newer.id, same)])
        except Conflict as error:
            raise Conflict("alert-changed", "somebody else tells it", alert=delivery.id) from error
        return newer

    def settled_deliveries(self, *, limit: int = 50) -> Sequence[AlertDelivery]:
        """Return what was told or given up, the newest first."""
        items = self._client.query(f"{self._base}#settled", newest_first=True, page_size=limit)
        return [_delivery(item) for item in islice(items, limit)]

    def _open_item(self, delivery: AlertDelivery) -> Item:
        return _one_item(f"{self._base}#open", delivery.id, delivery_document(delivery), StoredForm.ALERT, delivery.row_version)

    def _settled_item(self, delivery: AlertDelivery) -> Item:
        at = delivery.settled_at or delivery.made_at
        key = f"{at.isoformat(timespec='milliseconds')}#{delivery.id}"
        document = delivery_document(delivery)
        item = _one_item(f"{self._base}#settled", key, document, StoredForm.ALERT, delivery.row_version)
        return {**item, EXPIRES_AT: int(at.timestamp()) + KEPT_SECONDS}


def _one_item(pk: str, sk: str, document: Mapping[str, Json], form: StoredForm, row_version: int) -> dict[str, Scalar]:
    [part] = chunks(document, form)  # what is seen is bounded, a message is cut
    return {"pk": pk, "sk": sk, "row_version": row_version, **part}


def _key(pipeline: str) -> str:
    return f"book#{pipeline}"


def _same_version(delivery: AlertDelivery) -> Condition:
    return Condition(text="#row_version = :before", values={"before": delivery.row_version})


def _over(book: AlertBook) -> Condition:
    if not book.row_version:
        return Condition(text="attribute_not_exists(#pk)")
    return Condition(text="#row_version = :before", values={"before": book.row_version})


def _book(item: Item) -> AlertBook:
    return value_in([item], StoredForm.ALERT_BOOK, book_in, name=f"alerts of {str(item['sk']).partition('#')[2] or 'all'}")


def _delivery(item: Item) -> AlertDelivery:
    return value_in([item], StoredForm.ALERT, delivery_in, name=f"alert {item['sk']!s}")
