"""The store of pools in memory keeps the promises of its contract, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.testkit.pools import MemoryPoolStore
from tests.contracts.test_pools import (  # noqa: F401 - collected here too, on the fixture below
    Stores,
    test_a_pool_is_given_back_as_it_was_stored_and_apart_from_others,
    test_a_pool_that_nobody_used_is_empty,
    test_of_eight_who_take_the_last_slot_one_has_it,
    test_the_largest_pool_fits,
    test_who_read_an_older_pool_writes_nothing_over_it,
)


@pytest.fixture
def pool_stores() -> Stores:
    """One store in memory, for all who open it."""
    store = MemoryPoolStore()
    return lambda: store
