"""The embedded AWS for tests: one for each test process, and clients for accounts of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection
from bunsui.emulator.access.principals import Keys
from bunsui.emulator.launcher.launcher import LocalEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedAccount:
    """An empty account in the running embedded AWS: what one test makes there, no other test sees."""

    endpoint: LocalEndpoint
    account: str
    region: str

    @property
    def keys(self) -> Keys:
        """The developer's keys in this account."""
        return self.endpoint.keys(self.account)

    def client(self, service: str) -> Any:
        """Return a boto3 client that works in this account."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint.url,
            region_name=self.region,
            aws_access_key_id=self.keys.access_key,
            aws_secret_access_key=self.keys.secret_key,
            aws_session_token=self.keys.token,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def fresh_account(endpoint: LocalEndpoint) -> EmbeddedAccount:
    """Return an account that nobody used yet."""
    account = str(secrets.randbelow(9 * 10**11) + 10**11)
    return EmbeddedAccount(endpoint=endpoint, account=account, region=endpoint.region)


def credentials_of(endpoint: LocalEndpoint, account: str) -> Credentials:
    """Return the developer's credentials in an account, as a connection takes them."""
    keys = endpoint.keys(account)
    return Credentials(access_key=keys.access_key, secret_key=keys.secret_key, token=keys.token)


def outsider(connection: Connection, service: str) -> Any:
    """Return a plain client of somebody else at the same endpoint, who calls as bunsui never does (without publishing)."""
    ours = connection.writer(service)
    keys = ours._request_signer._credentials
    return boto3.client(
        service,
        endpoint_url=ours.meta.endpoint_url,
        region_name=ours.meta.region_name,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
    )
