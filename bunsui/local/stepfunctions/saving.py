"""The store as JSON values, and back.

Executions are kept as JSON texts of their own. One that has ended does not change any more, so its text is made once, however
often everything is saved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bunsui.local.stepfunctions.arns import Place
from bunsui.local.stepfunctions.records import (
    RUNNING,
    Activity,
    Alias,
    ExecutionRecord,
    Machine,
    MapRunRecord,
    Revision,
    Room,
    Store,
    Version,
)

FORMAT = "bunsui-1"
_KEPT_SECONDS = 90 * 24 * 3600.0
"""Histories are kept for 90 days (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


class Saver:
    """Makes snapshots of a store."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._ended: dict[str, tuple[int, str]] = {}

    def snapshot(self, store: Store) -> dict[str, Any]:
        """Give everything; later changes of the store do not change it."""
        return {"format": FORMAT, "rooms": [self._room(room) for room in store.rooms.values()]}

    def _room(self, room: Room) -> dict[str, Any]:
        return {
            "account": room.place.account,
            "region": room.place.region,
            "machines": [asdict(machine) for machine in room.machines.values()],
            "versions": [asdict(version) for version in room.versions.values()],
            "aliases": [asdict(alias) for alias in room.aliases.values()],
            "activities": [asdict(activity) for activity in room.activities.values()],
            "map_runs": [_plain(record) for record in room.map_runs.values()],
            "tags": {arn: dict(tags) for arn, tags in room.tags.items()},
            "executions": [self._execution(record) for record in room.executions.values()],
        }

    def _execution(self, record: ExecutionRecord) -> str:
        if record.status == RUNNING:
            self._ended.pop(record.arn, None)
            return _text(record)
        known = self._ended.get(record.arn)
        if known is None or known[0] != len(record.events):
            known = (len(record.events), _text(record))
            self._ended[record.arn] = known
        return known[1]


def restored(saved: Mapping[str, Any], *, now: float) -> Store:
    """Give the store of a snapshot, without executions that ended too long ago. ValueError when it is none of ours."""
    if saved.get("format") != FORMAT:
        raise ValueError("it was written by an earlier version of the embedded AWS")
    store = Store()
    for document in saved["rooms"]:
        place = Place(document["account"], document["region"])
        room = store.room(place)
        room.machines = {m["arn"]: Machine(**{**m, "revision": Revision(**m["revision"])}) for m in document["machines"]}
        room.versions = {v["arn"]: Version(**{**v, "revision": Revision(**v["revision"])}) for v in document["versions"]}
        room.aliases = {
            a["arn"]: Alias(**{**a, "routes": tuple((arn, weight) for arn, weight in a["routes"])}) for a in document["aliases"]
        }
        room.activities = {a["arn"]: Activity(**a) for a in document["activities"]}
        room.map_runs = {run["arn"]: MapRunRecord(**run) for run in document["map_runs"]}
        room.tags = {arn: dict(tags) for arn, tags in document["tags"].items()}
        for text in document["executions"]:
            record = _record(text, room)
            if record is not None and (record.stopped_at is None or now - record.stopped_at < _KEPT_SECONDS):
                room.executions[record.arn] = record
    return store


def _text(record: ExecutionRecord) -> str:
    return json.dumps(_plain(record), separators=(",", ":"))


def _plain(record: ExecutionRecord | MapRunRecord) -> dict[str, Any]:
    """Give the record's members; `asdict` would copy every event of its history."""
    found = {name: getattr(record, name) for name in record.__slots__}
    if isinstance(found.get("revision"), Revision):
        # There may be thousands of children, and all run on a part of what their parent runs on.
        found["revision"] = None if found["map_run_arn"] else asdict(found["revision"])
    return found


def _record(text: str, room: Room) -> ExecutionRecord | None:
    """Give an execution; None for a child whose parent is not there any more. Parents come before their children."""
    found = json.loads(text)
    if found["revision"] is not None:
        return ExecutionRecord(**{**found, "revision": Revision(**found["revision"])})
    run = room.map_runs.get(found["map_run_arn"])
    parent = room.executions.get(run.execution_arn) if run is not None else None
    return ExecutionRecord(**{**found, "revision": parent.revision}) if parent is not None else None
