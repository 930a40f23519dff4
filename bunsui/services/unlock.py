"""Unlock: takes the lock from a holder that is known to be dead. Audited."""

from __future__ import annotations

from bunsui.apply.lease import seize
from bunsui.errors import InvalidInput
from bunsui.ports.ledger import LockRecord
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.locking import lock_request, new_record, record_apply
from bunsui.services.apply.patience import Patience


def unlock(ports: ReconcilePorts, lock_id: str) -> LockRecord:
    """Free the lock of that id and give its record as it was. Whoever held it can write to the state no more.

    Raises:
        InvalidInput: nobody holds the lock, or somebody else does than the id says.
        Conflict: the holder renewed the lock this moment.

    """
    ports.account_checked()
    found = ports.ledger.locks.read()
    if found is None or not found.held:
        raise InvalidInput("not-locked", "nobody holds the lock", hint="There is nothing to unlock.", asked=lock_id)
    if found.id != lock_id:
        raise InvalidInput(
            "other-lock",
            "the lock is held under another id",
            hint="Look again who holds it; somebody may have taken it meanwhile.",
            asked=lock_id,
            holder=found.actor.who or None,
            lock=found.id,
        )
    lease = seize(ports.ledger.locks, ports.clock, lock_request(ports, "unlock", Patience()), over=found)
    record = new_record(
        ports,
        "unlock",
        facts={"lock": found.id, "holder": found.actor.who, "link": found.actor.link, "was": found.operation},
    )
    with record_apply(ports, record, lease) as work:
        work.outcome = "complete"
    return found
