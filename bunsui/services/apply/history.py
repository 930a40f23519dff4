"""What came before an apply, as far as the record of applies tells."""

from __future__ import annotations

from bunsui.errors import CloudError
from bunsui.ports.ledger import ApplyRecord
from bunsui.refresh.ports import ReconcilePorts


def last_but_one(ports: ReconcilePorts) -> ApplyRecord | None:
    """Return what wrote the state before the latest apply did; None when nothing did, or when it cannot be read."""
    try:
        records = sorted(ports.ledger.log.applies(limit=_LATEST), key=lambda record: record.serial)
    except CloudError:
        return None  # only a remark depends on it
    return records[-2] if len(records) > 1 else None


_LATEST = 5
"""Ids come from the writers' clocks, so the newest by number is looked for among a few."""
