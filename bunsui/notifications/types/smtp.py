"""`smtp`: a mail of plain text, handed to a mail server over TLS."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from bunsui.notifications.contract import ChannelType
from bunsui.notifications.fields import CONFIG, HostName, KmsKeyArn, Mailbox, SecretText
from bunsui.notifications.outgoing import MailMessage, MailServer, Outgoing
from bunsui.notifications.references import SecretTemplate
from bunsui.notifications.wording import cut_bytes, one_line, plain_text
from bunsui.ports.notifications import Notification

_SUBJECT_LIMIT = 200
_TEXT_BYTES = 256 * 1024
_PORTS = {"starttls": 587, "tls": 465}


def _reference_or_plain(text: str) -> str:
    _ = SecretTemplate(text).references
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpParams:
    """A mail server, from whom and to whom."""

    __pydantic_config__: ClassVar = CONFIG

    host: HostName
    """The mail server's name."""
    sender: Annotated[Mailbox, Field(alias="from")]
    """The address that it comes from."""
    recipients: Annotated[list[Mailbox], Field(alias="to", min_length=1, max_length=20)]
    """The addresses that it goes to."""
    security: Literal["starttls", "tls"] = "starttls"
    """`starttls`: the connection becomes a safe one before anything is said, or nothing is sent. `tls`: it is one from the
    beginning."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """587 with `starttls`, 465 with `tls` when it is left out. AWS lets no function reach 25."""
    username: Annotated[str, AfterValidator(_reference_or_plain), WithJsonSchema({"type": "string"})] | None = None
    """Who signs in; a reference, or the name."""
    password: SecretText | None = None
    """The password."""
    secrets_key: KmsKeyArn | None = None
    """The ARN of the KMS key that encrypts what is referred to, where it is not the account's own of Parameter Store or Secrets
    Manager."""

    def __post_init__(self) -> None:
        """Demand both or none."""
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")


def _outgoing(params: SmtpParams, notification: Notification) -> Outgoing:
    server = MailServer(
        host=params.host,
        port=params.port or _PORTS[params.security],
        is_tls=params.security == "tls",
        username=SecretTemplate(params.username) if params.username is not None else None,
        password=SecretTemplate(params.password) if params.password is not None else None,
    )
    return MailMessage(
        server=server,
        sender=params.sender,
        recipients=tuple(params.recipients),
        subject=one_line(notification.subject, _SUBJECT_LIMIT),
        text=cut_bytes(plain_text(notification), _TEXT_BYTES),
        message_id=message_id(notification.key, params.recipients, params.sender),
    )


def message_id(key: str, recipients: Sequence[str], sender: str) -> str:
    """Return the same id for the same key to the same people: mail servers and readers drop the second of two."""
    digest = hashlib.sha256("\0".join((key, sender, *recipients)).encode()).hexdigest()[:40]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


TYPE = ChannelType(
    name="smtp",
    summary="A mail of plain text, handed to a mail server over TLS",
    params=SmtpParams,
    outgoing=_outgoing,
    example="type: smtp\nhost: email-smtp.eu-west-1.amazonaws.com\nfrom: bunsui@example.com\nto: [oncall@example.com]\n"
    "username: ${ssm:/alerts/user}\npassword: ${ssm:/alerts/password}\n",
)
