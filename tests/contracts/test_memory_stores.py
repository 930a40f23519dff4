"""The in-memory state store and session repository keep the promises of their contracts, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.model.resource import Scope
from bunsui.ports.session_rows import SessionRepository
from bunsui.ports.storage import StateStore
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.testkit.state import MemoryStateStore
from tests.contracts.test_session_repository import (  # noqa: F401 - collected here too, on the fixtures below
    NOON,
    Aging,
    test_a_large_row_is_listed_whole,
    test_a_prefix_of_the_id_finds_sessions,
    test_a_saved_status_is_the_one_that_is_filtered_by,
    test_a_session_is_found_by_the_whole_name_of_an_execution,
    test_a_session_is_given_back_whole,
    test_a_session_leaves_the_lists_in_which_it_no_longer_stands,
    test_a_session_that_ended_is_kept_as_long_as_was_said_and_all_that_finds_it,
    test_a_session_that_goes_on_is_kept,
    test_a_session_that_is_described_later_claims_its_slot_then,
    test_a_session_that_is_not_there_cannot_be_saved,
    test_an_execution_has_one_session,
    test_an_id_is_taken_once,
    test_an_old_version_cannot_be_saved,
    test_every_save_makes_a_new_version,
    test_how_far_a_machine_was_looked_at_is_kept,
    test_many_executions_are_asked_for_at_once,
    test_of_writers_that_race_exactly_one_wins,
    test_sessions_are_filtered_by_status_before_they_are_limited,
    test_sessions_are_listed_by_their_start_whatever_their_ids,
    test_sessions_are_listed_newest_first,
    test_sessions_of_one_pipeline_are_listed_apart,
    test_the_slot_of_a_schedule_has_one_session,
    test_two_rows_become_one_or_stay_as_they_are,
    test_what_ended_before_what_is_kept_leaves_nothing,
    test_what_is_known_of_executions_is_told_without_their_rows,
)
from tests.contracts.test_state_store import (  # noqa: F401 - collected here too, on the fixtures below
    test_an_address_that_begins_like_another_is_another,
    test_attributes_larger_than_an_item_are_kept_whole,
    test_many_resources_are_read_over_pages,
    test_putting_again_replaces,
    test_resources_of_one_kind_are_read_alone,
    test_what_was_forgotten_is_gone_and_may_be_forgotten_again,
    test_what_was_put_is_given_back,
)


@pytest.fixture
def repository() -> SessionRepository:
    """Session rows in memory."""
    return MemorySessionRepository()


@pytest.fixture
def aging() -> Aging:
    """Session rows in memory that are kept for a day."""
    clock = ManualClock(NOON)
    return MemorySessionRepository(keep_seconds=86_400, clock=clock), clock


@pytest.fixture
def store() -> StateStore:
    """State in memory, with its table."""
    made = MemoryStateStore(Scope(project="shop", environment="prod", account="0" * 12, region="eu-west-1", project_id="id"))
    made.ensure()
    return made
