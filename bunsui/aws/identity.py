"""Who the credentials belong to."""

from __future__ import annotations

from bunsui.aws.connect import Connection
from bunsui.ports.cloud import Caller


class StsIdentity:
    """Asks STS; needs no permission."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def caller(self) -> Caller:
        """Give the caller; AccessDenied with the next step when there are no usable credentials."""
        with self._connection.translated("sts", "GetCallerIdentity"):
            answer = self._connection.reader("sts").get_caller_identity()
        arn = str(answer["Arn"])
        return Caller(account=str(answer["Account"]), arn=arn, region=self._connection.region, partition=arn.split(":")[1])
