"""One channel, opened: what its type makes of a notification, the secrets that it refers to, the sender that takes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bunsui.errors import AccessDenied, BunsuiError, CloudError, InvalidInput, Missing, NotSent, Passing, Unsupported
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.outgoing import HttpPost, MailMessage, Outgoing, TopicMessage
from bunsui.notifications.references import SSM, SecretReference, SecretTemplate
from bunsui.notifications.wording import one_line
from bunsui.ports.notifications import SEND_SECONDS, Notification
from bunsui.ports.sending import StoredValues, TopicPublisher
from bunsui.sending.deadline import Deadline
from bunsui.sending.mails import MailLogin, MailSender
from bunsui.sending.posts import HttpSender, PostRequest

HIDDEN = "***"
_SHORTEST = 4
"""Characters of a value that is looked for in what is raised; a shorter one is no secret."""
_FACT_LIMIT = 400
_NEVER = (AccessDenied, Missing, Unsupported, InvalidInput)
_REFUSED_BY_SNS = frozenset({"InvalidParameter", "InvalidParameterValue", "EndpointDisabled", "InvalidSecurity", "KMSDisabled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """What channels of an environment are sent with."""

    secrets: StoredValues
    topics: TopicPublisher
    http: HttpSender
    mails: MailSender


@dataclass(slots=True)
class _SecretsInUse:
    """Fills templates, and remembers the values for the time of one send, so that nothing of them is raised."""

    secrets: StoredValues
    values: dict[SecretReference, str] = field(default_factory=dict, repr=False)
    filled: set[str] = field(default_factory=set, repr=False)

    def text(self, template: SecretTemplate) -> str:
        for reference in template.references:
            if reference not in self.values:
                self.values[reference] = self._value(reference)
        text = template.fill(self.values)
        if template.references:
            self.filled.add(text)
        return text

    def optional(self, template: SecretTemplate | None) -> str:
        return "" if template is None else self.text(template)

    def _value(self, reference: SecretReference) -> str:
        read = self.secrets.parameter_text if reference.store == SSM else self.secrets.secret_text
        try:
            text = read(reference.name)
        except BunsuiError as error:
            passes = Passing.NEVER if isinstance(error, _NEVER) else Passing.LATER
            raise NotSent(
                "channel-secret",
                "a secret of the channel could not be read",
                hint="See whether it is there, and whether who sends may read it and use its key.",
                passes=passes,
                secret=reference,
                reason=error.facts.get("aws_code", error.code),
            ) from None
        value = _member(text, reference).strip("\r\n")
        if not value:
            raise NotSent("channel-secret", "a secret of the channel is empty", hint="Store its value.", secret=reference)
        return value

    @property
    def hidden(self) -> Sequence[str]:
        """Return what must not be shown, the longest first."""
        known = {*self.values.values(), *self.filled}
        known |= {piece for text in known for piece in text.replace("?", "/").split("/") if len(piece) >= 2 * _SHORTEST}
        forms = {form for text in known for form in (text, quote(text, safe=""), base64.b64encode(text.encode()).decode())}
        return sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChannel:
    """Implements `bunsui.ports.notifications.Notifier`."""

    name: str
    type: ChannelType
    parameters: Any
    senders: Senders

    def send(self, notification: Notification) -> None:
        """Tell it; see `bunsui.ports.notifications.Notifier`."""
        filling = _SecretsInUse(self.senders.secrets)
        failure: NotSent
        try:
            self._send(self._outgoing(notification), filling)
        except NotSent as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it may hold a secret
            failure = NotSent("channel-broken", "the channel failed in a way that nobody foresaw", reason=type(error).__name__)
        else:
            return
        raise self._without_secrets(failure, filling.hidden) from None

    def _outgoing(self, notification: Notification) -> Outgoing:
        try:
            return self.type.outgoing(self.parameters, notification)
        except Exception as error:  # noqa: BLE001 - the code of a plugin
            said = "the channel's type could make nothing of the notification"
            hint = f"Tell the authors of the type {self.type.name}."
            raise NotSent("channel-type-failed", said, hint=hint, reason=type(error).__name__) from None

    def _send(self, outgoing: Outgoing, filling: _SecretsInUse) -> None:
        deadline = Deadline(SEND_SECONDS)
        if isinstance(outgoing, HttpPost):
            self.senders.http.post(_request(outgoing, filling), deadline)
        elif isinstance(outgoing, MailMessage):
            self.senders.mails.hand_over(outgoing, _login(outgoing, filling), deadline)
        else:
            self._publish(outgoing)

    def _publish(self, message: TopicMessage) -> None:
        try:
            self.senders.topics.publish(
                message.topic_arn,
                subject=message.subject,
                text=message.text,
                attributes=message.attributes,
                deduplication_id=message.deduplication_id,
                group_id=message.group_id,
            )
        except CloudError as error:
            code = error.facts.get("aws_code", error.code)
            is_final = isinstance(error, _NEVER) or code in _REFUSED_BY_SNS
            raise NotSent(
                "channel-refused" if is_final else "channel-busy",
                "SNS did not take it",
                hint=error.hint if is_final else "",
                passes=Passing.NEVER if is_final else Passing.LATER,
                topic=message.topic_arn,
                reason=code,
                answer=error.facts.get("aws_message"),
            ) from None

    def _without_secrets(self, failure: NotSent, hidden: Sequence[str]) -> NotSent:
        facts = {name: one_line(_hide(value, hidden), _FACT_LIMIT) for name, value in failure.facts.items()}
        shown = {"channel": self.name, "type": self.type.name, **facts}
        return NotSent(failure.code, failure.summary, hint=failure.hint, passes=failure.passes, **shown)


def _hide(text: str, hidden: Sequence[str]) -> str:
    for value in hidden:
        text = text.replace(value, HIDDEN)
    return text


def _member(text: str, reference: SecretReference) -> str:
    if not reference.member:
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    value = found.get(reference.member) if isinstance(found, Mapping) else None
    if isinstance(value, str):
        return value
    said = "a secret of the channel has no such member"
    raise NotSent("channel-secret", said, hint="It is a JSON object with texts; see its names.", secret=reference)


def _request(post: HttpPost, filling: _SecretsInUse) -> PostRequest:
    headers = {name: filling.text(template) for name, template in post.headers.items()}
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        said = "a secret of the channel cannot stand in a header"
        raise NotSent("channel-secret", said, hint="Store it as one line of ASCII.")
    return PostRequest(
        url=filling.text(post.url),
        body=post.body.encode(),
        key=post.key,
        headers=headers,
        signing_secret=filling.optional(post.signing_secret),
    )


def _login(mail: MailMessage, filling: _SecretsInUse) -> MailLogin | None:
    server = mail.server
    if server.password is None:
        return None
    login = MailLogin(username=filling.optional(server.username), password=filling.text(server.password))
    filling.filled.add(f"\0{login.username}\0{login.password}")  # as SMTP's AUTH says it
    return login
