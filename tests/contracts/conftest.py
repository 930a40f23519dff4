"""The implementations that every contract suite runs on."""

from __future__ import annotations

import json
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from moto.dynamodb.responses import DynamoHandler
from moto.server import ThreadedMotoServer

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect, drops_without
from bunsui.model.resource import Scope
from tests.embedded import credentials_of, outsider

REGION = "eu-west-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """An emulator, an empty account in it, and a scope of its own for one test."""

    name: str
    connection: Connection
    scope: Scope

    def other_scope(self, *, environment: str) -> Scope:
        """Another environment of the same project in the same account."""
        return Scope(
            project=self.scope.project,
            environment=environment,
            account=self.scope.account,
            region=self.scope.region,
            project_id=self.scope.project_id,
        )

    def outsider(self, service: str) -> Any:
        """A plain client of somebody else."""
        return outsider(self.connection, service)


@contextmanager
def one_call_at_a_time() -> Iterator[None]:
    """Let moto's DynamoDB answer one call after the other, as the real one isolates transactions: moto copies its tables for
    them, and fails where somebody writes meanwhile."""
    lock, answer = threading.RLock(), DynamoHandler.call_action

    def call_action(handler: DynamoHandler) -> Any:
        with lock:
            return answer(handler)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", call_action)
        yield


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """A moto server on a free port, which really runs state machines."""
    with one_call_at_a_time():
        yield from _served()


def _served() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        settings = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/config", data=settings, method="POST")) as answer:
            assert answer.status == 201
        yield url
    finally:
        server.stop()


CLOUDS = ("moto", pytest.param("embedded", marks=pytest.mark.embedded))
"""The emulators."""


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Each emulator in turn, with an account that nobody used yet."""
    with opened(request.param, request) as found:
        yield found


@contextmanager
def opened(name: str, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Return one of the emulators with an account that nobody used yet."""
    project = f"shop{secrets.token_hex(4)}"
    if name == "moto":
        account, url, drops = "123456789012", request.getfixturevalue("moto_url"), frozenset[str]()
        credentials = Credentials(access_key=account, secret_key="anything")
    else:
        endpoint = request.getfixturevalue("embedded")
        account, url, drops = str(10**11 + secrets.randbelow(10**11)), endpoint.url, drops_without(endpoint.capabilities)
        credentials = credentials_of(endpoint, account)
    connection = connect(
        region=REGION,
        endpoint_url=url,
        credentials=credentials,
        drops=drops,
        threads=4,
    )
    try:
        yield Cloud(
            name=name,
            connection=connection,
            scope=Scope(project=project, environment="prod", account=account, region=REGION, project_id=f"id-{project}"),
        )
    finally:
        connection.close()
