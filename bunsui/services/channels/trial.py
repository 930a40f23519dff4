"""Tries channels: one notification on each, and what became of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bunsui.errors import NotFound, NotSent, Passing
from bunsui.model.alerts import Channel
from bunsui.model.resource import Scope
from bunsui.ports.notifications import Notification, Notifier, Urgency

_RESIDENT_MAY = "The resident's role may read it, you may not: its next alert tells whether it comes."
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "access-denied"})


class TrialOutcome(StrEnum):
    """What became of a notification."""

    SENT = "sent"
    FAILED = "failed"
    NOT_FROM_HERE = "not from here"
    """Only the resident may read the secret that is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrial:
    """One channel that was tried."""

    channel: str
    type: str
    outcome: TrialOutcome
    code: str = ""
    """Of what went wrong; empty when nothing did."""
    problem: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    remedy: str = ""
    may_pass: bool = False
    """True where it may help to try again."""


def try_channels(
    notifiers: Mapping[str, Notifier], channels: Mapping[str, Channel], scope: Scope, *, asked: Sequence[str] = (), key: str
) -> Iterator[ChannelTrial]:
    """Send a notification on each of the channels that are asked for, all when none is, one after the other.

    Raises:
        NotFound: `unknown-channel`, before anything is sent.

    """
    for name in asked:
        if name not in channels:
            near = difflib.get_close_matches(name, list(channels), n=1, cutoff=0.6)
            hint = f"Did you mean {near[0]}?" if near else "Declare it under `channels:` in bunsui.yaml."
            raise NotFound("unknown-channel", "there is no such channel in this environment", hint=hint, channel=name)
    for name in dict.fromkeys(asked or channels):
        yield _try(notifiers[name], channels[name], scope, f"bunsui-test.{key}.{name}")


def _try(notifier: Notifier, channel: Channel, scope: Scope, key: str) -> ChannelTrial:
    try:
        notifier.send(trial_notification(channel.name, scope, key))
    except NotSent as failed:
        is_denied = failed.code == "channel-secret" and failed.facts.get("reason") in _DENIED
        return ChannelTrial(
            channel=channel.name,
            type=channel.type,
            outcome=TrialOutcome.NOT_FROM_HERE if is_denied else TrialOutcome.FAILED,
            code=failed.code,
            problem=failed.summary,
            facts={name: value for name, value in failed.facts.items() if name not in ("channel", "type")},
            remedy=_RESIDENT_MAY if is_denied else failed.hint,
            may_pass=failed.passes is not Passing.NEVER,
        )
    return ChannelTrial(channel=channel.name, type=channel.type, outcome=TrialOutcome.SENT)


def trial_notification(channel: str, scope: Scope, key: str) -> Notification:
    """Return what is sent to try a channel."""
    return Notification(
        key=key,
        subject=f"bunsui: a test of the channel {channel}",
        lines=(
            "Nothing happened: somebody asked bunsui to try this channel.",
            "An alert looks like this, with what failed, why, and the command to go on with.",
        ),
        facts=(("project", scope.project), ("environment", scope.environment), ("channel", channel)),
        severity=Urgency.INFO,
    )
