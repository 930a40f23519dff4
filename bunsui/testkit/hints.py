"""Hints in memory: a record of calls that lags, and what plans verified."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.errors import AccessDenied, Conflict
from bunsui.ports.clock import Clock
from bunsui.ports.hints import TrailEvent, Verification


@dataclass(slots=True)
class MemoryTrail:
    """Implements `bunsui.ports.hints.Trail`. Events show up when they are `lateness` old, as those of CloudTrail do."""

    clock: Clock
    lateness: timedelta = timedelta(minutes=15)
    events: list[TrailEvent] = field(default_factory=list)
    is_permitted: bool = True
    lookups: list[str] = field(default_factory=list)
    """The names that were asked for."""

    def record(self, name: str, *subjects: str, who: str = "") -> None:
        """Note a call that is made now."""
        event_id = f"event-{len(self.events) + 1}"
        self.events.append(TrailEvent(name=name, at=self.clock.now(), who=who, id=event_id, subjects=frozenset(subjects)))

    def changes(self, names: Collection[str], *, since: datetime, is_global: bool = False) -> Sequence[TrailEvent]:
        """Return every call of these names since then that shows up by now."""
        if not self.is_permitted:
            raise AccessDenied("access-denied", "the caller may not look up events", service="cloudtrail")
        self.lookups += sorted(names)
        shown = self.clock.now() - self.lateness
        return [event for event in self.events if event.name in names and since <= event.at <= shown]


@dataclass(slots=True)
class MemoryVerificationStore:
    """Implements `bunsui.ports.hints.VerificationStore`."""

    stored: Verification | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> Verification | None:
        """Return what is stored, None when nothing is."""
        with self.lock:
            return self.stored

    def store(self, verification: Verification) -> None:
        """Replace what is stored; Conflict when something else is stored than the version that this was made from."""
        with self.lock:
            if self.stored is not None and self.stored.version != verification.version:
                raise Conflict("verification-changed", "another plan stored what it verified")
            self.stored = replace(verification, version=verification.version + 1)
