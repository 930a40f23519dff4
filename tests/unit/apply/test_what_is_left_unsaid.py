"""What an apply takes for granted where nobody says anything: nothing, but for these."""

from __future__ import annotations

from time import monotonic

from bunsui import apply as room
from bunsui.apply.executor import THREADS
from tests.unsaid import assumptions


def test_nothing_is_taken_for_granted_but_this() -> None:
    assert assumptions(room) == {
        "ChangeStep.rereads_creates": True,
        "Effects.rereads_creates": True,
        "LeaseTerms.lease_seconds": 60.0,
        "LeaseTerms.margin_seconds": 25.0,
        "LeaseTerms.renew_seconds": 15.0,
        "Request.patience_seconds": 120.0,
        "Stop.__init__.seconds": monotonic,
        "execute.threads": THREADS,
    }
