"""`slack_webhook`: an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat).

Sources: Slack, "Sending messages using incoming webhooks", "Formatting message text" (`&`, `<`, `>` are escaped), "Block Kit"
(50 blocks, 150 characters for a header, 3,000 for a section's text, 10 fields of 2,000). All blocks together are refused at
some 13,000 characters, which is not documented: less is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from bunsui.model.json import Json
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.fields import CONFIG, HookAddress, KmsKeyArn
from bunsui.notifications.outgoing import HttpPost, Outgoing
from bunsui.notifications.references import SecretTemplate
from bunsui.notifications.wording import cut, key_token, one_line
from bunsui.ports.notifications import Notification, NotificationLink, Urgency

_HEADER, _SECTION, _FIELD, _FIELDS, _BLOCKS, _TEXT = 150, 2_900, 600, 10, 50, 9_000
_MARKS = {Urgency.CRITICAL: "\U0001f534", Urgency.WARNING: "\U0001f7e1", Urgency.INFO: "\U0001f7e2"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LONGEST_ESCAPE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWebhookParams:
    """An incoming webhook."""

    __pydantic_config__: ClassVar = CONFIG

    url: HookAddress
    """The webhook's URL, which is a secret: refer to it."""
    secrets_key: KmsKeyArn | None = None
    """The ARN of the KMS key that encrypts what is referred to, where it is not the account's own of Parameter Store or Secrets
    Manager."""


def _outgoing(params: SlackWebhookParams, notification: Notification) -> Outgoing:
    body: dict[str, Json] = {
        "text": "\n".join(_as_text(notification))[:_TEXT],
        "blocks": list(_blocks(notification))[:_BLOCKS],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return HttpPost(url=SecretTemplate(params.url), body=json.dumps(body, ensure_ascii=False), key=key_token(notification.key))


def escape_text(text: str, limit: int) -> str:
    """Return one line in which nothing is a mention or a link, at most so long as it is sent; no escape is cut through."""
    line = one_line(text, limit)
    shown = line.translate(_ESCAPES)
    return shown if len(shown) <= limit else cut(line, max(limit // _LONGEST_ESCAPE, 1)).translate(_ESCAPES)


def _as_text(notification: Notification) -> Iterator[str]:
    """For notices on a screen, and for those who read no blocks."""
    yield f"{_MARKS[notification.severity]} {escape_text(notification.subject, 300)}"
    yield from (escape_text(line, 1_000) for line in notification.lines[:20])
    yield from (f"{escape_text(name, 60)}: {escape_text(value, 300)}" for name, value in notification.facts[:20])
    yield from map(_link, notification.links[:5])


def _blocks(notification: Notification) -> Iterator[Json]:
    yield {
        "type": "header",
        "text": _plain(f"{_MARKS[notification.severity]} {escape_text(notification.subject, _HEADER - 2)}"),
    }
    for text in _sections(notification.lines):
        yield {"type": "section", "text": _plain(text)}
    facts = [_plain(f"{escape_text(name, 60)}\n{escape_text(value, _FIELD)}") for name, value in notification.facts]
    for start in range(0, min(len(facts), 2 * _FIELDS), _FIELDS):
        yield {"type": "section", "fields": list(facts[start : start + _FIELDS])}
    if row := _row(map(_link, notification.links[:5])):
        yield {"type": "section", "text": {"type": "mrkdwn", "text": row}}


def _sections(lines: object) -> Iterator[str]:
    """Yield the lines in texts of at most `_SECTION` characters; of very many the first ones, and that some are missing."""
    left = 2 * _SECTION
    text = ""
    for line in lines if isinstance(lines, (list, tuple)) else ():
        shown = escape_text(line, min(_SECTION, left))
        if len(text) + len(shown) + 1 > _SECTION:
            yield text
            text = ""
        text = f"{text}\n{shown}" if text else shown
        left -= len(shown) + 1
        if left < _LONGEST_ESCAPE:
            break
    if text:
        yield text


def _plain(text: str) -> dict[str, Json]:
    """A text of which nothing is markup: what a machine said may hold any."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _row(links: Iterable[str]) -> str:
    """Return the links beside each other, without those for which a section has no more room."""
    row = ""
    for link in links:
        longer = f"{row}  {link}" if row else link
        row = longer if len(longer) <= _SECTION else row
    return row


def _link(link: NotificationLink) -> str:
    """Return it as Slack takes one; as text where it leads to no page: Slack would read `!`, `@` and `#` as mentions."""
    if link.url.startswith(("https://", "http://")):
        return f"<{_url(link.url)}|{_label(link.label)}>"
    return f"{_label(link.label)}: {escape_text(link.url, 1_500)}"


def _url(url: str) -> str:
    line = one_line(url, 1_500)
    return line.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")


def _label(label: str) -> str:
    return escape_text(label, 60).replace("|", "/")


TYPE = ChannelType(
    name="slack_webhook",
    summary="An incoming webhook of Slack, or of what takes the same",
    params=SlackWebhookParams,
    outgoing=_outgoing,
    example="type: slack_webhook\nurl: ${ssm:/alerts/url}\n",
)
