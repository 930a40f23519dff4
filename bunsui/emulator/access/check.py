"""Who sent a request: its signature is checked against the keys that the embedded AWS knows."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bunsui.emulator.access.principals import KnownKey
from bunsui.emulator.access.signatures import Head, Signature, is_added_to, is_right, signature_of

Lookup = Callable[[str, str | None], KnownKey | None]
"""Return the key of an id and session token; None when it is not known there."""


class Denied(Exception):
    """Nobody vouches for the request."""

    def __init__(self, reason: str, message: str) -> None:
        """`reason` is one of those that `bunsui.emulator.access.refusals` words for each protocol."""
        super().__init__(message)
        self.reason = reason
        self.message = message


class AccessCheck:
    """Checks requests in two steps, so that nobody unknown can make us read a large body."""

    def __init__(self, lookups: Sequence[Lookup], *, now: Callable[[], float] = time.time) -> None:
        """The first of the `lookups` that knows a key decides."""
        self._lookups = lookups
        self._now = now

    def claim(self, head: Head) -> tuple[Signature, KnownKey]:
        """Return what the request claims, once its key is known and good. Raises Denied."""
        signature = signature_of(head)
        if signature is None:
            raise Denied("unsigned", "Request is missing Authentication Token")
        key = next(
            (key for lookup in self._lookups if (key := lookup(signature.access_key, signature.token)) is not None), None
        )
        if key is None:
            raise Denied("unknown-key", "The security token included in the request is invalid.")
        if not hmac.compare_digest((signature.token or "").encode(), (key.keys.token or "").encode()):
            raise Denied("unknown-key", "The security token included in the request is invalid.")
        if key.expires is not None and self._now() >= key.expires:
            raise Denied("expired-key", "The security token included in the request is expired")
        if signature.is_presigned and self._now() > _good_until(signature):
            raise Denied("expired-url", "Request has expired")
        return signature, key

    def verify(self, signature: Signature, key: KnownKey, head: Head, body: bytes) -> None:
        """Check the request's signature. Raises Denied.

        When a header was signed does not matter, as it does on AWS: it is the same machine's clock, and one that a process
        sees otherwise (a container, a test that moves it) is no reason to refuse its owner.
        """
        if is_added_to(signature, head) or not is_right(signature, head, body, secret_key=key.keys.secret_key):
            raise Denied(
                "wrong-signature",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
                " Key and signing method. Consult the service documentation for details.",
            )


def _good_until(signature: Signature) -> float:
    """Return until when a presigned URL is good, in seconds since 1970; 0 when it does not say."""
    if signature.is_legacy:
        return float(signature.stamp) if signature.stamp.isascii() and signature.stamp.isdigit() else 0.0
    try:
        began = datetime.strptime(signature.stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return began.timestamp() + (signature.expires_seconds or 0)
