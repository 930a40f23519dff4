"""Pools of slots: in memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from bunsui.errors import Conflict
from bunsui.model.admission.pools import SlotPool


class MemoryPoolStore:
    """Implements `bunsui.ports.session_rows.PoolStore`."""

    def __init__(self) -> None:
        """Start empty."""
        self._pools: dict[str, SlotPool] = {}
        self._lock = threading.Lock()

    def read(self, name: str) -> SlotPool:
        """Return the pool; one of which nobody holds anything where nothing was stored."""
        with self._lock:
            return self._pools.get(name, SlotPool(name=name))

    def write(self, pool: SlotPool) -> SlotPool:
        """Store it in place of the version that it was made from, and return it with the new one."""
        with self._lock:
            there = self._pools.get(pool.name)
            if (there.row_version if there is not None else 0) != pool.row_version:
                raise Conflict("pool-changed", "somebody else changed the pool first", pool=pool.name)
            self._pools[pool.name] = newer = replace(pool, row_version=pool.row_version + 1)
            return newer
