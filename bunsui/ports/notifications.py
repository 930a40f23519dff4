"""Notifications: what people are told, and the one verb that tells them on a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

SEND_SECONDS = 20.0
"""What one `send` may take, its own attempts included."""


class Urgency(Enum):
    """How much a notification matters, as its channel shows it."""

    CRITICAL = "critical"
    """Somebody must act now."""
    WARNING = "warning"
    """Something is not as it should be."""
    INFO = "info"
    """Nothing to do, such as that something works again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationLink:
    """A place to look further."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What people are told once. Every text may be foreign: whoever sends it makes it harmless for its channel and cuts it."""

    key: str
    """The idempotency key: the same for each attempt to tell the same. Letters, digits and `-_.:`, at most 128."""
    subject: str
    """One line."""
    lines: Sequence[str] = ()
    """What is to be said in words; a line may be a command, which is to be pasted as it stands."""
    facts: Sequence[tuple[str, str]] = ()
    """Names with values, in the order in which they are shown."""
    severity: Urgency = Urgency.CRITICAL
    links: Sequence[NotificationLink] = ()


class Notifier(Protocol):
    """One channel."""

    def send(self, notification: Notification) -> None:
        """Tell it, within `SEND_SECONDS`. What was told already may be told again with the same key: channels that know keys
        tell it once, others twice. Nothing of a secret is in what is raised.

        Raises:
            NotSent: it was not told as far as anybody can know; `passes` says whether it helps to try again: `Passing.NEVER`,
                where something must be changed first, or `Passing.LATER`, with the same key.

        """
        ...
