"""Point-in-time recovery of the table, through which a damaged state is restored."""

from __future__ import annotations

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.errors import none_unless_permitted
from bunsui.errors import Missing, Unsupported


class DynamoDBRecovery:
    """Implements `bunsui.ports.storage.Recovery` for the table that holds everything."""

    def __init__(self, client: DynamoDBClient) -> None:
        """Make it on the table's client."""
        self._client = client

    def is_on(self) -> bool | None:
        """Return whether it is; None where the table is not there, the permission is missing, or an emulator has none."""
        try:
            return none_unless_permitted(self._client.has_recovery)
        except (Missing, Unsupported):
            return None

    def switch_on(self) -> None:
        """Switch it on; Conflict that passes as long as AWS is still enabling backups of a new table."""
        self._client.enable_recovery()
