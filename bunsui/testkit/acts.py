"""The acts on sessions in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from bunsui.apply.act_trail import following_act, head_of
from bunsui.ports.acts import ActRecord, ActsHead


class MemoryActLog:
    """Implements `bunsui.ports.acts.ActLog`."""

    def __init__(self) -> None:
        """Start empty."""
        self._records: list[ActRecord] = []
        self._lock = threading.Lock()

    def append(self, record: ActRecord) -> ActRecord:
        """Store a new record behind the last one; give it with its place and the hash of the one before."""
        with self._lock:
            self._records.append(following_act(self._head(), record))
            return self._records[-1]

    def acts(self) -> Sequence[ActRecord]:
        """Return all records, newest first."""
        with self._lock:
            return self._records[::-1]

    def head(self) -> ActsHead:
        """Return which record is the last one."""
        with self._lock:
            return self._head()

    def _head(self) -> ActsHead:
        return head_of(self._records[-1]) if self._records else ActsHead()
