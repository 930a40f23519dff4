"""Mails against a server on the loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bunsui.errors import NotSent, Passing
from bunsui.sending.channel import OpenChannel
from bunsui.sending.deadline import Deadline
from bunsui.sending.mails import MailSender
from bunsui.system_clock import SystemClock
from tests.contracts.channels import notification
from tests.fakes.certificates import Certificates, make_certificates
from tests.fakes.mailbox import MailHost, mail_host
from tests.fakes.senders import open_channel, senders

PASSWORD = "s3cret-of-mails"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(certificates: Certificates) -> Iterator[MailHost]:
    with mail_host(certificates.good) as found:
        found.password = PASSWORD
        yield found


def channel_to(server: MailHost, certificates: Certificates, secret: str = PASSWORD, **entry: Any) -> OpenChannel:
    said = {
        "type": "smtp", "host": "localhost", "port": server.port, "from": "bunsui@example.com",
        "to": ["a@example.com", "b@example.com"], "username": "bunsui", "password": "${ssm:/password}", **entry,
    }  # fmt: skip
    kept = {key: value for key, value in said.items() if value is not None}
    return open_channel(kept, senders(secrets={"/password": secret}, trust=certificates.trust))


def failure(channel: OpenChannel) -> NotSent:
    with pytest.raises(NotSent) as failed:
        channel.send(notification())
    assert PASSWORD not in repr((failed.value.args, failed.value.facts))
    return failed.value


def test_a_mail_goes_over_tls_to_everybody(server: MailHost, certificates: Certificates) -> None:
    channel_to(server, certificates).send(notification())
    assert (server.saw_tls, server.recipients) == ([True], [["a@example.com", "b@example.com"]])
    assert server.logins == [("bunsui", PASSWORD)]
    with mail_host(certificates.good, is_tls=True) as at_once:
        at_once.password = PASSWORD
        channel_to(at_once, certificates, security="tls").send(notification())
        assert at_once.saw_tls == [True]


def test_no_text_becomes_a_header(server: MailHost, certificates: Certificates) -> None:
    evil = notification(subject="failed\r\nBcc: evil@example.com\r\n\r\nhello", lines=(".", "..", "From x", "é\x1b[31m"))
    channel_to(server, certificates).send(evil)
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "failed  Bcc: evil@example.com    hello"
    assert mail.get_content().splitlines()[:4] == [".", "..", "From x", "é\\x1b[31m"]
    assert mail["Auto-Submitted"] == "auto-generated"


def test_the_same_key_is_the_same_mail(server: MailHost, certificates: Certificates) -> None:
    channel = channel_to(server, certificates)
    for key in ("a", "a", "b"):
        channel.send(notification(key))
    first, second, third = (mail["Message-ID"] for mail in server.mails)
    assert first == second != third


def test_a_wrong_password_is_final_and_told_without_it(server: MailHost, certificates: Certificates) -> None:
    failed = failure(channel_to(server, certificates, secret="wr0ng-one"))
    assert (failed.code, failed.passes, failed.facts["status"]) == ("channel-refused", Passing.NEVER, "535")
    assert "wr0ng-one" not in str(failed.facts)
    assert failed.facts["answer"] == "5.7.8 no: *** ***"


@pytest.mark.parametrize(
    ("verb", "answer", "passes"),
    [("AUTH", "454 busy", Passing.LATER), ("MAIL", "550 no", Passing.NEVER), ("MAIL", "421 bye", Passing.LATER)],
)
def test_what_passes_is_told_from_what_does_not(
    server: MailHost, certificates: Certificates, verb: str, answer: str, passes: Passing
) -> None:
    server.refuses[verb] = answer
    assert failure(channel_to(server, certificates)).passes is passes


def test_a_recipient_who_is_refused_is_told_of(server: MailHost, certificates: Certificates) -> None:
    server.refuses["b@example.com"] = "550 nobody"
    failed = failure(channel_to(server, certificates))
    assert (failed.code, failed.facts["refused"], len(server.mails)) == ("channel-recipients", "b@example.com", 1)


def test_nothing_is_said_to_a_server_that_is_not_believed_or_not_safe(certificates: Certificates, tmp_path: Path) -> None:
    with mail_host(certificates.other_name) as server:
        failed = failure(channel_to(server, certificates))
        assert (failed.code, server.logins, server.mails) == ("channel-certificate", [], [])
    with mail_host() as server:
        strict = MailSender(clock=SystemClock(), allows_private=False, trust=certificates.trust)
        channel = channel_to(server, certificates, username=None, password=None)
        mail: Any = channel.type.outgoing(channel.parameters, notification())
        with pytest.raises(NotSent) as refused:
            strict.hand_over(mail, None, Deadline(5.0))
        assert refused.value.code == "channel-address-private"


def test_a_silent_server_is_left_when_the_time_is_over(certificates: Certificates) -> None:
    with mail_host(certificates.good) as server:
        server.is_silent = True
        channel = channel_to(server, certificates, username=None, password=None)
        mail: Any = channel.type.outgoing(channel.parameters, notification())
        began = time.monotonic()
        with pytest.raises(NotSent) as failed:
            channel.senders.mails.hand_over(mail, None, Deadline(0.5))
        assert time.monotonic() - began < 8
        assert failed.value.passes is Passing.LATER
