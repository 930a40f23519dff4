"""What Lambda sets aside for functions."""

from __future__ import annotations

from bunsui.aws.connect import Connection
from bunsui.errors import Missing


class AwsFunctionLimits:
    """Implements `bunsui.ports.functions.FunctionLimits`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def reserved(self, function: str) -> int | None:
        """Return how many calls at once are reserved, None where nothing is reserved."""
        try:
            with self._connection.translated("lambda", "GetFunctionConcurrency", function=function):
                answer = self._connection.reader("lambda").get_function_concurrency(FunctionName=function)
        except Missing:
            return None
        amount = answer.get("ReservedConcurrentExecutions")
        return int(amount) if amount is not None else None
