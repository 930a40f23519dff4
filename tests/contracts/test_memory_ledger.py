"""The ledger in memory keeps the promises of its contract, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.model.resource import Scope
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.contracts.test_ledger import (  # noqa: F401 - collected here too, on the fixture below
    Room,
    test_a_lock_that_was_never_taken_has_no_record,
    test_an_entry_is_pending_until_it_is_settled,
    test_applies_are_listed_newest_first_as_they_ended,
    test_each_apply_counts_and_the_lineage_stays,
    test_many_threads_settle_under_one_lock,
    test_nothing_is_written_under_a_lock_that_was_given_back,
    test_nothing_is_written_under_another_fence,
    test_of_many_who_swap_at_once_one_wins,
    test_several_resources_are_settled_at_once_and_some_of_them_forgotten,
    test_the_lock_changes_only_over_the_version_that_was_seen,
    test_the_lock_is_given_back_as_it_was_stored,
    test_the_text_of_a_pipeline_is_kept_with_what_is_settled_until_its_machine_goes,
)


@pytest.fixture
def room() -> Room:
    """State in memory, with its table."""
    state = MemoryStateStore(Scope(project="shop", environment="prod", account="0" * 12, region="eu-west-1", project_id="id"))
    state.ensure()
    return state, MemoryLedger(state).whole
