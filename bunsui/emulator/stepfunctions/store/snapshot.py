"""The store as JSON values: written, and read back.

Executions are kept as JSON texts of their own. One that has ended does not change any more, so its text is made once, however
often everything is saved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bunsui import __version__
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.store.journal import check_entry
from bunsui.emulator.stepfunctions.store.records import (
    RUNNING,
    STATUSES,
    TYPES,
    Activity,
    Alias,
    ExecutionRecord,
    Machine,
    MapRunRecord,
    RegionStore,
    Revision,
    Store,
    Version,
)
from bunsui.stored_words import StoredForm, StoredItem, written_by

FORMAT = f"bunsui-{StoredForm.EXECUTIONS.format}"
_FORMAT = re.compile(r"bunsui-([1-9][0-9]{0,5})")
_KEPT_SECONDS = 90 * 24 * 3600.0
"""Histories are kept for 90 days (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)."""


class StoreSnapshot:
    """Makes snapshots of a store."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._ended: dict[str, tuple[int, str]] = {}

    def snapshot(self, store: Store) -> dict[str, Any]:
        """Return everything; later changes of the store do not change it."""
        return {
            "format": FORMAT,
            "written_by": __version__,
            "region_stores": [self._region_store(region_store) for region_store in store.region_stores.values()],
        }

    def _region_store(self, region_store: RegionStore) -> dict[str, Any]:
        return {
            "account": region_store.location.account,
            "region": region_store.location.region,
            "machines": [asdict(machine) for machine in region_store.machines.values()],
            "versions": [asdict(version) for version in region_store.versions.values()],
            "aliases": [asdict(alias) for alias in region_store.aliases.values()],
            "activities": [asdict(activity) for activity in region_store.activities.values()],
            "map_runs": [_plain(record) for record in region_store.map_runs.values()],
            "tags": {arn: dict(tags) for arn, tags in region_store.tags.items()},
            "executions": [self._execution(record) for record in region_store.executions.values()],
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
    """Return the store of a snapshot, without executions that ended too long ago.

    Raises:
        Refused: it holds what only a newer bunsui knows.
        ValueError: it is none of ours.

    """
    item = _check_saved(saved)
    store = Store()
    for document in saved["region_stores"] if "region_stores" in saved else saved["rooms"]:
        location = Location(document["account"], document["region"])
        region_store = store.region_store(location)
        region_store.machines = {
            m["arn"]: Machine(**{**m, "type": item.word("type", m["type"], TYPES), "revision": Revision(**m["revision"])})
            for m in document["machines"]
        }
        region_store.versions = {
            v["arn"]: Version(**{**v, "revision": Revision(**v["revision"])}) for v in document["versions"]
        }
        region_store.aliases = {
            a["arn"]: Alias(**{**a, "routes": tuple((arn, weight) for arn, weight in a["routes"])}) for a in document["aliases"]
        }
        region_store.activities = {a["arn"]: Activity(**a) for a in document["activities"]}
        region_store.map_runs = {run["arn"]: MapRunRecord(**run) for run in document["map_runs"]}
        region_store.tags = {arn: dict(tags) for arn, tags in document["tags"].items()}
        for text in document["executions"]:
            record = _record(text, region_store, item)
            if record is not None and (record.stopped_at is None or now - record.stopped_at < _KEPT_SECONDS):
                region_store.executions[record.arn] = record
    return store


def check_stored(saved: Mapping[str, Any]) -> None:
    """Check that a snapshot can be restored; only one of another version is looked through.

    Raises:
        Refused: it holds what only a newer bunsui knows.
        ValueError: it is none of ours.

    """
    if _check_saved(saved).written_by != __version__:
        restored(saved, now=0.0)


def _check_saved(saved: Mapping[str, Any]) -> StoredItem:
    item = StoredItem(name="the saved state of Step Functions", written_by=written_by(saved.get("written_by")))
    number = _FORMAT.fullmatch(str(saved.get("format")))
    if number is None:
        raise ValueError("it was written by an earlier version of the embedded AWS")
    item.check_format(int(number[1]), StoredForm.EXECUTIONS)
    return item


def _text(record: ExecutionRecord) -> str:
    return json.dumps(_plain(record), separators=(",", ":"))


def _plain(record: ExecutionRecord | MapRunRecord) -> dict[str, Any]:
    """Return the record's members; `asdict` would copy every event of its history."""
    found = {name: getattr(record, name) for name in record.__slots__}
    if isinstance(found.get("revision"), Revision):
        # There may be thousands of children, and all run on a part of what their parent runs on.
        found["revision"] = None if found["map_run_arn"] else asdict(found["revision"])
    return found


def _record(text: str, region_store: RegionStore, item: StoredItem) -> ExecutionRecord | None:
    """Return an execution; None for a child whose parent is not there any more. Parents come before their children."""
    found = json.loads(text)
    item.word("status", found["status"], STATUSES)
    item.word("type", found["type"], TYPES)
    for entry in found["journal"]:
        check_entry(entry, item)
    if found["revision"] is not None:
        return ExecutionRecord(**{**found, "revision": Revision(**found["revision"])})
    run = region_store.map_runs.get(found["map_run_arn"])
    parent = region_store.executions.get(run.execution_arn) if run is not None else None
    return ExecutionRecord(**{**found, "revision": parent.revision}) if parent is not None else None
