"""`sns`: a topic of SNS, to which others subscribe.

Source: SNS API reference, "Publish": 256 KiB for text with attributes, a subject of less than 100 characters without control
characters, 128 characters for the ids of FIFO topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.notifications.contract import ChannelType
from bunsui.notifications.fields import CONFIG
from bunsui.notifications.outgoing import Outgoing, TopicMessage
from bunsui.notifications.wording import ascii_subject, cut_bytes, key_token, plain_text
from bunsui.ports.notifications import Notification

TOPIC_PATTERN = r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$"
FIFO = ".fifo"
_SUBJECT_LIMIT = 99
_MESSAGE_BYTES = 256 * 1024 - 1_024
"""Of the text; the rest is for attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsParams:
    """A topic of SNS."""

    __pydantic_config__: ClassVar = CONFIG

    topic: Annotated[str, Field(pattern=TOPIC_PATTERN)] | None = None
    """The ARN of a topic that somebody else makes, in the environment's account and region; its policy must not keep the role
    out that tells alerts. bunsui makes one when it is left out. The name of a FIFO topic ends in `.fifo`."""
    encryption_key: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$")] | None = None
    """The ARN of the KMS key that encrypts the topic that bunsui makes; its policy must let the role use it that tells
    alerts."""


def _outgoing(params: SnsParams, notification: Notification) -> Outgoing:
    topic = params.topic or ""
    token = key_token(notification.key)
    is_fifo = topic.endswith(FIFO)
    return TopicMessage(
        topic_arn=topic,
        subject=ascii_subject(notification, _SUBJECT_LIMIT),
        text=cut_bytes(plain_text(notification), _MESSAGE_BYTES),
        attributes={"bunsui_key": token, "bunsui_severity": notification.severity.value},
        deduplication_id=token if is_fifo else "",
        group_id="bunsui" if is_fifo else "",
    )


def _topics(params: SnsParams) -> Sequence[str]:
    return (params.topic,) if params.topic else ()


TYPE = ChannelType(
    name="sns",
    summary="A topic of SNS, to which e-mail addresses, queues, functions and HTTPS endpoints subscribe",
    params=SnsParams,
    outgoing=_outgoing,
    topics=_topics,
    example="type: sns\n",
)
