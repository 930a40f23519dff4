"""What is asked of an account when something is wrong: each question answers by itself, whatever else fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.errors import BunsuiError
from bunsui.ports.cloud import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCredentials:
    """Credentials that the machine has, without anything secret of them."""

    source: str
    """Where they come from, in botocore's word: `env`, `shared-credentials-file`, `sso`, `assume-role`, `iam-role`."""
    expires_at: datetime | None = None
    """None where they do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAnswer:
    """What one endpoint answered to a call without credentials."""

    service: str
    host: str
    aws_time: datetime | None = None
    """Its clock, to the second; None where it did not answer."""
    local_time: datetime | None = None
    """This machine's clock when the answer came."""
    problem: BunsuiError | None = None
    """Why there was no answer of AWS; None for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLook:
    """How the table of the state is, as far as one call tells."""

    name: str
    is_there: bool
    status: str = ""
    """AWS's word: `ACTIVE`, `CREATING`."""
    has_our_keys: bool = True
    """False when it is a table of something else."""


class AccountProbe(Protocol):
    """Asks one account, a little."""

    def endpoints(self) -> Sequence[EndpointAnswer]:
        """Return what each endpoint that a plan needs answers to a call without credentials, all asked at once."""
        ...

    def credentials(self) -> FoundCredentials:
        """Return the credentials that would be used, without a call to AWS unless they have to be fetched.

        Raises:
            BunsuiError: there are none, or they cannot be fetched.

        """
        ...

    def caller(self) -> Caller:
        """Return who AWS says they belong to.

        Raises:
            BunsuiError: it does not take them.

        """
        ...

    def table(self) -> TableLook:
        """Return how the table of the state is.

        Raises:
            BunsuiError: it cannot be looked at.

        """
        ...

    def state_size(self) -> int:
        """Return how many resources the state of the project's environment holds, by the formats that this bunsui reads.

        Raises:
            BunsuiError: it cannot be read, is damaged, or was written by a newer bunsui.

        """
        ...
