"""What became of the trial of channels, as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.channels.trial import ChannelTrial, TrialOutcome


class ChannelTrialPart(ShapeOf[ChannelTrial]):
    """One channel that was tried."""

    channel: str = member("Its name.")
    type: str = member("Its type, as the project file says it.")
    outcome: TrialOutcome = member(
        "`sent`, `failed`, or `not from here` (only the resident may read the secret that is needed)."
    )
    code: str = member("Of what went wrong; empty when nothing did.")
    problem: str = member("The same in words.")
    facts: Mapping[str, str] = member("What is known of it, such as what the server answered. Never a secret.")
    remedy: str = member("What to do.")
    may_pass: bool = member("True where it may help to try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrials:
    """What became of each channel."""

    environment: str
    channels: tuple[ChannelTrial, ...]


class ChannelTrialsDocument(ShapeOf[ChannelTrials], kind="channel-trials"):
    """Of `alerts test`: what became of a notification on each channel."""

    environment: str = member("Whose channels were tried.")
    channels: tuple[ChannelTrialPart, ...] = member("In the order in which they were tried.")
