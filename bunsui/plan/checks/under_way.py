"""BS525: somebody applies while this plan is made, or died at it.

It needs the lock, which is read only when the journal holds something unfinished (`bunsui.services.plan`).
"""

from __future__ import annotations

from datetime import datetime

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.ports.ledger import LockRecord

CODE = "BS525"


def finding(record: LockRecord, as_of: datetime) -> Diagnostic:
    """Return the finding for a lock that is held."""
    seconds = max(0, round((as_of - record.since).total_seconds()))
    age = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
    where = f" on {record.actor.host}" if record.actor.host else ""
    return Diagnostic(
        code=CODE,
        severity=Severity.WARNING,
        summary=f"{record.operation} of {record.actor.who or 'somebody'}{where} is under way for {age}, or died",
        detail=f"What it has not finished shows as interrupted here. {record.actor.link}".rstrip(),
        hint="Plan again when it has ended. The next apply waits for it, and takes over when it is dead.",
    )
