"""Audit: who applied what and acted on which session, and whether the record of it is whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.apply.trail import Verified, verify
from bunsui.errors import InvalidInput
from bunsui.ports.acts import ActLog, ActRecord, ActsHead
from bunsui.ports.ledger import ApplyRecord
from bunsui.refresh.ports import ReconcilePorts

_READS = 3
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAct:
    """What somebody did with a session: what was said before, and what became of it."""

    begun: ActRecord
    ended: ActRecord | None = None
    """None for one that was killed, is under way, or whose outcome could not be written."""

    @property
    def outcome(self) -> str:
        """Return what became of it, one of `bunsui.ports.acts.ACT_OUTCOMES`."""
        return (self.ended or self.begun).outcome

    @property
    def ended_at(self) -> datetime | None:
        """Return when it ended; None when that is not known."""
        return self.ended.at if self.ended is not None else None

    @property
    def error(self) -> str:
        """Return the code of the error that it ended with; empty for none."""
        return self.ended.error if self.ended is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole trail, verified: two chains, since whoever acts on a session does not wait for the lock."""

    records: Sequence[ApplyRecord]
    """Newest first."""
    chain: Verified
    """Of the applies."""
    acts: Sequence[SessionAct]
    """Newest first."""
    acts_chain: Verified
    """Of the acts on sessions, which are two records each."""
    anchor: str = ""
    """The hash that was asked for."""
    anchored: ApplyRecord | ActRecord | None = None
    """The record with that hash."""

    @property
    def anchored_serial(self) -> int | None:
        """The number of that record in its chain."""
        return self.anchored.serial if self.anchored is not None else None

    @property
    def is_whole(self) -> bool:
        """True when no link is broken, and the hash that was asked for is in the chain."""
        is_linked = self.chain.broken is None and self.acts_chain.broken is None
        return is_linked and (not self.anchor or self.anchored is not None)


def audit(ports: ReconcilePorts, log: ActLog, *, anchor: str = "") -> Audit:
    """Read the whole trail and follow both of its chains; `anchor` is the hash of a record that was kept elsewhere.

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
    links, head = _read_acts(log)
    hashed: list[ApplyRecord | ActRecord] = [*records, *links]
    anchored = next((record for record in hashed if anchor and record.hash == anchor), None)
    return Audit(
        records=records,
        chain=verify(records, mark),
        acts=_acts(links),
        acts_chain=verify(links, head),
        anchor=anchor,
        anchored=anchored,
    )


def _read_acts(log: ActLog) -> tuple[Sequence[ActRecord], ActsHead]:
    """Return the records with the head that belongs to them, though others append meanwhile."""
    for _ in range(_READS):
        head, links = log.head(), log.acts()
        if log.head() == head:
            return links, head
    return [record for record in links if record.serial <= head.serial], head


def _acts(links: Sequence[ActRecord]) -> list[SessionAct]:
    ends = {record.of: record for record in links if record.of}
    return [SessionAct(begun=record, ended=ends.get(record.id)) for record in links if not record.of]
