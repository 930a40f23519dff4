"""The figures, names and tables of `bunsui.plan`: `tests/cases/constants/plan.txt`."""

from __future__ import annotations

from bunsui import plan as room
from tests.constants import check_constants


def test_every_constant_is_the_recorded_one(update_cases: bool) -> None:
    check_constants(room, is_updated=update_cases)
