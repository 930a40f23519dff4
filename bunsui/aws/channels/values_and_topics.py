"""What sending notifications asks of AWS: values in clear text for the moment of a send; messages of topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.aws.connect import Connection


class AwsStoredValues:
    """Implements `bunsui.ports.sending.StoredValues`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def parameter_text(self, path: str) -> str:
        """Return the value of a parameter, of a SecureString decrypted."""
        with self._connection.translated("ssm", "GetParameter", parameter=path):
            found = self._connection.reader("ssm").get_parameter(Name=path, WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def secret_text(self, name: str) -> str:
        """Return what is held under the name as text; of binary content nothing."""
        with self._connection.translated("secretsmanager", "GetSecretValue", secret=name):
            found = self._connection.reader("secretsmanager").get_secret_value(SecretId=name)
        return str(found.get("SecretString", ""))


class SnsTopicPublisher:
    """Implements `bunsui.ports.sending.TopicPublisher`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

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
        """Publish a message."""
        request: dict[str, Any] = {
            "TopicArn": topic_arn,
            "Subject": subject,
            "Message": text,
            "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
        }
        if deduplication_id:
            request |= {"MessageDeduplicationId": deduplication_id, "MessageGroupId": group_id}
        with self._connection.translated("sns", "Publish", topic=topic_arn):
            self._connection.writer("sns").publish(**request)
