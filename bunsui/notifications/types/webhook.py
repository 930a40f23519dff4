"""`webhook`: a POST of JSON to a URL, signed where there is a key for it.

Source: Standard Webhooks 1.0 (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from bunsui.notifications.contract import ChannelType
from bunsui.notifications.fields import CONFIG, HookAddress, KmsKeyArn, SecretText
from bunsui.notifications.outgoing import HttpPost, Outgoing
from bunsui.notifications.references import SecretTemplate
from bunsui.notifications.wording import key_token, one_line
from bunsui.ports.notifications import Notification

_MOST_LINES, _LINE_LIMIT = 200, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookParams:
    """A URL that takes JSON."""

    __pydantic_config__: ClassVar = CONFIG

    url: HookAddress
    """Where it is sent, over https. A URL with a token in it is a secret: refer to it."""
    signing_secret: SecretText | None = None
    """A secret with which each post is signed, as Standard Webhooks says: `whsec_` with base64 after it, or any text."""
    authorization: SecretText | None = None
    """The value of the header Authorization, such as `Bearer …`, whole."""
    secrets_key: KmsKeyArn | None = None
    """The ARN of the KMS key that encrypts what is referred to, where it is not the account's own of Parameter Store or Secrets
    Manager."""


def _outgoing(params: WebhookParams, notification: Notification) -> Outgoing:
    body = {
        "version": 1,
        "key": key_token(notification.key),
        "severity": notification.severity.value,
        "subject": one_line(notification.subject, _LINE_LIMIT),
        "lines": [one_line(line, _LINE_LIMIT) for line in notification.lines[:_MOST_LINES]],
        "facts": [{"name": one_line(n, 100), "value": one_line(v, _LINE_LIMIT)} for n, v in notification.facts[:_MOST_LINES]],
        "links": [{"label": one_line(one.label, 100), "url": one_line(one.url, _LINE_LIMIT)} for one in notification.links],
    }
    headers = {"Authorization": SecretTemplate(params.authorization)} if params.authorization is not None else {}
    return HttpPost(
        url=SecretTemplate(params.url),
        body=json.dumps(body, ensure_ascii=False),
        key=key_token(notification.key),
        headers=headers,
        signing_secret=SecretTemplate(params.signing_secret) if params.signing_secret is not None else None,
    )


TYPE = ChannelType(
    name="webhook",
    summary="A POST of JSON to a URL, signed where there is a secret for it",
    params=WebhookParams,
    outgoing=_outgoing,
    example="type: webhook\nurl: https://alerts.example.com/hook\nsigning_secret: ${ssm:/alerts/signing}\n",
)
