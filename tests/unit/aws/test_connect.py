"""One connection: lazy, shared by threads, counted, and never to a foreign endpoint."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from botocore.loaders import create_loader

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect, drops_without, reading
from bunsui.errors import AccessDenied, CloudError, InvalidInput, Throttled, Unavailable

KEYS = Credentials(access_key="123456789012", secret_key="s3cret")


@pytest.mark.parametrize("url", ["https://example.org", "http://10.0.0.1:4566", "http://127.0.0.1.example.org", "nonsense"])
def test_an_endpoint_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        connect(region="eu-west-1", endpoint_url=url, credentials=KEYS)
    assert refusal.value.code == "endpoint-not-local"


def test_an_endpoint_never_gets_the_users_own_keys() -> None:
    with pytest.raises(InvalidInput) as refusal:
        connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1")
    assert refusal.value.code == "endpoint-credentials"


def test_the_machines_aws_settings_do_not_reach_a_local_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "there-is-no-such-profile")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    connection = connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1", credentials=KEYS)
    client = connection.reader("sts")
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client._get_credentials().access_key == "123456789012"
    connection.close()


def test_a_profile_that_does_not_exist_is_the_users_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    with pytest.raises(InvalidInput) as refusal:
        connect(region="eu-west-1", profile="prod").reader("sts")
    assert refusal.value.code == "profile-unknown"


@pytest.mark.parametrize(
    ("process", "reason"),
    [
        ("echo SECRETKEY", "JSONDecodeError"),
        ("echo [1]", "AttributeError"),
        ("/nonexistent", "/nonexistent: No such file or directory"),
        ("echo 'SECRETKEY", "ValueError"),
    ],
)
def test_a_credential_process_that_prints_no_credentials_is_told_without_what_it_printed(
    process: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {process}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AccessDenied) as refused:
        connect(region="eu-west-1").reader("sts")
    assert refused.value.code == "credentials-failed"
    assert refused.value.facts["reason"] == reason
    assert "SECRETKEY" not in str(refused.value.facts)


def test_the_descriptions_of_services_are_read_once_for_all_connections() -> None:
    one, other = (connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1", credentials=KEYS) for _ in range(2))
    models = [client.reader("sts").meta.service_model._service_description for client in (one, other)]
    assert models[0] is models[1]


def test_descriptions_of_the_users_own_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = create_loader().load_service_model("sts", "service-2")
    (tmp_path / "sts" / "2011-06-15").mkdir(parents=True)
    own = {**model, "operations": {"GetCallerIdentity": model["operations"]["GetCallerIdentity"]}}
    (tmp_path / "sts" / "2011-06-15" / "service-2.json").write_text(json.dumps(own))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    connection = connect(region="eu-west-1", credentials=KEYS)
    assert connection.reader("sts").meta.service_model.operation_names == ["GetCallerIdentity"]


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(KEYS)


def test_making_a_connection_imports_no_boto3_session() -> None:
    script = (
        "import sys; from bunsui.aws.connect import connect; connect(region='eu-west-1');"
        "print('botocore.session' in sys.modules or 'boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_clients_are_made_once_however_many_threads_ask() -> None:
    connection = connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1", credentials=KEYS)
    with ThreadPoolExecutor(8) as pool:
        clients = set(map(id, pool.map(lambda _: connection.reader("sts"), range(16))))
    assert len(clients) == 1
    assert connection.writer("sts") is not connection.reader("sts")
    connection.close()


def test_an_endpoint_that_is_not_there_is_unavailable() -> None:
    connection = connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1", credentials=KEYS)
    with pytest.raises(Unavailable) as failure, connection.translated("sts", "GetCallerIdentity"):
        connection.reader("sts").get_caller_identity()
    assert failure.value.code == "endpoint-unreachable"
    connection.close()


def test_work_is_spread_over_threads_and_its_results_keep_their_order() -> None:
    connection = Connection(region="eu-west-1", session=lambda: None, threads=4)
    meeting = threading.Barrier(4, timeout=10)

    def work(number: int) -> int:
        meeting.wait()  # passes only when four are at work at once
        return number * 10

    assert connection.each(work, range(4)) == [0, 10, 20, 30]
    connection.close()


def test_what_an_endpoint_drops_follows_from_its_capabilities() -> None:
    assert drops_without([]) == {"bulk-roles", "tracing"}
    assert drops_without(["tracing", "bulk-roles", "more"]) == frozenset()


class _Throttling(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def throttling_url() -> Iterator[str]:
    """An endpoint that asks everybody to slow down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Throttling)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_talks_to_this_machine_takes_no_proxy(throttling_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    connection = connect(region="eu-west-1", endpoint_url=throttling_url, credentials=KEYS)
    with pytest.raises(Throttled), connection.translated("stepfunctions", "DeleteStateMachine"):
        connection.writer("stepfunctions").delete_state_machine(stateMachineArn="arn:aws:states:eu-west-1:123456789012:x")
    connection.close()


def test_calls_and_throttles_are_counted_and_a_write_is_sent_once(throttling_url: str) -> None:
    connection = connect(region="eu-west-1", endpoint_url=throttling_url, credentials=KEYS)
    with pytest.raises(Throttled), connection.translated("stepfunctions", "DeleteStateMachine"):
        connection.writer("stepfunctions").delete_state_machine(stateMachineArn="arn:aws:states:eu-west-1:123456789012:x")
    assert (connection.traffic.calls, connection.traffic.throttles) == (1, 1)
    connection.close()


class _Body:
    """A body as urllib3 hands it over."""

    def __init__(self, text: str = '{"stateMachines": [], "stateMachineAliases": []}') -> None:
        self._text = text

    def stream(self) -> Iterator[bytes]:
        """The bytes."""
        yield self._text.encode()


def _answers(*statuses: int) -> Callable[..., AWSResponse]:
    """Stand in for the network: failures of these statuses, then success; 400 is a refusal to slow down."""
    left = list(statuses)

    def answer(**_: object) -> AWSResponse:
        status = left.pop(0) if left else 200
        if status == 200:
            return AWSResponse("https://states", 200, {"x-amzn-requestid": "1"}, _Body())
        code = "ThrottlingException" if status == 400 else "InternalFailure"
        return AWSResponse("https://states", status, {"x-amzn-errortype": code}, _Body(f'{{"__type": "{code}"}}'))

    return answer


def test_reads_of_aws_outlive_throttling_and_failures_that_pass() -> None:
    connection = connect(region="eu-west-1", credentials=KEYS)
    client = connection.reader("stepfunctions")
    client.meta.events.register_last("before-send.*", _answers(400, 503, 400, 500))
    assert client.list_state_machines()["stateMachines"] == []
    assert (connection.traffic.calls, connection.traffic.throttles) == (5, 2)
    connection.close()


def test_writes_of_aws_are_sent_once() -> None:
    connection = connect(region="eu-west-1", credentials=KEYS)
    client = connection.writer("stepfunctions")
    client.meta.events.register_last("before-send.*", _answers(503))
    with pytest.raises(CloudError), connection.translated("stepfunctions", "DeleteStateMachine"):
        client.delete_state_machine(stateMachineArn="arn:aws:states:eu-west-1:123456789012:stateMachine:x")
    assert connection.traffic.calls == 1
    assert client.meta.config.read_timeout == 20
    connection.close()


def test_reads_of_aws_keep_a_pace_and_are_counted() -> None:
    connection = connect(region="eu-west-1", credentials=KEYS)
    client = connection.reader("stepfunctions")
    seen: list[str] = []

    def answer(event_name: str, **_: object) -> AWSResponse:
        """Stand in for the network, after bunsui's own handlers."""
        seen.append(event_name)
        return AWSResponse("https://states", 200, {"x-amzn-requestid": "1"}, _Body())

    client.meta.events.register_last("before-send.*", answer)
    assert client.list_state_machines()["stateMachines"] == []
    assert seen == ["before-send.sfn.ListStateMachines"]  # the form of `bunsui.aws.rate_limit.READ_LIMITS`
    assert connection.traffic.calls == 1
    connection.close()


def test_reads_that_are_given_up_come_to_an_end_and_nobody_elses() -> None:
    connection = connect(region="eu-west-1", credentials=KEYS)
    client = connection.reader("stepfunctions")
    client.meta.events.register_last("before-send.*", _answers())
    begun = threading.Event()
    sent = 0

    def read(_: int) -> None:
        nonlocal sent
        client.list_state_machine_aliases(stateMachineArn="arn:aws:states:eu-west-1:123456789012:stateMachine:x")
        sent += 1
        begun.set()

    with ThreadPoolExecutor(1) as reader, reading() as give_up:
        future = reader.submit(copy_context().run, connection.each, read, range(1_000))
        assert begun.wait(timeout=30)
        give_up()
        with pytest.raises(Unavailable) as failure:
            future.result(timeout=30)
        assert reader.submit(client.list_state_machines).result(timeout=30)["stateMachines"] == []
    assert failure.value.code == "reading-given-up"
    assert sent < 1_000
    assert client.list_state_machines()["stateMachines"] == []
    connection.close()
