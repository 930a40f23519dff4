from __future__ import annotations

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.sessions.failures.recurrence import Recurrence, recurrence_of


@pytest.mark.parametrize("kind", list(ErrorClass))
def test_every_class_says_whether_its_failures_come_again(kind: ErrorClass) -> None:
    assert recurrence_of(kind.value) in Recurrence


def test_code_that_bunsui_knows_fails_again_and_foreign_code_may_have_changed() -> None:
    assert recurrence_of("code") is Recurrence.CERTAIN
    assert recurrence_of("code", has_own_code=False) is Recurrence.UNLESS_MENDED


def test_a_class_that_only_a_newer_bunsui_knows_says_nothing() -> None:
    assert recurrence_of("weather") is Recurrence.PASSING
