"""Values from the SSM parameter store, read at plan time."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.aws.connect import Connection
from bunsui.errors import InvalidInput, Missing, NotFound


class SsmParameterStore:
    """Reads String and StringList parameters; implements `bunsui.ports.cloud.ParameterStore`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return a String as text or a StringList as a list; InvalidInput for a SecureString, NotFound when there is none."""
        try:
            with self._connection.translated("ssm", "GetParameter", parameter=path):
                # Not decrypted: the value of a SecureString must not reach this process at all.
                parameter = self._connection.reader("ssm").get_parameter(Name=path, WithDecryption=False)["Parameter"]
        except Missing as error:
            raise NotFound(
                "parameter-unknown",
                "there is no such SSM parameter in this account and region",
                hint=f"Look for it:\n  aws ssm get-parameter --name {path}",
                parameter=path,
                region=self._connection.region,
            ) from error
        if parameter["Type"] == "SecureString":
            raise InvalidInput(
                "parameter-is-secret",
                "a SecureString cannot be used in a plan, which is printed, saved and reviewed",
                hint="Pass the parameter's name, and let the task read the value when it runs.",
                parameter=path,
            )
        value = str(parameter["Value"])
        return value.split(",") if parameter["Type"] == "StringList" else value
