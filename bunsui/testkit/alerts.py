"""Books of alerts, messages to be told: in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bunsui.errors import Conflict
from bunsui.ports.alerts.kept import AlertBook, AlertDelivery


class MemoryAlertStore:
    """Implements `bunsui.ports.alerts.kept.AlertStore`."""

    def __init__(self) -> None:
        """Start empty."""
        self._books: dict[str, AlertBook] = {}
        self._open: dict[str, AlertDelivery] = {}
        self._settled: list[AlertDelivery] = []
        self._lock = threading.Lock()

    def books(self) -> Mapping[str, AlertBook]:
        """Return all books, by pipeline."""
        with self._lock:
            return dict(self._books)

    def write(
        self, book: AlertBook, deliveries: Collection[AlertDelivery] = (), replaced: Collection[AlertDelivery] = ()
    ) -> AlertBook:
        """Store a book in place of the version that it was made from, with new messages in place of open ones."""
        with self._lock:
            there = self._books.get(book.pipeline)
            if (there.row_version if there is not None else 0) != book.row_version:
                raise Conflict("alerts-changed", "somebody else judged the pipeline first", pipeline=book.pipeline)
            for one in replaced:
                kept = self._open.get(one.id)
                if kept is None or kept.row_version != one.row_version:
                    raise Conflict("alerts-changed", "somebody else tells what is replaced", alert=one.id)
            newer = replace(book, row_version=book.row_version + 1)
            for one in replaced:
                del self._open[one.id]
            self._books[book.pipeline] = newer
            self._open.update({one.id: replace(one, row_version=1) for one in deliveries})
            return newer

    def open_deliveries(self) -> Sequence[AlertDelivery]:
        """Return what is still to be told, the oldest first."""
        with self._lock:
            return sorted(self._open.values(), key=lambda one: (one.made_at, one.id))

    def save(self, delivery: AlertDelivery) -> AlertDelivery:
        """Replace an open message if nobody did since it was read."""
        with self._lock:
            there = self._open.get(delivery.id)
            if there is None or there.row_version != delivery.row_version:
                raise Conflict("alert-changed", "somebody else tells it", alert=delivery.id)
            newer = replace(delivery, row_version=delivery.row_version + 1)
            if newer.state == "open":
                self._open[newer.id] = newer
            else:
                del self._open[newer.id]
                self._settled.append(newer)
            return newer

    def settled_deliveries(self, *, limit: int = 50) -> Sequence[AlertDelivery]:
        """Return what was told or given up, the newest first."""
        with self._lock:
            newest = sorted(self._settled, key=lambda one: (one.settled_at or one.made_at, one.id), reverse=True)
            return newest[:limit]
