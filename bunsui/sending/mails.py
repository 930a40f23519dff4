"""Mails: handed to a mail server over TLS, by the standard library's client."""

from __future__ import annotations

import email.policy
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime

from bunsui.errors import NotSent, Passing
from bunsui.notifications.outgoing import MailMessage
from bunsui.ports.clock import Clock
from bunsui.sending.addresses import addresses_of
from bunsui.sending.deadline import Deadline, closing_at

_STEP_SECONDS = 10.0
_FAR = "the channel's server could not be reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLogin:
    """Who signs in, with the value of a secret: it is neither kept nor shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSender:
    """Hands mails to servers with public addresses."""

    clock: Clock
    allows_private: bool = False
    """True on the embedded AWS: addresses of this machine, too, and these without TLS where they have none."""
    trust: ssl.SSLContext | None = None
    """Whose certificates are believed; None for those that the system believes."""

    def hand_over(self, mail: MailMessage, login: MailLogin | None, deadline: Deadline) -> None:
        """Hand it over once. NotSent where the server did not take it for everybody."""
        address = addresses_of(mail.server.host, mail.server.port, allows_private=self.allows_private)[0]
        try:
            refused = self._exchange(mail, login, address, deadline)
        except ssl.SSLCertVerificationError as error:
            raise NotSent(
                "channel-certificate",
                "the certificate of the channel's server is not believed",
                hint="Nothing was sent. See whether the name is right, and whether the certificate is still good.",
                reason=error.verify_message,
            ) from None
        except smtplib.SMTPException as error:
            raise _failure(error) from None
        except (OSError, ValueError) as error:
            reason = "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
            is_far = isinstance(error, ConnectionRefusedError)
            said = _FAR if is_far else "the channel's server did not answer, so that nobody knows whether it took it"
            raise NotSent("channel-unreachable", said, passes=Passing.LATER, reason=reason) from None
        if refused:
            raise NotSent(
                "channel-recipients",
                "the mail server took it for some of the recipients only",
                hint="Correct `to` of the channel.",
                refused=", ".join(sorted(refused)),
            )

    def _exchange(self, mail: MailMessage, login: MailLogin | None, address: str, deadline: Deadline) -> list[str]:
        context = self.trust or ssl.create_default_context()
        timeout = deadline.timeout(_STEP_SECONDS)
        client = (
            _PinnedTls(address, mail.server.host, context, timeout)
            if mail.server.is_tls
            else _Pinned(address, mail.server.host, timeout)
        )
        with closing_at(deadline, lambda: client.sock):
            try:
                client.connect(mail.server.host, mail.server.port)
                self._make_safe(client, mail, context)
                if login is not None:
                    client.login(login.username, login.password)
                content = _message(mail, self.clock).as_bytes(policy=email.policy.SMTP)
                return list(client.sendmail(mail.sender, list(mail.recipients), content))
            finally:
                _leave(client)

    def _make_safe(self, client: smtplib.SMTP, mail: MailMessage, context: ssl.SSLContext) -> None:
        if mail.server.is_tls:
            return
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
        elif not self.allows_private:
            raise NotSent(
                "channel-not-safe",
                "the mail server offers no STARTTLS",
                hint="Nothing was sent. Write `security: tls`, or use another server.",
            )


class _Pinned(smtplib.SMTP):
    """A client that connects to the address that was judged, and checks the name that was asked for."""

    def __init__(self, address: str, host: str, timeout: float) -> None:
        self._address = address
        super().__init__(timeout=timeout, local_hostname="localhost")
        self._host = host  # the name that STARTTLS checks the certificate for

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class _PinnedTls(_Pinned):
    """The same with TLS from the first byte."""

    def __init__(self, address: str, host: str, context: ssl.SSLContext, timeout: float) -> None:
        self._context = context
        super().__init__(address, host, timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        try:
            return self._context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise


def _message(mail: MailMessage, clock: Clock) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, cte="quoted-printable")
    return message


def _failure(error: smtplib.SMTPException) -> NotSent:
    code, text = _answer(error)
    later = code == 0 or 400 <= code < 500
    passes = Passing.LATER if later else Passing.NEVER
    status, answer = code or None, text or None
    if isinstance(error, smtplib.SMTPAuthenticationError):
        hint = "" if later else "See the username and the secret that the channel refers to."
        return NotSent(
            "channel-refused", "the mail server refuses who signs in", hint=hint, passes=passes, status=status, answer=answer
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        said = "the mail server lacks what the channel needs"
        return NotSent("channel-refused", said, hint="See `username` and `security` of the channel.", reason=str(error)[:200])
    if isinstance(error, smtplib.SMTPServerDisconnected) or later:
        return NotSent("channel-busy", "the mail server could not take it", passes=Passing.LATER, status=status, answer=answer)
    return NotSent(
        "channel-refused",
        "the mail server refused it",
        hint="See `from` and `to` of the channel.",
        status=status,
        answer=answer,
    )


def _answer(error: smtplib.SMTPException) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
        code, said = next((answer for answer in answers if 400 <= answer[0] < 500), answers[0])
        return code, _words(said)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _words(error.smtp_error)
    return 0, ""


def _words(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]


def _leave(client: smtplib.SMTP) -> None:
    leaving: Callable[[], object] = client.quit if client.sock is not None else client.close
    try:
        leaving()
    except (OSError, smtplib.SMTPException):
        client.close()
