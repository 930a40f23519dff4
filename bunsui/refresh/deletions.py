"""Which objects are doubted: what an apply has just deleted may still be read for a while.

Taking it for one that is there would adopt or update what is gone, and what refers to it would be refused half-way. What the
state does not know under this name is doubted for a minute after an apply that deletes, and so is
what one that died was deleting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bunsui.model.json import Json
from bunsui.model.resource import ActualResource
from bunsui.plan.build import Facts
from bunsui.plan.model import Action, Plan
from bunsui.ports.ledger import ApplyLog, ApplyRecord
from bunsui.refresh.consistency import FRESH
from bunsui.refresh.ports import ReconcilePorts

_DELETES = "deletes"
"""The fact of an apply's record that says how many objects it was to delete: from its beginning, in case that it is killed."""
_LATEST = 5
"""So many applies are looked at."""
_DIED_WITHIN = timedelta(minutes=15)
"""When an apply that never ended had its last effect is not known; later than this after its beginning it deletes nothing."""


def doubted_objects(actual: Sequence[ActualResource], facts: Facts, ports: ReconcilePorts) -> Sequence[ActualResource]:
    """Return what was read and may have been deleted a moment ago."""
    doubted = [item for item in actual if _is_doubted(item, facts)]
    return doubted if doubted and _deleted_lately(ports.ledger.log, ports.clock.now()) else ()


def _is_doubted(item: ActualResource, facts: Facts) -> bool:
    if item.is_assumed or item.unreadable or not item.owned_by(facts.scope):
        return False
    applied, pending = facts.applied.get(item.address), facts.pending.get(item.address)
    is_remembered = applied is not None and applied.physical_name == item.physical_name
    is_going = pending is not None and "delete" in pending.steps
    return not is_remembered or is_going


def _deleted_lately(log: ApplyLog, now: datetime) -> bool:
    return any(
        record.facts.get(_DELETES) and now - _latest_effect(record, now) < FRESH for record in log.applies(limit=_LATEST)
    )


def _latest_effect(record: ApplyRecord, now: datetime) -> datetime:
    """Return when the apply had its last effect at the latest."""
    return record.ended_at or min(now, record.begun_at + _DIED_WITHIN)


def deletion_facts(plan: Plan) -> Mapping[str, Json]:
    """Return what the record of an apply of this plan says; nothing where it deletes nothing."""
    count = sum(1 for change in plan.pending if change.action in (Action.DELETE, Action.REPLACE))
    return {_DELETES: count} if count else {}
