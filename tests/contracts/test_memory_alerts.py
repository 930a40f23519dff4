"""The store of alerts in memory keeps the promises of its contract, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.testkit.alerts import MemoryAlertStore
from tests.contracts.test_alerts import (  # noqa: F401 - collected here too, on the fixture below
    Stores,
    test_a_book_and_its_messages_are_given_back_as_they_were_stored,
    test_books_of_pipelines_are_apart,
    test_eight_who_judge_at_once_store_one_message,
    test_nothing_is_told_of_an_environment_at_which_nobody_looked,
    test_one_of_two_claims_a_message,
    test_what_is_settled_is_no_longer_open_and_can_be_looked_up_the_newest_first,
    test_who_judged_an_older_book_writes_nothing_of_it,
)


@pytest.fixture
def alert_stores() -> Stores:
    """One store in memory, for all who open it."""
    store = MemoryAlertStore()
    return lambda: store
