"""The account side of gates, made on a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.model.gates import APPROVALS_TABLE
from bunsui.ports.gates import GatePorts

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection
    from bunsui.model.resource import Scope


def gate_ports(connection: Connection, scope: Scope) -> GatePorts:
    """Return the ports of the gates of a project in an environment; nothing is asked yet."""
    from bunsui.aws.approvals.items import DynamoDBGateRows, DynamoDBGateTokens
    from bunsui.aws.approvals.task_tokens import AwsGateAnswers
    from bunsui.aws.dynamodb import DynamoDBClient

    return GatePorts(
        rows=DynamoDBGateRows(client=DynamoDBClient(connection), scope=scope),
        tokens=DynamoDBGateTokens(client=DynamoDBClient(connection, table=APPROVALS_TABLE), scope=scope),
        answers=AwsGateAnswers(connection),
    )
