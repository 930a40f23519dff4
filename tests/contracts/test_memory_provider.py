"""The in-memory providers keep the promises of the contract, the same tests as for AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from bunsui.model.resource import Scope
from bunsui.testkit.provider import MemoryAccount
from tests.contracts.conftest import REGION, Cloud
from tests.contracts.specimens import KINDS, ZipPackager, specimen
from tests.contracts.test_provider_contract import (  # noqa: F401 - collected here too, on the fixture below
    Bench,
    test_a_create_does_not_touch_what_another_environment_owns,
    test_a_create_whose_reply_was_lost_is_repeated_without_harm,
    test_a_repeated_create_brings_an_older_form_up_to_date,
    test_an_update_changes_every_attribute_and_the_revision,
    test_the_bulk_read_finds_nothing_of_another_environment,
    test_the_bulk_read_finds_what_is_owned_without_being_told_its_name,
    test_the_bulk_read_says_nothing_of_a_wanted_name_that_does_not_exist,
    test_the_bulk_read_shows_a_wanted_name_that_somebody_else_has,
    test_what_somebody_else_made_is_taken_over_and_handed_back_as_it_was,
    test_what_was_created_is_read_as_it_was_written,
    test_what_was_deleted_is_gone_and_may_be_deleted_again,
    test_what_was_retired_starts_nothing_and_may_be_retired_again_and_come_back,
)


@dataclass(frozen=True)
class MemoryCloud:
    """What the suite needs of a cloud, without a connection."""

    name: str
    scope: Scope

    def other_scope(self, *, environment: str) -> Scope:
        return Scope(project=self.scope.project, environment=environment, account=self.scope.account, region=REGION)


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest) -> Bench:
    """Each kind in an account in memory."""
    scope = Scope(project="shop", environment="prod", account="123456789012", region=REGION)
    every = MemoryAccount(account=scope.account, region=REGION).providers()
    cloud = cast("Cloud", MemoryCloud("memory", scope))
    return Bench(cloud=cloud, every=every, specimen=specimen(request.param, scope), packager=ZipPackager())
