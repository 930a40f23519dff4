"""What the contract of channels asks of an implementation: to send, to show what arrived, to fail on demand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bunsui.errors import NotSent, Passing
from bunsui.ports.notifications import Notification, NotificationLink, Notifier, Urgency
from bunsui.testkit.notifications import MemoryChannel
from tests.fakes.certificates import make_certificates
from tests.fakes.hooks import Answer, hooks
from tests.fakes.mailbox import mail_host
from tests.fakes.senders import open_channel, senders

PASSES = (Passing.NEVER, Passing.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What arrived on the other side."""

    key: str
    """The idempotency key, as the channel hands it on."""
    text: str
    """Everything a person reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A channel with its other side."""

    notifier: Notifier
    seen: Callable[[], Sequence[Seen]]
    """What arrived, in its order."""
    fail: Callable[[Passing], None]
    """Makes the next attempt fail so."""
    fails: Sequence[Passing] = PASSES
    """The ways in which it can be made to fail."""


@contextmanager
def memory_bench(folder: Path) -> Iterator[Bench]:
    """A channel in memory, of which everything is known."""
    channel = MemoryChannel()

    def seen() -> list[Seen]:
        told = [channel.told[key] for key in channel.sends]
        return [Seen(key=one.key, text="\n".join([one.subject, *one.lines, *(v for _, v in one.facts)])) for one in told]

    def fail(passes: Passing) -> None:
        channel.failures.append(NotSent("test", "it was not told", passes=passes))

    yield Bench(notifier=channel, seen=seen, fail=fail)


@contextmanager
def webhook_bench(folder: Path) -> Iterator[Bench]:
    """A webhook over TLS."""
    certificates = make_certificates(folder)
    with hooks(certificates.good) as server:
        using = senders(secrets={"/url": f"{server.url}/hook", "/key": "whsec_c2VjcmV0"}, trust=certificates.trust)
        entry = {"type": "webhook", "url": "${ssm:/url}", "signing_secret": "${ssm:/key}"}

        def seen() -> list[Seen]:
            accepted = [one for one in server.taken if not one.path.startswith("/failed")]
            return [Seen(key=one.headers["Idempotency-Key"], text=_texts(one.json)) for one in accepted]

        yield Bench(notifier=open_channel(entry, using), seen=seen, fail=lambda passes: _fail_post(server.answers, passes))


@contextmanager
def slack_bench(folder: Path) -> Iterator[Bench]:
    """A webhook of Slack."""
    with hooks() as server:
        using = senders(secrets={"/url": f"{server.url}/services/T0/B0/secret"})

        def seen() -> list[Seen]:
            return [Seen(key=one.headers["Idempotency-Key"], text=one.json["text"]) for one in server.taken]

        channel = open_channel({"type": "slack_webhook", "url": "${ssm:/url}"}, using)
        yield Bench(notifier=channel, seen=seen, fail=lambda passes: _fail_post(server.answers, passes))


@contextmanager
def smtp_bench(folder: Path) -> Iterator[Bench]:
    """A mail server with STARTTLS and a password."""
    certificates = make_certificates(folder)
    with mail_host(certificates.good) as server:
        server.password = "s3cret-of-mails"
        using = senders(secrets={"/password": server.password}, trust=certificates.trust)
        entry = {
            "type": "smtp",
            "host": "localhost",
            "port": server.port,
            "from": "bunsui@example.com",
            "to": ["a@example.com"],
        }
        channel = open_channel({**entry, "username": "bunsui", "password": "${ssm:/password}"}, using)

        def seen() -> list[Seen]:
            known = {str(server_id(channel, key)): key for key in ("orders.failed.7f3a", "a.1", "a.2")}
            return [
                Seen(key=known.get(str(mail["Message-ID"]), ""), text=f"{mail['Subject']}\n{mail.get_content()}")
                for mail in server.mails
            ]

        def fail(passes: Passing) -> None:
            server.refuses["MAIL"] = "451 later" if passes is Passing.LATER else "550 never"

        yield Bench(notifier=channel, seen=seen, fail=fail)


def server_id(channel: Any, key: str) -> str:
    """Return the Message-ID that a notification of this key has."""
    sent = channel.type.outgoing(channel.parameters, notification(key))
    return str(sent.message_id)


def _fail_post(answers: list[Answer], passes: Passing) -> None:
    answers += [Answer(503, body=b"busy")] * 3 if passes is Passing.LATER else [Answer(404, body=b"no_service")]


def _texts(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_texts(entry) for entry in value.values())
    return "\n".join(_texts(entry) for entry in value) if isinstance(value, list) else str(value)


def topic_seen(bodies: Sequence[str]) -> list[Seen]:
    """Return what a queue got of a topic."""
    found = [json.loads(body) for body in bodies]
    return [
        Seen(key=one["MessageAttributes"]["bunsui_key"]["Value"], text=f"{one['Subject']}\n{one['Message']}") for one in found
    ]


def notification(key: str = "orders.failed.7f3a", **changed: object) -> Notification:
    """Return what an alert may look like."""
    said: dict[str, object] = {
        "subject": "orders failed: load, ValueError",
        "lines": ("could not convert string to float: 'NA'", "bunsui resume 01M8Z3 -e prod"),
        "facts": (("pipeline", "orders"), ("slot", "2026-01-31"), ("owner", "data")),
        "severity": Urgency.CRITICAL,
        "links": (NotificationLink(label="console", url="https://console.aws.amazon.com/states/home?a=1&b=2"),),
        **changed,
    }
    return Notification(key=key, **said)  # type: ignore[arg-type]
