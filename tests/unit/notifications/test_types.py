"""What the types of channels make of a notification: nothing lost, nothing that is markup, within the other side's limits."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.notifications.outgoing import HttpPost, MailMessage, TopicMessage
from bunsui.notifications.parameters import WrongParameters, channel_parameters, parameters_schema
from bunsui.notifications.registry import BUILTIN_CHANNELS, builtin_channels
from bunsui.ports.notifications import Notification, NotificationLink, Urgency
from tests.faults.amount import amount

TOPIC = "arn:aws:sns:eu-west-1:111111111111:alerts"
ENTRIES: dict[str, dict[str, Any]] = {
    "sns": {"topic": TOPIC},
    "webhook": {"url": "${ssm:/url}"},
    "slack_webhook": {"url": "${ssm:/url}"},
    "smtp": {"host": "smtp.example.com", "from": "a@example.com", "to": ["b@example.com"]},
}
CHANGED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sns topic": ({"topic": f"{TOPIC}-other"}, {}),
    "webhook url": ({"url": "https://alerts.example.com/"}, {}),
    "webhook signing_secret": ({"signing_secret": "${secret:alerts#key}"}, {}),
    "webhook authorization": ({"authorization": "${ssm:/auth}"}, {}),
    "slack_webhook url": ({"url": "${ssm:/other}"}, {}),
    "smtp host": ({"host": "mail.example.com"}, {}),
    "smtp port": ({"port": 2525}, {}),
    "smtp from": ({"from": "c@example.com"}, {}),
    "smtp to": ({"to": ["b@example.com", "c@example.com"]}, {}),
    "smtp security": ({"security": "tls"}, {}),
    "smtp username": ({"username": "u", "password": "${ssm:/p}"}, {"username": "v", "password": "${ssm:/p}"}),
    "smtp password": ({"username": "u", "password": "${ssm:/p}"}, {"username": "u", "password": "${ssm:/q}"}),
}
"""By parameter two changes of an entry that are sent otherwise."""
ELSEWHERE = {"encryption_key", "secrets_key"}
"""What the compiler reads, not who sends."""
URLS = ("https://example.com/a?b=<c>|d", "!channel", "@U1", "#C1", "http://x/" + "<" * 2_000)
"""Places that links lead to, and what Slack would read as mentions."""
texts = st.text(max_size=300)
notifications = st.builds(
    Notification,
    key=st.text(min_size=1, max_size=200),
    subject=texts,
    lines=st.lists(st.text(max_size=5_000), max_size=30),
    facts=st.lists(st.tuples(texts, texts), max_size=30),
    severity=st.sampled_from(Urgency),
    links=st.lists(st.builds(NotificationLink, label=texts, url=texts | st.sampled_from(URLS)), max_size=6),
)


def outgoing(name: str, notification: Notification, **changed: Any) -> Any:
    channel_type = builtin_channels()[name]
    return channel_type.outgoing(channel_parameters(channel_type, {"type": name, **ENTRIES[name], **changed}), notification)


def test_each_parameter_changes_what_is_sent() -> None:
    told = Notification(key="k", subject="s")
    for name, (one, other) in CHANGED.items():
        kind = name.partition(" ")[0]
        assert outgoing(kind, told, **one) != outgoing(kind, told, **other), name
    schemas = {name: parameters_schema(builtin_channels()[name]) for name in BUILTIN_CHANNELS}
    known = {f"{name} {key}" for name, schema in schemas.items() for key in schema["properties"] if key not in ELSEWHERE}
    assert known == set(CHANGED)


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(notifications)
def test_slack_gets_what_it_takes_and_no_markup_of_others(notification: Notification) -> None:
    post = outgoing("slack_webhook", notification)
    assert isinstance(post, HttpPost)
    body = json.loads(post.body)
    blocks = body["blocks"]
    assert len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) < 30_000
    said = sum(len(text["text"]) for block in blocks for text in (block.get("text"), *block.get("fields", ())) if text)
    assert said <= 13_000 + 6 * 1_600
    for block in blocks:
        assert len(block.get("fields", ())) <= 10
        for text in (block.get("text"), *block.get("fields", ())):
            if text and text["type"] == "plain_text":
                assert 1 <= len(text["text"]) <= (150 if block["type"] == "header" else 3_000)
                assert not {"<", ">"} & set(text["text"])
            assert text is None or 1 <= len(text["text"]) <= 3_000
    assert not re.search("<(?!https?://)", json.dumps(body, ensure_ascii=False))


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(notifications)
def test_a_topic_and_a_mail_get_what_they_take(notification: Notification) -> None:
    message = outgoing("sns", notification)
    assert isinstance(message, TopicMessage)
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert 0 < len(message.subject) < 100
    assert message.subject[0] not in " "
    assert len(message.text.encode()) + 400 <= 256 * 1024
    mail = outgoing("smtp", notification)
    assert isinstance(mail, MailMessage)
    assert mail.subject.isprintable()
    assert not {"\r", "\x00", "\x1b"} & set(mail.text)


def test_a_fifo_topic_knows_keys() -> None:
    told = Notification(key="k.1", subject="s")
    assert outgoing("sns", told).deduplication_id == ""
    assert outgoing("sns", told, topic=f"{TOPIC}.fifo").deduplication_id == "k.1"
    odd = outgoing("sns", Notification(key="ü" * 200, subject=""), topic=f"{TOPIC}.fifo")
    assert (len(odd.deduplication_id), odd.subject) == (64, "notification")


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "webhook", "url": "https://hooks.slack.com/services/a"},
        {"type": "webhook", "url": "https://u:p4ssw0rd@example.com/"},
        {"type": "webhook", "url": "https://example.com/?token=hunter2"},
        {"type": "webhook", "url": "https://example.com/b1946ac92492d2347c6235b4d2611184"},
        {"type": "webhook", "url": "${ssm:/a}", "authorization": "Bearer hunter2"},
        {"type": "smtp", "host": "h.example.com", "from": "a@b.c", "to": ["a@b.c"], "username": "u", "password": "hunter2"},
    ],
)
def test_a_secret_in_clear_text_is_seen_and_not_repeated(entry: dict[str, Any]) -> None:
    with pytest.raises(WrongParameters) as wrong:
        channel_parameters(builtin_channels()[entry["type"]], entry)
    (problem,) = wrong.value.problems
    assert problem.is_secret
    for text in ("hunter2", "p4ssw0rd", "b1946ac9", "services"):
        assert text not in f"{wrong.value} {problem}"


@pytest.mark.parametrize(
    "url", ["https://alerts.example.com/hook", "https://example.com/${ssm:/path}", "http://127.0.0.1:8080/a"]
)
def test_a_url_that_anybody_may_know_is_taken(url: str) -> None:
    channel_parameters(builtin_channels()["webhook"], {"type": "webhook", "url": url})
