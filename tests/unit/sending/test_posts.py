"""Posts against a server on the loopback that misbehaves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest

from bunsui.errors import NotSent, Passing
from bunsui.sending.addresses import is_public
from bunsui.sending.deadline import Deadline
from bunsui.sending.posts import HttpSender, PostRequest, signature_headers
from bunsui.system_clock import SystemClock
from tests.fakes.certificates import Certificates, make_certificates
from tests.fakes.hooks import Answer, HookServer, hooks

SENDER = HttpSender(clock=SystemClock(), allows_private=True)
TOKEN = "T0KENofAHOOK"


@pytest.fixture
def server() -> Iterator[HookServer]:
    with hooks() as found:
        yield found


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def post(url: str, sender: HttpSender = SENDER, seconds: float = 20.0) -> None:
    sender.post(PostRequest(url=url, body=b"{}", key="k.1"), Deadline(seconds))


def refused(url: str, sender: HttpSender = SENDER, seconds: float = 20.0) -> NotSent:
    with pytest.raises(NotSent) as failed:
        post(url, sender, seconds)
    assert TOKEN not in repr((failed.value.args, failed.value.facts, failed.value.hint, failed.value.summary))
    return failed.value


def test_what_passes_is_tried_again_with_the_same_key(server: HookServer) -> None:
    server.answers += [Answer(500), Answer(manner="reset")]
    post(f"{server.url}/{TOKEN}")
    assert [one.headers["Idempotency-Key"] for one in server.taken] == ["k.1"] * 3


def test_a_server_is_asked_again_when_it_wants_to_be(server: HookServer) -> None:
    server.answers.append(Answer(429, {"Retry-After": "1"}))
    began = time.monotonic()
    post(server.url)
    assert time.monotonic() - began >= 1.0
    assert len(server.taken) == 2


def test_nobody_waits_longer_than_a_send_may_take(server: HookServer) -> None:
    server.answers.append(Answer(429, {"Retry-After": "3600"}))
    failed = refused(server.url)
    assert (failed.passes, failed.facts["retry_after_seconds"], len(server.taken)) == (Passing.LATER, "3600", 1)


@pytest.mark.parametrize("manner", ["silent", "drip"])
def test_a_slow_server_is_left_when_the_time_is_over(server: HookServer, manner: str) -> None:
    server.always = Answer(manner=manner)
    began = time.monotonic()
    failed = refused(f"{server.url}/{TOKEN}", seconds=0.6)
    assert time.monotonic() - began < 8
    assert (failed.code, failed.passes) == ("channel-unreachable", Passing.LATER)


def test_a_redirect_is_followed_on_the_same_server_only(server: HookServer) -> None:
    server.answers.append(Answer(308, {"Location": "/moved"}))
    post(server.url)
    assert [one.path for one in server.taken] == ["/", "/moved"]
    with hooks() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            server.answers.append(Answer(status, {"Location": f"{elsewhere.url}/{TOKEN}"}))
            failed = refused(server.url)
            assert (failed.code, failed.passes) == ("channel-redirected", Passing.NEVER)
        assert elsewhere.taken == []


def test_redirects_in_a_circle_end(server: HookServer) -> None:
    server.always = Answer(307, {"Location": "/again"})
    assert refused(server.url).code == "channel-redirected"
    assert len(server.taken) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final_and_says_what_the_server_said(server: HookServer, status: int) -> None:
    server.answers.append(Answer(status, body=b"no_\x1b[31mservice\n" + b"x" * 5000))
    failed = refused(server.url)
    assert (failed.passes, failed.facts["status"]) == (Passing.NEVER, str(status))
    assert len(failed.facts["answer"]) <= 300


def test_only_certificates_that_are_believed_get_anything(certificates: Certificates) -> None:
    trusting = HttpSender(clock=SystemClock(), allows_private=True, trust=certificates.trust)
    with hooks(certificates.good) as server:
        post(server.url, trusting)
        assert refused(server.url).code == "channel-certificate"
        assert len(server.taken) == 1
    with hooks(certificates.other_name) as server:
        failed = refused(server.url, trusting)
        assert (failed.code, failed.passes, server.taken) == ("channel-certificate", Passing.NEVER, [])


def test_nobody_listens_and_no_such_name_may_pass() -> None:
    assert refused("http://127.0.0.1:1/").passes is Passing.LATER
    assert refused("http://nobody.invalid/").code == "channel-name-unknown"


def test_outside_the_embedded_aws_only_public_servers_get_anything(server: HookServer) -> None:
    strict = HttpSender(clock=SystemClock())
    assert refused(server.url, strict).code == "channel-url"
    assert refused(server.url.replace("http:", "https:"), strict).code == "channel-address-private"
    assert server.taken == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        *((one, False) for one in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0")),
        *(
            (one, False)
            for one in ("::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "224.0.0.1", "x")
        ),
    ],
)
def test_an_address_is_public_or_not(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b", "https://u:p@example.com/", "https://example.com/a b", "https://e.com/\n", "//x"]
)
def test_what_is_no_url_is_refused_before_anything_is_asked(url: str) -> None:
    assert refused(url).code == "channel-url"


def test_a_post_is_signed_as_standard_webhooks_says() -> None:
    headers = signature_headers("whsec_" + base64.b64encode(b"secret").decode(), "k.1", 1700000000, b"{}")
    expected = base64.b64encode(hmac.new(b"secret", b"k.1.1700000000.{}", hashlib.sha256).digest()).decode()
    assert headers == {"webhook-id": "k.1", "webhook-timestamp": "1700000000", "webhook-signature": f"v1,{expected}"}
    with pytest.raises(NotSent):
        signature_headers("whsec_***", "k.1", 1, b"")
