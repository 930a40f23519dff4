"""What a type of channel makes of a notification: a post, a mail, or a message of a topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bunsui.notifications.references import SecretTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPost:
    """A POST of JSON."""

    url: SecretTemplate
    body: str
    """UTF-8 JSON."""
    key: str
    """Sent as `Idempotency-Key`, and as `webhook-id` where it is signed."""
    headers: Mapping[str, SecretTemplate] = field(default_factory=dict)
    signing_secret: SecretTemplate | None = None
    """With it the post is signed as Standard Webhooks says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes mails, and how one says who one is."""

    host: str
    port: int
    is_tls: bool
    """True: TLS from the first byte. False: STARTTLS, without which nothing is sent."""
    username: SecretTemplate | None = None
    password: SecretTemplate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailMessage:
    """A mail of plain text."""

    server: MailServer
    sender: str
    recipients: Sequence[str]
    subject: str
    text: str
    message_id: str
    """With its angle brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMessage:
    """A message of an SNS topic."""

    topic_arn: str
    subject: str
    text: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    deduplication_id: str = ""
    """For FIFO topics; empty for others."""
    group_id: str = ""


Outgoing: TypeAlias = HttpPost | MailMessage | TopicMessage
