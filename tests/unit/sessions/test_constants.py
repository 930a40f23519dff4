"""The figures, names and tables of `bunsui.sessions`: `tests/cases/constants/sessions.txt`."""

from __future__ import annotations

from bunsui import sessions as room
from tests.constants import check_constants


def test_every_constant_is_the_recorded_one(update_cases: bool) -> None:
    check_constants(room, is_updated=update_cases)
