"""Channels, opened on a connection: by who tells alerts in an account, and by who tries them from here."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.channels.values_and_topics import AwsStoredValues, SnsTopicPublisher
from bunsui.aws.connect import Connection
from bunsui.errors import NotSent
from bunsui.model.json import Json
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.parameters import WrongParameters, channel_parameters
from bunsui.notifications.registry import builtin_channels
from bunsui.ports.notifications import Notification, Notifier
from bunsui.sending.channel import OpenChannel, Senders
from bunsui.sending.mails import MailSender
from bunsui.sending.posts import HttpSender
from bunsui.system_clock import SystemClock


def open_channels(
    connection: Connection, entries: Mapping[str, Json], types: Mapping[str, ChannelType] | None = None
) -> Mapping[str, Notifier]:
    """Return the channels of these entries, by name. One that cannot be opened says so when something is sent on it: the others
    are not concerned. `types` None knows those that come with bunsui."""
    using = senders_on(connection)
    known = builtin_channels() if types is None else types
    return {name: _open(name, entry if isinstance(entry, Mapping) else {}, known, using) for name, entry in entries.items()}


def senders_on(connection: Connection) -> Senders:
    """Return what is sent with: on the embedded AWS also to this machine, and without TLS."""
    clock = SystemClock()
    return Senders(
        secrets=AwsStoredValues(connection),
        topics=SnsTopicPublisher(connection),
        http=HttpSender(clock=clock, allows_private=connection.is_local),
        mails=MailSender(clock=clock, allows_private=connection.is_local),
    )


def _open(name: str, entry: Mapping[str, Json], types: Mapping[str, ChannelType], using: Senders) -> Notifier:
    called = str(entry.get("type", ""))
    if called not in types:
        return _ShutChannel(name, "type", f"no type is called {called}")
    try:
        parameters = channel_parameters(types[called], entry)
    except WrongParameters as wrong:
        return _ShutChannel(name, called, str(wrong))
    return OpenChannel(name=name, type=types[called], parameters=parameters, senders=using)


class _ShutChannel:
    """A channel whose entry this bunsui cannot read."""

    def __init__(self, name: str, type_name: str, reason: str) -> None:
        self._name = name
        self._type = type_name
        self._reason = reason

    def send(self, notification: Notification) -> None:
        """Say why it is shut."""
        raise NotSent(
            "channel-unreadable",
            "the entry of the channel cannot be read",
            hint="Correct it, and apply with the bunsui that checks it.",
            channel=self._name,
            type=self._type,
            reason=self._reason,
        )
