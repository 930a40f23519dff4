"""What others put on a role of ours is read with it, in bulk or one by one, and is no part of what is compared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.aws.beside.reader import AwsBesideReader
from bunsui.model.beside import BesideOurs
from bunsui.plan.checks.beside_ours import is_risky
from bunsui.ports.beside import Depth
from tests.contracts.beside import ADDITIONS
from tests.contracts.conftest import Cloud
from tests.contracts.test_frugal_reads import bench_of, many_roles, recorded, watched
from tests.contracts.test_provider_contract import Bench

EXTRA = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def put_beside(cloud: Cloud, role: str) -> str:
    """Return the ARN of what was attached."""
    client = cloud.outsider("iam")
    attached = client.create_policy(PolicyName=f"theirs-{role}", PolicyDocument=json.dumps(EXTRA))["Policy"]["Arn"]
    client.attach_role_policy(RoleName=role, PolicyArn=attached)
    client.put_role_policy(RoleName=role, PolicyName="extra", PolicyDocument=json.dumps(EXTRA))
    return str(attached)


@pytest.mark.parametrize("count", [2, 4], ids=["one by one", "in bulk"])
def test_policies_of_others_on_a_role_are_read_and_change_nothing(cloud: Cloud, count: int) -> None:
    bench, made = many_roles(cloud, count)
    before = list(bench.provider.read_owned(cloud.scope, ()))
    assert {role.beside for role in before} == {()}
    attached = put_beside(cloud, made[0].physical_name)

    after = list(bench.provider.read_owned(cloud.scope, ()))

    assert [replace(role, beside=()) for role in after] == before
    assert [(one.what, one.name, one.policy) for one in after[0].beside] == [
        ("attached policy", attached, None),
        ("inline policy", "extra", EXTRA),
    ]
    assert [role.beside for role in after[1:]] == [()] * (count - 1)
    service, call, *words = after[0].beside[1].removal
    given = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    assert (service, call) == ("iam", "delete-role-policy")
    cloud.outsider("iam").delete_role_policy(RoleName=given["role-name"], PolicyName=given["policy-name"])
    assert [one.what for one in next(iter(bench.provider.read_owned(cloud.scope, ()))).beside] == ["attached policy"]


def test_who_may_not_look_is_told_so_and_the_rest_is_read(cloud: Cloud) -> None:
    bench, made = many_roles(cloud, 2)
    put_beside(cloud, made[0].physical_name)
    with watched(cloud, "iam", denied=("ListAttachedRolePolicies",)):
        found = bench.provider.read_owned(cloud.scope, ())
    assert [role.beside for role in found] == [(), ()]
    assert any("was not looked at" in remark for remark in cloud.connection.traffic.remarks)


def beside(bench: Bench, depth: Depth) -> list[BesideOurs]:
    """What is found beside the specimen."""
    found = AwsBesideReader(bench.cloud.connection).find(recorded(bench), depth)
    assert set(found) <= {bench.specimen.resource.address}
    return [one for some in found.values() for one in some]


@pytest.mark.parametrize("name", ADDITIONS)
def test_what_others_put_beside_ours_is_found_and_removed_by_its_command(cloud: Cloud, name: str) -> None:
    addition = ADDITIONS[name]
    if cloud.name in addition.without:
        pytest.skip(f"{cloud.name} {addition.without[cloud.name]}")
    bench = bench_of(cloud, addition.kind)
    bench.create()
    applied, before = recorded(bench, written_at=datetime.now(UTC)), bench.read_there()
    assert beside(bench, Depth.DRIFT) == []

    addition.put(cloud.outsider, next(iter(applied.values())))

    [one] = AwsBesideReader(cloud.connection).find(applied, Depth.DRIFT)[before.address]
    assert (one.what, is_risky(one)) == (addition.what, addition.risky)
    told = AwsBesideReader(cloud.connection).find(applied, Depth.PLAN)
    assert told == ({before.address: (one,)} if addition.in_plan else {})
    if one.removal and one.what != "rule":
        AwsBesideReader(cloud.connection).remove(one)
        AwsBesideReader(cloud.connection).remove(one)  # twice does no harm
        assert AwsBesideReader(cloud.connection).find(applied, Depth.DRIFT) == {}
