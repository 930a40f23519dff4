"""In fair weather the simulated account keeps the promises of the contracts, the same tests as for AWS."""

from __future__ import annotations

from typing import cast

import pytest

from tests.contracts.conftest import Cloud
from tests.contracts.specimens import KINDS, ZipPackager, specimen
from tests.contracts.test_ledger import (  # noqa: F401 - collected here too, on the fixtures below
    Room,
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
)
from tests.contracts.test_memory_provider import MemoryCloud
from tests.contracts.test_provider_contract import (  # noqa: F401 - collected here too, on the fixtures below
    Bench,
    test_a_create_does_not_touch_what_another_environment_owns,
    test_a_create_whose_reply_was_lost_is_repeated_without_harm,
    test_a_repeated_create_brings_an_older_form_up_to_date,
    test_an_update_changes_every_attribute_and_the_revision,
    test_the_bulk_read_finds_nothing_of_another_environment,
    test_the_bulk_read_finds_what_is_owned_without_being_told_its_name,
    test_the_bulk_read_says_nothing_of_a_wanted_name_that_does_not_exist,
    test_the_bulk_read_shows_a_wanted_name_that_somebody_else_has,
    test_what_was_created_is_read_as_it_was_written,
    test_what_was_deleted_is_gone_and_may_be_deleted_again,
)
from tests.fakes.project import SCOPE
from tests.fakes.simulated import Simulation


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest) -> Bench:
    """Each kind in a simulated account."""
    cloud = cast("Cloud", MemoryCloud(name="simulated", scope=SCOPE))
    return Bench(cloud=cloud, every=Simulation().providers(), specimen=specimen(request.param, SCOPE), packager=ZipPackager())


@pytest.fixture
def room() -> Room:
    """A simulated state, with its table."""
    ports = Simulation().ports
    ports.state.ensure()
    return ports.state, ports.ledger
