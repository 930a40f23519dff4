"""Checks of access that take every request, or none."""

from __future__ import annotations

from bunsui.emulator.access.check import Denied
from bunsui.emulator.access.principals import Keys, KnownKey, developer
from bunsui.emulator.access.signatures import Head, Signature

SIGNATURE = Signature(access_key="A", scope=("", "", ""), signed_headers=(), value="", stamp="", token=None)


class Everybody:
    """Takes every request for the developer's."""

    def claim(self, _head: Head) -> tuple[Signature, KnownKey]:
        """Claim to be the developer."""
        return SIGNATURE, KnownKey(principal=developer(), keys=Keys(access_key="A", secret_key="s"))

    def verify(self, _signature: Signature, _key: KnownKey, _head: Head, _body: bytes) -> None:
        """Take it."""


class Nobody(Everybody):
    """Takes no request: its key is not known, or its signature is wrong."""

    def __init__(self, *, knows_the_key: bool) -> None:
        """With `knows_the_key` it is the signature that is wrong."""
        self._knows_the_key = knows_the_key

    def claim(self, head: Head) -> tuple[Signature, KnownKey]:
        """Refuse an unknown key."""
        if not self._knows_the_key:
            raise Denied("unsigned", "no signature")
        return super().claim(head)

    def verify(self, _signature: Signature, _key: KnownKey, _head: Head, _body: bytes) -> None:
        """Refuse the signature."""
        raise Denied("wrong-signature", "another secret")
