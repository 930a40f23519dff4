"""What sending notifications asks of an account: values of secrets, and messages of topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class StoredValues(Protocol):
    """Parameter Store and Secrets Manager, read when something is sent. What they give is neither kept nor shown."""

    def parameter_text(self, path: str) -> str:
        """Return the value of a parameter, of a SecureString decrypted. Missing where there is none, AccessDenied for who may
        not."""
        ...

    def secret_text(self, name: str) -> str:
        """Return the text of a secret, by its name or ARN. Missing where there is none, AccessDenied for who may not."""
        ...


class TopicPublisher(Protocol):
    """SNS."""

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
        """Publish a message; the two ids are for FIFO topics only. Raises a CloudError."""
        ...
