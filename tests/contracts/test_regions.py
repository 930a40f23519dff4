"""A role belongs to one region: another one of the same project and environment neither changes nor removes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.errors import NotOwned
from bunsui.model.resource import TAG_REGION, ActualResource, Scope
from bunsui.ports.cloud import Provider, ResolvedResource
from tests.contracts.conftest import Cloud
from tests.contracts.specimens import Specimen, ZipPackager, specimen

HERE, THERE = "eu-west-1", "us-east-1"


def _roles(cloud: Cloud) -> Provider:
    return providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=ZipPackager())["role"]


def _trusting(region: str) -> Mapping[str, Any]:
    sources = [f"arn:aws:states:{region}:111111111111:stateMachine:m", f"arn:aws:states:{region}:111111111111:stateMachine:m:*"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": sources}},
    }
    return {"trust": {"Version": "2012-10-17", "Statement": [statement]}}


def _logging(region: str) -> Mapping[str, Any]:
    log = f"arn:aws:logs:{region}:111111111111:log-group:/aws/lambda/f:*"
    statement = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": [log]}
    return {"policy": {"Version": "2012-10-17", "Statement": [statement]}}


def _other_region(scope: Scope) -> Scope:
    return replace(scope, region=THERE)


def _untagged(resource: ResolvedResource, attributes: Mapping[str, Any]) -> ResolvedResource:
    """As a bunsui made it that did not know the tag."""
    tags = {key: value for key, value in resource.tags.items() if key != TAG_REGION}
    return replace(resource, tags=tags, attributes={**resource.attributes, **attributes})


@pytest.fixture
def wanted(cloud: Cloud) -> Specimen:
    return specimen("role", cloud.scope)


def _seen(cloud: Cloud, scope: Scope, wanted: Specimen) -> ActualResource:
    (actual,) = _roles(cloud).read_owned(scope, [wanted.desired])
    return actual


def test_a_role_is_not_made_again_by_another_region(cloud: Cloud, wanted: Specimen) -> None:
    _roles(cloud).create(wanted.resource)
    assert _seen(cloud, cloud.scope, wanted).owned_by(cloud.scope)
    there = _other_region(cloud.scope)
    assert not _seen(cloud, there, wanted).owned_by(there)
    assert _roles(cloud).read_owned(there, []) == []
    resource = replace(wanted.resource, tags={**wanted.resource.tags, TAG_REGION: THERE})
    with pytest.raises(NotOwned):
        _roles(cloud).create(resource)


@pytest.mark.parametrize("attributes", [_trusting(HERE), _logging(HERE)], ids=["machine", "function"])
def test_a_role_without_the_tag_belongs_to_the_region_that_it_serves(
    cloud: Cloud, wanted: Specimen, attributes: Mapping[str, Any]
) -> None:
    _roles(cloud).create(_untagged(wanted.resource, attributes))
    there = _other_region(cloud.scope)
    assert _seen(cloud, cloud.scope, wanted).owned_by(cloud.scope)
    assert not _seen(cloud, there, wanted).owned_by(there)
    with pytest.raises(NotOwned):
        _roles(cloud).create(replace(wanted.resource, tags={**wanted.resource.tags, TAG_REGION: THERE}))


def test_a_role_that_tells_no_region_is_ours_and_gets_the_tag_with_its_next_change(cloud: Cloud, wanted: Specimen) -> None:
    _roles(cloud).create(_untagged(wanted.resource, {}))
    actual = _seen(cloud, cloud.scope, wanted)
    assert actual.owned_by(cloud.scope)
    _roles(cloud).update(wanted.updated, actual)
    assert _seen(cloud, cloud.scope, wanted).tags[TAG_REGION] == HERE


def test_a_role_of_another_project_id_is_not_ours(cloud: Cloud, wanted: Specimen) -> None:
    _roles(cloud).create(wanted.resource)
    namesake = replace(cloud.scope, project_id="another")
    assert not _seen(cloud, namesake, wanted).owned_by(namesake)
    with pytest.raises(NotOwned):
        _roles(cloud).create(specimen("role", namesake).resource)
