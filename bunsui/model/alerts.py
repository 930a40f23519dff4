"""Alerts: the events that people are told of, and the channels on which they are told.

A channel is no pipeline, and yet what it is made of must be planned, chosen and counted like the rest: see
`bunsui.model.address`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bunsui.model.address import MARK, SHARED
from bunsui.model.environment.quiet_hours import QuietHours
from bunsui.model.json import Json

TOPIC = "sns"
"""The type of channels that are topics of SNS."""
FAILED, LATE, DID_NOT_RUN, SLOWER = "failed", "late", "did_not_run", "slower"
EVENTS = (FAILED, LATE, DID_NOT_RUN, SLOWER)
"""Events that bunsui can tell of."""
NEEDS_RESIDENT: Mapping[str, str] = {
    LATE: "whether a session has succeeded by a time of the day",
    DID_NOT_RUN: "whether a session has started at all",
    SLOWER: "how long sessions take as a rule",
}
"""Events of which AWS sends nothing, so that somebody has to watch: what he has to watch."""
NOT_TOLD: Mapping[str, str] = {"over_budget": "what sessions cost"}
"""Events that people ask for and of which nobody tells yet: what somebody would have to watch."""
NEEDS_SCHEDULE = (LATE, DID_NOT_RUN)
"""Events of the runs that a schedule starts."""
MOST_CHANNELS = 5
"""Of one event: a rule of EventBridge has at most so many targets (EventBridge user guide, "Quotas")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Who is told when something happens to the pipeline's sessions."""

    event: str
    """One of `EVENTS`."""
    notify: tuple[str, ...]
    """Names of channels, in the order of the file; none where the project's routes say which."""
    deadline: str = ""
    """By when, for events that have a deadline: a time of the day or a duration, see `bunsui.model.environment.deadlines`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where people are told: a topic of SNS, or what a type of channels makes of its entry."""

    name: str
    type: str = TOPIC
    """The type of channels, as the file says it."""
    entry: Mapping[str, Json] = field(default_factory=dict)
    """What the file says of it; references where secrets stand."""
    topic: str | None = None
    """The ARN of a topic that somebody else makes; None where bunsui makes one."""
    key: str | None = None
    """The ARN of the KMS key with which the topic that bunsui makes is encrypted; None for SNS's own encryption at rest."""
    quiet: QuietHours | None = None
    """When nobody is told on it; None for never."""

    @property
    def is_topic(self) -> bool:
        """True for a topic of SNS, whoever makes it."""
        return self.type == TOPIC

    @property
    def is_made(self) -> bool:
        """True where bunsui makes the topic."""
        return self.is_topic and self.topic is None

    @property
    def is_direct(self) -> bool:
        """True where AWS can tell of failures without a resident: not on a FIFO topic, which asks for more than a rule says."""
        return self.is_topic and not (self.topic or "").endswith(".fifo")

    @property
    def owner(self) -> str:
        """What stands for a pipeline in the addresses of the channel's resources."""
        return f"{MARK}{self.name}"


def channel_of(owner: str) -> str:
    """Return the name of the channel that the pipeline of an address stands for; empty where it is a pipeline."""
    return owner.removeprefix(MARK) if owner.startswith(MARK) and owner not in SHARED else ""


def notified(alerts: Iterable[Alert], event: str) -> tuple[str, ...]:
    """Return the names of the channels that are told of an event, each once, in the order of the file."""
    return tuple(dict.fromkeys(name for alert in alerts if alert.event == event for name in alert.notify))
