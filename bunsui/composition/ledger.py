"""What makes applies safe, on the state's table."""

from __future__ import annotations

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.deployments import DynamoDBDeploymentStore
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.model.resource import Scope
from bunsui.ports.ledger import Ledger


def ledger_of(table: DynamoDBClient, scope: Scope) -> Ledger:
    """Return the ledger of a project in one environment."""
    return Ledger(
        locks=DynamoDBLockStore(table, scope),
        journal=DynamoDBJournal(table, scope),
        log=DynamoDBApplyLog(table, scope),
        deployed=DynamoDBDeploymentStore(table, scope),
    )
