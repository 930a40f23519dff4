"""The shape of alerts: `alerts` in both files, `channels` in the project's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Id
from bunsui.model.alerts import MOST_CHANNELS


class AlertEntry(Entry):
    """Who is told of an event of the pipeline's sessions."""

    event: Literal["failed"]
    """`failed`: a session failed, ran out of time, or was stopped."""
    notify: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHANNELS)]
    """Names of channels, from `channels` in bunsui.yaml."""


class ChannelEntry(Entry):
    """Where people are told of alerts."""

    type: Literal["sns"]
    """`sns`: a topic, to which e-mail addresses, queues, functions and HTTPS endpoints subscribe."""
    topic: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$")] | None = None
    """The ARN of a topic that somebody else makes, in the environment's account and region; its policy must not keep the role
    out that tells alerts. bunsui makes one when it is left out."""
    encryption_key: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$")] | None = None
    """The ARN of the KMS key that encrypts the topic that bunsui makes; its policy must let the role use it
    that tells alerts."""
