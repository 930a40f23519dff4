"""The gate before the socket: a write that is refused there sends nothing."""

from __future__ import annotations

import socket
import threading

import pytest

from bunsui.aws.connect import Credentials, connect
from bunsui.errors import Locked


class Listener:
    """Takes connections, answers nothing, and counts the bytes that arrive."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.connections = 0
        self.received = b""
        self.closed = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        taken, _ = self.server.accept()
        self.connections += 1
        while chunk := taken.recv(65536):
            self.received += chunk
        self.closed.set()
        taken.close()


def test_a_lease_that_is_lost_while_the_connection_is_made_lets_no_byte_out() -> None:
    listener = Listener()
    connection = connect(
        region="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{listener.port}",
        credentials=Credentials(access_key="1" * 12, secret_key="x"),
    )
    asked: list[int] = []

    def permit() -> None:
        asked.append(listener.connections)
        if len(asked) > 1:
            raise Locked("lease-lost", "the lock was lost, so nothing more is written")

    connection.gate_writes(permit)
    with pytest.raises(Locked), connection.translated("iam", "CreateRole"):
        connection.writer("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    connection.close()
    assert listener.closed.wait(5)
    assert listener.received == b""
    assert len(asked) == 2
    listener.server.close()
