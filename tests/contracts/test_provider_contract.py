"""What every provider promises (`bunsui.ports.cloud.Provider`), on every emulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.errors import NotOwned
from bunsui.model.resource import ActualResource
from bunsui.ports.cloud import HandingBack, Provider, Retiring, Written
from tests.contracts.conftest import Cloud
from tests.contracts.specimens import KINDS, Specimen, ZipPackager, specimen

GAPS: Mapping[tuple[str, str, str], str] = {
    (
        "moto",
        "schedule_group",
        "refuses a name that is taken",
    ): "moto makes a schedule group again where AWS answers Conflict",
    ("moto", "state_machine", "publishes what is there"): "moto has no PublishStateMachineVersion",
}
"""(emulator, kind, ability) -> how the emulator differs from AWS there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A provider, a specimen of its kind, and all providers for what it needs."""

    cloud: Cloud
    every: Mapping[str, Provider]
    specimen: Specimen
    packager: ZipPackager

    @property
    def provider(self) -> Provider:
        """The provider under test."""
        return self.every[self.specimen.resource.address.kind]

    def skip_gap(self, ability: str) -> None:
        """Skip, with the reason, where the emulator lacks what the test needs."""
        reason = GAPS.get((self.cloud.name, self.specimen.resource.address.kind, ability))
        if reason:
            pytest.skip(reason)

    def prepare(self, what: Specimen | None = None) -> None:
        """Write what the specimen needs."""
        for need in (what or self.specimen).needs:
            self.every[need.resource.address.kind].create(need.resource)

    def create(self) -> Written:
        """Write what it needs, then the specimen."""
        self.prepare()
        return self.provider.create(self.specimen.resource)

    def read(self) -> ActualResource | None:
        """Read the specimen by name."""
        return self.provider.read(self.specimen.resource.address, self.specimen.resource.physical_name)

    def read_there(self) -> ActualResource:
        """Read the specimen, which must be there."""
        actual = self.read()
        assert actual is not None
        return actual


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, cloud: Cloud) -> Bench:
    """Each kind on each emulator."""
    packager = ZipPackager()
    every = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=packager)
    return Bench(cloud=cloud, every=every, specimen=specimen(request.param, cloud.scope), packager=packager)


def test_what_was_created_is_read_as_it_was_written(bench: Bench) -> None:
    assert bench.read() is None
    written = bench.create()
    actual = bench.read_there()
    assert actual.attributes == bench.specimen.resource.attributes
    assert actual.outputs == written.outputs
    assert actual.revision == written.revision
    assert actual.owned_by(bench.cloud.scope)
    assert actual.address == bench.specimen.resource.address


def test_an_update_changes_every_attribute_and_the_revision(bench: Bench) -> None:
    bench.create()
    before = bench.read_there()
    written = bench.provider.update(bench.specimen.updated, before)
    after = bench.read_there()
    assert after.attributes == bench.specimen.updated.attributes
    assert after.outputs == written.outputs
    assert after.revision == written.revision != before.revision
    assert after.owned_by(bench.cloud.scope)


def test_a_change_of_tags_alone_publishes_no_version_of_a_machine(bench: Bench) -> None:
    resource = bench.specimen.resource
    if resource.address.kind != "state_machine":
        assert resource.address.kind in KINDS
        return
    before = bench.create()
    actual = bench.read_there()
    own = {key: value for key, value in resource.tags.items() if key.startswith("bunsui:")}
    tagged = replace(resource, attributes={**resource.attributes, "tags": {"team": "other"}}, tags={**own, "team": "other"})

    after = bench.provider.update(tagged, actual)

    assert after.outputs == before.outputs
    assert bench.read_there().attributes == tagged.attributes


def test_what_was_deleted_is_gone_and_may_be_deleted_again(bench: Bench) -> None:
    bench.create()
    actual = bench.read_there()
    bench.provider.delete(actual)
    assert bench.read() is None
    bench.provider.delete(actual)


def test_a_create_whose_reply_was_lost_is_repeated_without_harm(bench: Bench) -> None:
    bench.create()
    first = bench.read_there()
    again = bench.provider.create(bench.specimen.resource)
    second = bench.read_there()
    assert second.attributes == first.attributes
    assert second.outputs == again.outputs
    assert second.outputs["arn"] == first.outputs["arn"]


def test_a_repeated_create_brings_an_older_form_up_to_date(bench: Bench) -> None:
    bench.skip_gap("refuses a name that is taken")
    bench.create()
    written = bench.provider.create(bench.specimen.updated)
    actual = bench.read_there()
    assert actual.attributes == bench.specimen.updated.attributes
    assert actual.outputs == written.outputs


def test_a_create_does_not_touch_what_another_environment_owns(bench: Bench) -> None:
    bench.skip_gap("refuses a name that is taken")
    bench.create()
    before = bench.read_there()
    ours = bench.specimen.updated
    other = replace(ours, tags={**ours.tags, "bunsui:environment": "staging"})
    with pytest.raises(NotOwned):
        bench.provider.create(other)
    assert bench.read_there() == before


def test_the_bulk_read_finds_what_is_owned_without_being_told_its_name(bench: Bench) -> None:
    bench.create()
    found = bench.provider.read_owned(bench.cloud.scope, ())
    assert bench.read_there() in found


def test_the_bulk_read_finds_nothing_of_another_environment(bench: Bench) -> None:
    bench.create()
    # `prod` is a prefix of `prod-eu`: names alone would not tell them apart
    other = bench.cloud.other_scope(environment="prod-eu")
    theirs = specimen(bench.specimen.resource.address.kind, other)
    bench.prepare(theirs)
    bench.provider.create(theirs.resource)
    mine = {actual.physical_name for actual in bench.provider.read_owned(bench.cloud.scope, ())}
    assert bench.specimen.resource.physical_name in mine
    assert theirs.resource.physical_name not in mine


def test_the_bulk_read_shows_a_wanted_name_that_somebody_else_has(bench: Bench) -> None:
    bench.prepare()
    foreign = replace(
        bench.specimen.resource,
        tags={**bench.specimen.resource.tags, "bunsui:project": "another", "bunsui:environment": "theirs"},
    )
    bench.provider.create(foreign)
    found = bench.provider.read_owned(bench.cloud.scope, [bench.specimen.desired])
    seen = [actual for actual in found if actual.address == bench.specimen.resource.address]
    assert len(seen) == 1
    assert not seen[0].owned_by(bench.cloud.scope)
    assert seen[0] not in bench.provider.read_owned(bench.cloud.scope, [])


def test_the_bulk_read_says_nothing_of_a_wanted_name_that_does_not_exist(bench: Bench) -> None:
    assert bench.provider.read_owned(bench.cloud.scope, [bench.specimen.desired]) == []


STEADY_CALLS: Mapping[tuple[str, str], int] = {
    (
        "moto",
        "role",
    ): 5,  # ListRoles; GetRole, GetRolePolicy, ListAttachedRolePolicies, ListRolePolicies: so few are read one by one
    ("moto", "log_group"): 4,  # DescribeLogGroups of two folders, GetResources; ListTagsForResource, as for schedule_group
    ("moto", "lambda_function"): 2,  # ListFunctions, GetResources
    ("moto", "state_machine"): 4,  # ListStateMachines, GetResources; DescribeStateMachine, DescribeStateMachineAlias
    ("moto", "schedule_group"): 3,  # ListScheduleGroups, GetResources; ListTagsForResource, since moto's GetResources lacks it
    ("moto", "bucket"): 7,  # the tags, each of its five parts, and whether it holds objects
    ("moto", "alert_topic"): 3,  # ListTopics, GetResources; GetTopicAttributes
    ("moto", "alert_rule"): 4,  # ListRules, GetResources; ListTargetsByRule, ListTagsForResource, as for schedule_group
    ("moto", "schedule"): 3,  # ListScheduleGroups, ListSchedules; GetSchedule
}


def test_the_bulk_read_of_what_is_in_sync_makes_few_calls(bench: Bench) -> None:
    expected = STEADY_CALLS.get((bench.cloud.name, bench.specimen.resource.address.kind))
    if expected is None:
        pytest.skip("counted on moto only, whose GetResources knows the same types as AWS's")
    bench.create()
    wanted = [bench.specimen.desired]
    bench.provider.read_owned(bench.cloud.scope, wanted)  # STS answers once for a provider
    before = bench.cloud.connection.traffic.calls
    [actual] = bench.provider.read_owned(bench.cloud.scope, wanted)
    assert bench.cloud.connection.traffic.calls - before == expected
    assert actual == bench.read()


def test_tags_changed_outside_are_seen_by_the_bulk_read(bench: Bench) -> None:
    if "tags" not in bench.specimen.resource.attributes:
        pytest.skip("schedules cannot carry tags")
    bench.create()
    resource = bench.specimen.resource
    elsewhere = replace(
        resource, attributes={**resource.attributes, "tags": {"team": "other"}}, tags={**resource.tags, "team": "other"}
    )
    bench.provider.update(elsewhere, bench.read_there())
    [actual] = bench.provider.read_owned(bench.cloud.scope, [bench.specimen.desired])
    assert actual.attributes["tags"] == {"team": "other"}


def test_what_was_retired_starts_nothing_and_may_be_retired_again_and_come_back(bench: Bench) -> None:
    provider = bench.provider
    if not isinstance(provider, Retiring) or bench.specimen.resource.address.kind != "state_machine":
        assert bench.specimen.resource.address.kind != "state_machine"
        return
    bench.create()
    retired = provider.retire(bench.read_there())
    assert retired.attributes["alias"] == ""
    actual = bench.read_there()
    assert actual.attributes == retired.attributes
    assert actual.owned_by(bench.cloud.scope)
    assert provider.retire(actual).attributes == retired.attributes
    provider.update(bench.specimen.resource, bench.read_there())
    assert bench.read_there().attributes == bench.specimen.resource.attributes


def test_what_somebody_else_made_is_taken_over_and_handed_back_as_it_was(bench: Bench) -> None:
    """A machine without an alias: it is published as it is, and its text is not written again."""
    bench.skip_gap("publishes what is there")
    provider, resource = bench.provider, bench.specimen.resource
    if not isinstance(provider, HandingBack) or resource.address.kind != "state_machine":
        assert resource.address.kind != "state_machine"
        return
    bench.create()
    there = bench.read_there()
    provider.retire(there)  # type: ignore[attr-defined]
    provider.hand_back(bench.read_there(), replace(there, tags={}, attributes={**there.attributes, "alias": ""}))
    before = bench.read_there()
    assert not any(tag.startswith("bunsui:") for tag in before.tags)
    assert before.attributes["alias"] == ""

    provider.update(resource, replace(before, claimable="it is imported"))

    taken = bench.read_there()
    assert taken.attributes == resource.attributes
    assert taken.owned_by(bench.cloud.scope)
    for _ in range(2):
        provider.hand_back(bench.read_there(), before)
        after = bench.read_there()
        assert (after.attributes, after.tags) == (before.attributes, before.tags)


def test_calls_that_somebody_else_set_aside_are_no_difference_however_a_function_is_read(cloud: Cloud) -> None:
    """A plan does not ask for them, so that what apply reads again must not tell of them either: nothing could be applied."""
    packager = ZipPackager()
    every = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=packager)
    bench = Bench(cloud=cloud, every=every, specimen=specimen("lambda_function", cloud.scope), packager=packager)
    bench.create()
    wanted = [bench.specimen.desired]
    [planned] = bench.provider.read_owned(cloud.scope, wanted)
    cloud.outsider("lambda").put_function_concurrency(FunctionName=planned.physical_name, ReservedConcurrentExecutions=3)
    assert [planned] == list(bench.provider.read_owned(cloud.scope, wanted))
    assert bench.read() == planned
