"""Who the credentials belong to."""

from __future__ import annotations

import threading

from bunsui.aws.connect import Connection
from bunsui.ports.cloud import Caller


class StsIdentity:
    """Asks STS, once; needs no permission."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._lock = threading.Lock()
        self._caller: Caller | None = None

    def caller(self) -> Caller:
        """Return the caller; AccessDenied with the next step when there are no usable credentials."""
        with self._lock:
            if self._caller is None:
                self._caller = self._ask()
            return self._caller

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of a service in this account and region."""
        caller = self.caller()
        return f"arn:{caller.partition}:{service}:{caller.region}:{caller.account}:{resource}"

    def _ask(self) -> Caller:
        with self._connection.translated("sts", "GetCallerIdentity"):
            answer = self._connection.reader("sts").get_caller_identity()
        arn = str(answer["Arn"])
        return Caller(account=str(answer["Account"]), arn=arn, region=self._connection.region, partition=arn.split(":")[1])
