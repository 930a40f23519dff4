"""The acts on sessions as a chain of their own, for which nobody needs the lock: each record is final when it is written.

It is apart from the chain of applies, since an apply holds the lock for as long as it works, and sessions are started and
stopped meanwhile. How links are hashed and followed is the same (`bunsui.apply.trail`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bunsui.apply.trail import record_hash
from bunsui.model.json import Json
from bunsui.ports.acts import ActRecord, ActsHead
from bunsui.ports.ledger import Actor


def following_act(before: ActsHead, record: ActRecord) -> ActRecord:
    """Return a new record its place behind the last one, with its hash."""
    placed = replace(record, serial=before.serial + 1, previous=before.head_hash)
    return replace(placed, hash=record_hash(act_document(placed)))


def head_of(record: ActRecord) -> ActsHead:
    """Return the head of a trail whose last record this is."""
    return ActsHead(serial=record.serial, head_hash=record.hash)


def act_document(record: ActRecord) -> dict[str, Json]:
    """Return the record as it is stored and hashed. A field that comes later is to be left out where it is empty, so that the
    hash of an old record stays what it is."""
    return {
        "id": record.id,
        "at": record.at.isoformat(),
        "act": record.act,
        "call": record.call,
        "who": record.actor.who,
        "host": record.actor.host,
        "link": record.actor.link,
        "pipeline": record.pipeline,
        "session": record.session,
        "attempt": record.attempt,
        "execution_arn": record.execution_arn,
        "slot": record.slot.isoformat(),
        "params": list(record.params),
        "reason": record.reason,
        **({"gate": record.gate} if record.gate else {}),
        "outcome": record.outcome,
        "error": record.error,
        "of": record.of,
        "serial": record.serial,
        "previous": record.previous,
    }


def act_of(document: Mapping[str, Any]) -> ActRecord:
    """Read back what `act_document` gave, with the hash of what is stored."""
    return ActRecord(
        id=document["id"],
        at=datetime.fromisoformat(document["at"]),
        act=document["act"],
        call=document["call"],
        actor=Actor(who=document["who"], host=document["host"], link=document["link"]),
        pipeline=document["pipeline"],
        session=document["session"],
        attempt=document["attempt"],
        execution_arn=document["execution_arn"],
        slot=datetime.fromisoformat(document["slot"]),
        params=tuple(document["params"]),
        reason=document["reason"],
        gate=document.get("gate", ""),
        outcome=document["outcome"],
        error=document["error"],
        of=document["of"],
        serial=document["serial"],
        previous=document["previous"],
        hash=record_hash(document),
    )
