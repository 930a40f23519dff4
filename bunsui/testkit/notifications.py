"""A channel in memory: what was told on it, each key once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bunsui.errors import NotSent
from bunsui.ports.notifications import Notification


@dataclass(slots=True, kw_only=True)
class MemoryChannel:
    """Implements `bunsui.ports.notifications.Notifier`."""

    told: dict[str, Notification] = field(default_factory=dict)
    """By key."""
    sends: list[str] = field(default_factory=list)
    """The keys of all attempts that came through, in their order."""
    failures: list[NotSent] = field(default_factory=list)
    """What the next attempts raise, the first first; each once."""
    loses_answers: bool = False
    """True: what an attempt in `failures` was given is told all the same."""

    def send(self, notification: Notification) -> None:
        """Keep it; see `bunsui.ports.notifications.Notifier`."""
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self.loses_answers:
            self.sends.append(notification.key)
            self.told.setdefault(notification.key, notification)
        if failure is not None:
            raise failure

    @property
    def subjects(self) -> Sequence[str]:
        """What people saw, in its order."""
        return [notification.subject for notification in self.told.values()]
