"""What every surveyor promises (`bunsui.ports.hints.Surveyor`), and that trust saves the calls that it should."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects.function_settings import SEPARATE
from bunsui.aws.providers.parts import SurveyingProvider
from bunsui.aws.providers.registry import providers
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from tests.contracts.conftest import Cloud
from tests.contracts.specimens import KINDS, ZipPackager, specimen
from tests.contracts.test_frugal_reads import LISTS, SERVICES, recorded, watched
from tests.contracts.test_provider_contract import Bench

ONE_BY_ONE = frozenset(
    {
        "DescribeStateMachine", "DescribeStateMachineAlias", "GetRole", "GetRolePolicy", "GetSchedule", "GetFunction",
        "ListTags", "ListTagsForResource", "GetScheduleGroup",
    }
)  # fmt: skip
"""Reads of a single object."""


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, cloud: Cloud) -> Bench:
    """Each kind on each emulator, its specimen created."""
    packager = ZipPackager()
    every = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=packager)
    made = Bench(cloud=cloud, every=every, specimen=specimen(request.param, cloud.scope), packager=packager)
    made.create()
    return made


def surveyor(bench: Bench) -> SurveyingProvider:
    """The provider under test, as a surveyor."""
    every = providers(bench.cloud.connection, identity=StsIdentity(bench.cloud.connection), packager=bench.packager)
    return every[bench.specimen.resource.address.kind]


def surveyed(
    bench: Bench,
    applied: Mapping[Address, AppliedResource],
    suspects: Collection[Address] = (),
    denied: tuple[str, ...] = (),
) -> tuple[Sequence[ActualResource], frozenset[str]]:
    """Survey; give what was found and which reads of single objects that took."""
    service = SERVICES[bench.specimen.resource.address.kind]
    with watched(bench.cloud, service, "resourcegroupstaggingapi", denied=denied) as calls:
        found = surveyor(bench).read_owned(bench.cloud.scope, [bench.specimen.desired], applied=applied, suspects=suspects)
    return found, ONE_BY_ONE & set(calls.made)


def change(bench: Bench, applied: Mapping[Address, AppliedResource]) -> None:
    """Change what everybody compares: calls that are set aside for a function are asked about only where bunsui does that."""
    bench.provider.read_owned(bench.cloud.scope, [bench.specimen.desired], applied=applied)
    kept = {name: value for name, value in bench.specimen.updated.attributes.items() if name != SEPARATE}
    bench.provider.update(replace(bench.specimen.updated, attributes=kept), bench.read_there())


def test_what_is_trusted_comes_back_as_it_was_applied_without_a_read_of_its_own(bench: Bench) -> None:
    if bench.specimen.resource.address.kind == "role":
        pytest.skip("roles are read whole where a list gives them: see below")
    applied = recorded(bench)
    [actual], reads = surveyed(bench, applied)
    assert actual == applied[actual.address].as_actual(bench.cloud.scope)
    assert reads == frozenset()


def test_a_trusted_role_is_assumed_unless_the_account_details_show_it(bench: Bench) -> None:
    if bench.specimen.resource.address.kind != "role":
        pytest.skip("for roles")
    applied = recorded(bench)
    [actual], reads = surveyed(bench, applied, denied=("GetAccountAuthorizationDetails",))
    assert actual == applied[actual.address].as_actual(bench.cloud.scope)
    assert reads == frozenset()


def test_a_suspect_is_read_as_ever(bench: Bench) -> None:
    applied = recorded(bench)
    change(bench, applied)
    [actual], _ = surveyed(bench, applied, suspects=applied.keys())
    assert actual == bench.read_there()


def test_what_is_gone_is_not_there_however_trusted(bench: Bench) -> None:
    applied = recorded(bench)
    bench.provider.delete(bench.read_there())
    found, _ = surveyed(bench, applied)
    assert list(found) == []


def test_what_was_never_applied_is_read(bench: Bench) -> None:
    [actual], _ = surveyed(bench, {})
    assert actual == bench.read_there()


def test_what_is_no_longer_wanted_is_still_shown_to_exist(bench: Bench) -> None:
    applied = recorded(bench)
    found = surveyor(bench).read_owned(bench.cloud.scope, (), applied=applied, suspects=())
    assert [actual.address for actual in found] == [bench.specimen.resource.address]


def test_without_the_permission_to_list_nothing_is_trusted(bench: Bench) -> None:
    kind = bench.specimen.resource.address.kind
    if kind not in LISTS or kind == "schedule":
        pytest.skip("a list is its only read, or its group's")
    applied = recorded(bench)
    change(bench, applied)
    [actual], _ = surveyed(bench, applied, denied=(LISTS[kind],))
    assert actual == bench.read_there()


def test_what_a_list_itself_shows_to_be_different_is_never_assumed(bench: Bench) -> None:
    applied = recorded(bench)
    client = bench.cloud.connection.writer(SERVICES[bench.specimen.resource.address.kind])
    name = bench.specimen.resource.physical_name
    match bench.specimen.resource.address.kind:
        case "log_group":
            client.put_retention_policy(logGroupName=name, retentionInDays=1)
        case "lambda_function":
            client.update_function_configuration(FunctionName=name, MemorySize=1024)
        case _:
            pytest.skip("its list gives names only")
    [actual], _ = surveyed(bench, applied)
    assert actual.attributes == bench.read_there().attributes
    assert not actual.is_assumed
