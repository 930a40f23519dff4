"""The shape of alerts: `alerts` in both files, `channels` in the project's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Id
from bunsui.model.alerts import MOST_CHANNELS
from bunsui.model.environment.deadlines import DEADLINE_PATTERN


class AlertEntry(Entry):
    """Who is told of an event of the pipeline's sessions."""

    event: Literal["failed", "late", "did_not_run", "slower"]
    """`failed`: a session failed, ran out of time, or was stopped. The others need an environment with a resident. `late`:
    a scheduled run has not succeeded by its deadline. `did_not_run`: it has not begun. `slower`: a session takes longer than
    sessions of the pipeline usually do."""
    notify: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHANNELS)]
    """Names of channels, from `channels` in bunsui.yaml."""
    deadline: Annotated[str, Field(pattern=DEADLINE_PATTERN)] | None = None
    """By when a scheduled run is to have succeeded (`late`) or begun (`did_not_run`): the next such time of the day in the
    pipeline's zone, as `"06:00"`, or a time after it was due, as `90m`, at most a day. Without one, `did_not_run` waits for ten
    minutes."""


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
