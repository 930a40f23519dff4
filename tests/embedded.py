"""The embedded AWS for tests: one for each test process, and clients for accounts of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from bunsui.local.launcher import LocalEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedAccount:
    """An empty account in the running embedded AWS: what one test makes there, no other test sees."""

    endpoint: LocalEndpoint
    account: str
    region: str

    def client(self, service: str) -> Any:
        """Give a boto3 client that works in this account."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint.url,
            region_name=self.region,
            aws_access_key_id=self.account,
            aws_secret_access_key=self.endpoint.secret_key,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def fresh_account(endpoint: LocalEndpoint) -> EmbeddedAccount:
    """Give an account that nobody used yet; twelve digits as access key are an account to the emulator."""
    account = str(secrets.randbelow(9 * 10**11) + 10**11)
    return EmbeddedAccount(endpoint=endpoint, account=account, region=endpoint.region)
