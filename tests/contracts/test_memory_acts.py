"""The trail of acts in memory keeps the promises of its contract, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.testkit.acts import MemoryActLog
from tests.contracts.test_acts import (  # noqa: F401 - collected here too, on the fixture below
    Logs,
    test_a_trail_without_acts_is_empty,
    test_an_act_is_given_back_as_it_was_stored_with_its_place,
    test_each_act_follows_the_one_before,
    test_eight_writers_at_once_make_one_chain_without_a_gap,
    test_who_read_the_head_too_early_follows_the_last_act_all_the_same,
)


@pytest.fixture
def logs() -> Logs:
    """One trail in memory, for all who open it."""
    log = MemoryActLog()
    return lambda: log
