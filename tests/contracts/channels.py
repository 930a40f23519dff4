"""What the contract of channels asks of an implementation: to send, to show what arrived, to fail on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bunsui.errors import NotSent, Passing
from bunsui.ports.notifications import Notification, NotificationLink, Notifier, Urgency
from bunsui.testkit.notifications import MemoryChannel

PASSES = (Passing.NEVER, Passing.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What arrived on the other side."""

    key: str
    """The idempotency key, where the channel's other side is given one."""
    text: str
    """Everything a person reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A channel with its other side."""

    notifier: Notifier
    seen: Callable[[], Sequence[Seen]]
    """What arrived, in its order."""
    fail: Callable[[Passing], None]
    """Makes the next attempt fail so."""
    fails: Sequence[Passing] = PASSES
    """The ways in which it can be made to fail."""


def memory_bench() -> Bench:
    """Return a channel in memory, of which everything is known."""
    channel = MemoryChannel()

    def seen() -> list[Seen]:
        told = [channel.told[key] for key in channel.sends]
        return [Seen(key=one.key, text="\n".join([one.subject, *one.lines, *(v for _, v in one.facts)])) for one in told]

    def fail(passes: Passing) -> None:
        channel.failures.append(NotSent("test", "it was not told", passes=passes))

    return Bench(notifier=channel, seen=seen, fail=fail)


def notification(key: str = "orders.failed.7f3a", **changed: object) -> Notification:
    """Return what an alert may look like."""
    said: dict[str, object] = {
        "subject": "orders failed: load, ValueError",
        "lines": ("could not convert string to float: 'NA'", "bunsui resume 01M8Z3 -e prod"),
        "facts": (("pipeline", "orders"), ("slot", "2026-01-31"), ("owner", "data")),
        "severity": Urgency.CRITICAL,
        "links": (NotificationLink(label="console", url="https://console.aws.amazon.com/states/home?a=1&b=2"),),
        **changed,
    }
    return Notification(key=key, **said)  # type: ignore[arg-type]
