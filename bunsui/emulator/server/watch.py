"""What requests tell about the embedded AWS: that there is something to save, and that nobody needs it any more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bunsui.emulator.server.access_filter import Gate
from bunsui.folders.filelock import FileLock

_log = logging.getLogger("bunsui.emulator")

_LOOK_SECONDS = 1.0
_ECHO_SECONDS = 3.0
"""How long after the last change background work that it began (an invocation, a notification) may still change things."""
_SWEEP_SECONDS = 15.0
"""How often to save without a sign of change: schedules and alarms act by themselves."""


class RequestActivity:
    """What goes on in the emulator: requests through the gate, and executions."""

    def __init__(self, gate: Gate, pulse: Callable[[], tuple[int, int]]) -> None:
        """Watch the requests that come through `gate`. `pulse` gives how many executions run, and a number that changes
        with them."""
        self._gate = gate
        self._pulse = pulse
        self._seen: tuple[int, int, int] = (0, 0, 0)
        self._swept = time.monotonic()

    def changed(self) -> bool:
        """Tell whether something may have changed since the last time it was asked."""
        now = time.monotonic()
        running, changes = self._pulse()
        seen = (self._gate.changes, running, changes)
        sweep = now - self._swept > _SWEEP_SECONDS
        if seen == self._seen and not running and not sweep and now - self._gate.last_change > _ECHO_SECONDS:
            return False
        self._seen, self._swept = seen, now
        return True

    def idle_seconds(self) -> float:
        """Return the time since the last request; 0 while a request or an execution is at work."""
        if self._gate.busy or self._pulse()[0]:
            return 0.0
        return time.monotonic() - self._gate.last_request


async def watch(activity: RequestActivity, lock: FileLock, idle_minutes: float, stopping: asyncio.Event) -> None:
    """Set `stopping` when the data folder is gone, or when nothing was asked for `idle_minutes` (0: never for that)."""
    while not stopping.is_set():
        if not lock.still_there():
            _log.warning("the data folder is gone")
            stopping.set()
        elif idle_minutes and activity.idle_seconds() > idle_minutes * 60:
            _log.info("stopping: nobody asked anything for %g minutes", idle_minutes)
            stopping.set()
        else:
            await asyncio.sleep(min(_LOOK_SECONDS, idle_minutes * 60 or _LOOK_SECONDS))
