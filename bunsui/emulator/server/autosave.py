"""Writes what changed in the emulator to disk, about once a second.

The emulator saves at a clean stop only, so a killed one would lose everything. Here every service's state is copied on the
server's own loop (between two requests, so that no request is seen half done), turned into text in a thread, and written in
one step when the text differs from what lies on disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bunsui.folders.files import write_atomically
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry_async
from bunsui.system_clock import SystemClock

_log = logging.getLogger("bunsui.emulator")

PERIOD_SECONDS = 1.0
_REST_FACTOR = 4.0
"""A save that took t seconds is followed by a rest of at least this many t, so that saving never eats the machine."""
_CHANGED_WHILE_COPIED: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, RuntimeError), backoff=Backoff(first_seconds=0.02), attempts=5
)
"""An execution's thread changed the state while it was copied; it will be quiet in a moment."""

Snapshot = Callable[[], Mapping[str, Callable[[], Any]]]
"""Returns for each service a function that copies its state."""


class Autosave:
    """Keeps the files of a state folder up to date."""

    def __init__(
        self,
        folder: Path,
        snapshot: Snapshot,
        encode: Callable[[str, Any], str],
        *,
        period_seconds: float = PERIOD_SECONDS,
    ) -> None:
        """Write `encode(service, state)` of what `snapshot` gives into `folder`, a period after the save before."""
        self._period_seconds = period_seconds
        self._folder = folder
        self._snapshot = snapshot
        self._encode = encode
        self._written: dict[str, bytes] = {}
        self._last_failure = ""
        self._saving = asyncio.Lock()
        self.last_seconds = 0.0
        """How long the last save took."""
        self.saves = 0

    @property
    def failure(self) -> str:
        """Why the last save did not reach the disk; empty when it did."""
        return self._last_failure

    async def run(self, changed: Callable[[], bool], stopped: asyncio.Event) -> None:
        """Save about every second while `changed()`, until `stopped`."""
        while not stopped.is_set():
            rest = max(self._period_seconds, _REST_FACTOR * self.last_seconds)
            try:
                await asyncio.wait_for(stopped.wait(), rest)
            except TimeoutError:
                if changed() or self._last_failure:
                    await self.save()

    async def save(self) -> None:
        """Save once. A failure is kept in `failure` and logged when it is a new one; the next round tries again."""
        async with self._saving:
            await self._save()

    async def _save(self) -> None:
        began = time.monotonic()
        failures = []
        for service, copy_state in self._snapshot().items():
            try:
                await self._save_service(service, copy_state)
            except (OSError, RuntimeError, TypeError, ValueError) as problem:
                failures.append(f"{service}: {problem}")
        failure = "; ".join(failures)
        if failure and failure != self._last_failure:
            _log.error("could not save, will try again: %s", failure)
        self._last_failure = failure
        self.last_seconds = time.monotonic() - began
        self.saves += 1

    async def _save_service(self, service: str, copy_state: Callable[[], Any]) -> None:
        async def save() -> None:
            state = copy_state()
            if state is not None:
                await asyncio.to_thread(self._write, service, state)

        await retry_async(save, (_CHANGED_WHILE_COPIED,), Retrying(clock=SystemClock()), sleep=asyncio.sleep)

    def _write(self, service: str, state: object) -> None:
        content = self._encode(service, state).encode()
        digest = hashlib.sha256(content).digest()
        if self._written.get(service) != digest:
            write_atomically(self._folder / f"{service}.json", content)
            self._written[service] = digest


def encoder(default: Callable[[Any], Any], version: Callable[[str], int]) -> Callable[[str, Any], str]:
    """Return the function that writes a state as the emulator reads it: its own wrapper, `default` for its own types."""

    def encode(service: str, state: object) -> str:
        return json.dumps({"__ministack_format__": version(service), "payload": state}, default=default)

    return encode
