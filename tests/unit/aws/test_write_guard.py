"""The gate before the socket: a write that is refused there sends nothing, and a long upload arrives."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from array import array
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session as CoreSession
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, Timeouts, connect
from bunsui.aws.write_guard import PIECE_BYTES, pieces
from bunsui.errors import Locked, Unavailable


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


class SlowLine:
    """A server on loopback that takes a request in at a given rate, as over a slow line, and then answers as Lambda."""

    def __init__(self, *, bytes_a_second: float, tls: ssl.SSLContext | None = None, thinks_seconds: float = 0.0) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.getsockname()[1]}"
        self.received = 0
        self._tls, self._rate, self._thinks = tls, bytes_a_second, thinks_seconds
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        taken, _ = self.server.accept()
        line = self._tls.wrap_socket(taken, server_side=True) if self._tls else taken
        head, begun = b"", time.monotonic()
        with suppress(OSError):
            while b"\r\n\r\n" not in head:
                head += line.recv(1024)
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            self.received = len(head.partition(b"\r\n\r\n")[2])
            while self.received < length and (block := line.recv(65536)):
                self.received += len(block)
                time.sleep(max(0.0, begun + self.received / self._rate - time.monotonic()))
            time.sleep(self._thinks)
            line.sendall(
                b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + b'{"Version":"1"}'
            )
        line.close()


def _certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return a server's context for 127.0.0.1 and the file of the authority that a client must trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(day - timedelta(days=1)).not_valid_after(day + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    certificate = folder / "certificate.pem"
    certificate.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context, str(certificate)


def _to(url: str, timeouts: Timeouts, *, authority: str = "") -> Connection:
    def session() -> Any:
        core = CoreSession()
        core.set_credentials("1" * 12, "x")
        if authority:
            core.set_config_variable("ca_bundle", authority)
        return core

    return Connection(region="eu-west-1", session=session, endpoint_url=url, timeouts=timeouts)


def _uploaded(connection: Connection, size: int) -> str:
    try:
        with connection.translated("lambda", "UpdateFunctionCode"):
            answer = connection.writer("lambda").update_function_code(FunctionName="f", ZipFile=bytes(size))
        return str(answer["Version"])
    finally:
        connection.close()


BRIEF = Timeouts(connect_seconds=0.4, piece_seconds=0.4, write_seconds=0.4)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_upload_may_take_longer_than_any_timeout_as_long_as_it_moves(scheme: str, tmp_path: Path) -> None:
    context, authority = _certified(tmp_path) if scheme == "https" else (None, "")
    line = SlowLine(bytes_a_second=8e6, tls=context)
    begun = time.monotonic()
    assert _uploaded(_to(line.url, BRIEF, authority=authority), 6_000_000) == "1"
    assert time.monotonic() - begun > 2 * BRIEF.connect_seconds
    line.server.close()


def test_a_service_may_take_longer_to_answer_a_large_upload() -> None:
    line = SlowLine(bytes_a_second=1e9, thinks_seconds=1.0)
    assert _uploaded(_to(line.url, BRIEF), 3_000_000) == "1"
    line.server.close()


def test_a_line_that_stands_still_ends_the_upload() -> None:
    line = SlowLine(bytes_a_second=1e4)
    with pytest.raises(Unavailable, match="endpoint-unreachable"):
        _uploaded(_to(line.url, BRIEF), 12_000_000)
    line.server.close()


def test_a_lease_that_is_lost_while_uploading_stops_the_upload() -> None:
    line = SlowLine(bytes_a_second=1e9)
    connection = _to(line.url, Timeouts())
    asked = 0

    def permit() -> None:
        nonlocal asked
        asked += 1
        if asked > 5:
            raise Locked("lease-lost", "the lock was lost, so nothing more is written")

    connection.gate_writes(permit)
    with pytest.raises(Locked):
        _uploaded(connection, 3_000_000)
    assert line.received < 5 * PIECE_BYTES
    line.server.close()


@pytest.mark.parametrize(
    "body",
    [
        bytes(100_000),
        bytearray(100_000),
        memoryview(bytes(100_000)),
        array("d", bytes(100_000)),
        BytesIO(bytes(100_000)),
        StringIO("\0" * 100_000),
        [bytes(40_000), bytes(60_000)],
        (bytes(100_000) for _ in range(1)),
    ],
    ids=lambda body: type(body).__name__,
)
def test_every_kind_of_body_is_sent_whole_and_in_small_pieces(body: object) -> None:
    sent = [bytes(piece) for piece in pieces(body)]
    assert b"".join(sent) == bytes(100_000)
    assert max(len(piece) for piece in sent) <= PIECE_BYTES
