"""Ask one account about itself: which credentials there are, whose they are, whether the state is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bunsui.aws.botocore_session import asks_for_code
from bunsui.aws.connect import Connection
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.errors import credentials_fetched, translate_errors
from bunsui.aws.identity import StsIdentity
from bunsui.aws.probes.endpoints import ask_endpoints, readable_configuration
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import AccessDenied, Missing
from bunsui.model.resource import Scope
from bunsui.ports.cloud import Caller
from bunsui.ports.diagnosis import EndpointAnswer, FoundCredentials, TableLook

_KEYS = (("pk", "HASH"), ("sk", "RANGE"))


class AwsAccountProbe:
    """Implements `bunsui.ports.diagnosis.AccountProbe`."""

    def __init__(
        self,
        connection: Connection,
        *,
        session: Callable[[], Any],
        profile: str | None,
        can_ask: bool,
        scope: Callable[[Caller], Scope] | None,
    ) -> None:
        """Make it on a connection; `session` returns the botocore session whose credentials it uses, `can_ask` whether
        somebody could type the code of a second factor, `scope` where the state of the project is for a caller, None without a
        project."""
        self._connection = connection
        self._session = session
        self._profile = profile
        self._can_ask = can_ask
        self._scope = scope
        self._identity = StsIdentity(connection)

    def endpoints(self) -> Sequence[EndpointAnswer]:
        """Return what each endpoint that a plan needs answers to a call without credentials."""
        return ask_endpoints(self._connection.region, self._profile)

    def credentials(self) -> FoundCredentials:
        """Return the credentials that would be used, nothing of the keys themselves."""
        profile = self._profile
        with translate_errors("sts", "credentials", profile=profile), credentials_fetched("sts", profile=profile):
            core = self._session()
            if asks_for_code(core) and not self._can_ask:
                raise _code_needed(profile)
            found = core.get_credentials()
            if found is None:
                raise AccessDenied(
                    "credentials-missing",
                    "there are no AWS credentials",
                    hint="Set AWS_PROFILE, or sign in:\n  aws configure sso\nThe embedded AWS (-e local) needs none.",
                )
            _fetch(found, profile)
        expires_at = vars(found).get("_expiry_time")  # botocore has no other place that says it
        return FoundCredentials(source=str(found.method), expires_at=expires_at if isinstance(expires_at, datetime) else None)

    def caller(self) -> Caller:
        """Return who AWS says they belong to."""
        with readable_configuration():
            return self._identity.caller()

    def table(self) -> TableLook:
        """Return how the table of the state is."""
        name = DynamoDBClient(self._connection).table
        try:
            with self._connection.translated("dynamodb", "DescribeTable", table=name):
                table = self._connection.reader("dynamodb").describe_table(TableName=name)["Table"]
        except Missing:
            return TableLook(name=name, is_there=False)
        keys = tuple((key["AttributeName"], key["KeyType"]) for key in table.get("KeySchema", ()))
        return TableLook(name=name, is_there=True, status=str(table.get("TableStatus", "")), has_our_keys=keys == _KEYS)

    def state_size(self) -> int:
        """Return how many resources the state of the project's environment holds."""
        assert self._scope is not None, "asked for the state of no project"
        store = DynamoDBStateStore(DynamoDBClient(self._connection), self._scope(self.caller()))
        store.owner_id()
        return len(store.addresses())


def _fetch(found: Any, profile: str | None) -> None:
    try:
        found.get_frozen_credentials()
    except RuntimeError as error:  # so botocore says that what it fetched anew has expired as well
        command = f"aws sso login --profile {profile}" if profile else "aws sso login"
        raise AccessDenied(
            "credentials-expired", "the AWS credentials have expired", hint=f"Sign in again:\n  {command}"
        ) from error


def _code_needed(profile: str | None) -> AccessDenied:
    return AccessDenied(
        "code-needed",
        "the profile asks for the code of a second factor, and there is nobody to type it",
        hint="Run the same in a terminal; what the code gives is kept for the next commands.",
        profile=profile,
    )
