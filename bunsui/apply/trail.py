"""The audit trail as a chain: every record carries the hash of the one before, and the state's mark the hash of the last.

Records are written under the lock, one apply at a time. A record that was begun may still be closed as long as it is the last,
so its hash is final when the next one follows. Whoever edits, drops or inserts a record breaks a link; whoever can write the
table and rewrites everything after it does not, unless a hash was kept elsewhere (`bunsui audit --anchor`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from bunsui.model.json import Json
from bunsui.ports.ledger import Actor, ApplyRecord, StateMark


class ChainLink(Protocol):
    """What the chain is made of, whatever a record holds beside."""

    @property
    def id(self) -> str:
        """Which record it is."""
        ...

    @property
    def serial(self) -> int:
        """Its place, from 1; 0 for what was written before there was a chain."""
        ...

    @property
    def previous(self) -> str:
        """The hash of the record before it; empty for the first."""
        ...

    @property
    def hash(self) -> str:
        """Of the record as it is stored."""
        ...


class ChainHead(Protocol):
    """What knows the last link."""

    @property
    def serial(self) -> int:
        """How many records there are."""
        ...

    @property
    def head_hash(self) -> str:
        """The hash of the last one; empty for none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first link that does not hold."""

    serial: int
    id: str
    """The record's id; empty when it is missing."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of the chain."""

    links: int
    """How many records are chained."""
    unchained: int
    """How many were written before there was a chain."""
    head: str
    """The hash of the last record; empty without one."""
    broken: Broken | None = None


def following(before: StateMark, record: ApplyRecord, *, lineage: str) -> ApplyRecord:
    """Return a new record its place behind the last one; `lineage` is for a state that has none yet."""
    return replace(
        record, lineage=before.lineage or lineage, serial=before.serial + 1, previous=before.head_hash, hash=""
    )  # fmt: skip


def mark_of(record: ApplyRecord) -> StateMark:
    """Return the mark of a state whose last record this is."""
    head_hash = record_hash(record_document(record))
    return StateMark(lineage=record.lineage, serial=record.serial, head=record.id, head_hash=head_hash)


def record_document(record: ApplyRecord) -> dict[str, Json]:
    """Return the record as it is stored and hashed. A field that came later is left out where it is empty, so that the hash of
    an old record stays what it is."""
    document: dict[str, Json] = {
        "id": record.id,
        "operation": record.operation,
        "who": record.actor.who,
        "host": record.actor.host,
        "link": record.actor.link,
        "begun_at": record.begun_at.isoformat(),
        "commit": record.commit,
        "plan_id": record.plan_id,
        "digest": record.digest,
        "fence": record.fence,
        "outcome": record.outcome,
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "facts": record.facts,
    }
    if record.serial:
        document |= {"lineage": record.lineage, "serial": record.serial, "previous": record.previous}
    return document


def record_of(document: Mapping[str, Any]) -> ApplyRecord:
    """Read back what `record_document` gave, with the hash of what is stored."""
    ended_at: str | None = document["ended_at"]
    return ApplyRecord(
        id=document["id"],
        operation=document["operation"],
        actor=Actor(who=document["who"], host=document["host"], link=document["link"]),
        begun_at=datetime.fromisoformat(document["begun_at"]),
        commit=document["commit"],
        plan_id=document["plan_id"],
        digest=document["digest"],
        fence=document["fence"],
        outcome=document["outcome"],
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        facts=document["facts"],
        lineage=document.get("lineage", ""),
        serial=document.get("serial", 0),
        previous=document.get("previous", ""),
        hash=record_hash(document),
    )


def record_hash(document: Mapping[str, Json]) -> str:
    """Return 64 hex digits for a stored record."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def verify(records: Iterable[ChainLink], mark: ChainHead) -> Verified:
    """Follow the chain from its first record to the mark, and name the first link that is broken."""
    found = sorted(records, key=lambda record: record.serial)
    chained = [record for record in found if record.serial]
    return Verified(
        links=len(chained),
        unchained=len(found) - len(chained),
        head=chained[-1].hash if chained else "",
        broken=_first_broken(chained, mark, has_older=len(chained) < len(found)),
    )


def _first_broken(chained: Sequence[ChainLink], mark: ChainHead, *, has_older: bool) -> Broken | None:
    expected = chained[0].serial if chained and has_older else 1
    before = ""
    for record in chained:
        if record.serial > expected:
            return Broken(serial=expected, id="", why="it is missing")
        if record.serial < expected:
            return Broken(serial=record.serial, id=record.id, why="there are two records of this number")
        if record.previous != before:
            why = "the record before it is not the one that it followed" if before else "it followed a record that is missing"
            return Broken(serial=record.serial, id=record.id, why=why)
        before = record.hash
        expected += 1
    if not mark.head_hash:
        return None if not chained else Broken(serial=expected - 1, id=chained[-1].id, why="the state's mark does not know it")
    if not chained or chained[-1].serial < mark.serial:
        return Broken(serial=mark.serial, id="", why="it is missing")
    if before != mark.head_hash:
        return Broken(serial=chained[-1].serial, id=chained[-1].id, why="it was changed after it was written")
    return None
