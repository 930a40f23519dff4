"""Audit: who applied what and when, and whether the record of it is whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.apply.trail import Verified, verify
from bunsui.errors import InvalidInput
from bunsui.ports.ledger import ApplyRecord
from bunsui.refresh.ports import ReconcilePorts

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole trail, verified."""

    records: Sequence[ApplyRecord]
    """Newest first."""
    chain: Verified
    anchor: str = ""
    """The hash that was asked for."""
    anchored: ApplyRecord | None = None
    """The record with that hash."""

    @property
    def is_whole(self) -> bool:
        """True when no link is broken, and the hash that was asked for is in the chain."""
        return self.chain.broken is None and (not self.anchor or self.anchored is not None)


def audit(ports: ReconcilePorts, *, anchor: str = "") -> Audit:
    """Read the whole trail and follow its chain; `anchor` is the hash of a record that was kept elsewhere.

    Raises:
        InvalidInput: the anchor is no hash.

    """
    if anchor and not _HASH.fullmatch(anchor):
        raise InvalidInput(
            "not-a-hash",
            "--anchor takes the 64 hex digits that an earlier audit ended with",
            hint="See the current one:\n  bunsui audit",
            given=anchor,
        )
    mark = ports.ledger.log.mark()
    records = ports.ledger.log.applies(limit=None)
    anchored = next((record for record in records if anchor and record.hash == anchor), None)
    return Audit(records=records, chain=verify(records, mark), anchor=anchor, anchored=anchored)
