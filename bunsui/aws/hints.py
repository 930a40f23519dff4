"""What a hinted plan works with, on a connection."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.connect import Connection
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.aws.trail import CloudTrail
from bunsui.model.resource import Scope
from bunsui.ports.hints import Hints, Surveyor


def hints(connection: Connection, scope: Scope, surveyors: Mapping[str, Surveyor]) -> Hints | None:
    """Return the hints of a scope; None on an endpoint of this machine, where no record of calls is kept."""
    if connection.is_local:
        return None
    return Hints(
        trail=CloudTrail(connection),
        memory=DynamoDBVerificationStore(DynamoDBClient(connection), scope),
        surveyors=surveyors,
        remark=connection.remark,
    )
