"""What channels are sent with, on this machine: secrets in memory, no SNS."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.errors import CloudError, Missing
from bunsui.notifications.parameters import channel_parameters
from bunsui.notifications.registry import builtin_channels
from bunsui.sending.channel import OpenChannel, Senders
from bunsui.sending.mails import MailSender
from bunsui.sending.posts import HttpSender
from bunsui.system_clock import SystemClock


@dataclass(slots=True)
class KnownSecrets:
    """Implements `bunsui.ports.sending.StoredValues`."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    failure: CloudError | None = None

    def parameter_text(self, path: str) -> str:
        if self.failure is not None:
            raise self.failure
        if path not in self.values:
            raise Missing("not-there", "AWS does not know it", aws_code="ParameterNotFound")
        return self.values[path]

    def secret_text(self, name: str) -> str:
        return self.parameter_text(name)


@dataclass(slots=True)
class TopicsInMemory:
    """Implements `bunsui.ports.sending.TopicPublisher`."""

    published: list[dict[str, Any]] = field(default_factory=list)
    failures: list[CloudError] = field(default_factory=list)

    def publish(
        self,
        topic_arn: str,
        *,
        subject: str,
        text: str,
        attributes: Mapping[str, str],
        deduplication_id: str = "",
        group_id: str = "",
    ) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.published.append(
            {"topic": topic_arn, "subject": subject, "text": text, "attributes": attributes, "id": deduplication_id}
        )


def senders(
    *,
    secrets: Mapping[str, str] | None = None,
    trust: ssl.SSLContext | None = None,
    allows_private: bool = True,
    topics: Any = None,
    stores: Any = None,
) -> Senders:
    clock = SystemClock()
    return Senders(
        secrets=stores or KnownSecrets(dict(secrets or {})),
        topics=topics or TopicsInMemory(),
        http=HttpSender(clock=clock, allows_private=allows_private, trust=trust),
        mails=MailSender(clock=clock, allows_private=allows_private, trust=trust),
    )


def open_channel(entry: Mapping[str, Any], using: Senders) -> OpenChannel:
    channel_type = builtin_channels()[entry["type"]]
    return OpenChannel(name="oncall", type=channel_type, parameters=channel_parameters(channel_type, entry), senders=using)
