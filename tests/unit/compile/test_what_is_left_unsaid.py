"""What the compiler takes for granted where nobody says anything: nothing, but for these."""

from __future__ import annotations

from bunsui import compile as room
from tests.unsaid import assumptions


def test_nothing_is_taken_for_granted_but_this() -> None:
    assert assumptions(room) == {
        "_offset.begins": "$change[0] <= $millis",
        "compile_pipeline.asks_whether_refused": True,
    }
