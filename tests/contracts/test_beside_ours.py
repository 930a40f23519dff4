"""What others put on a role of ours is read with it, in bulk or one by one, and is no part of what is compared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bunsui.aws.beside.reader import AwsBesideReader
from bunsui.plan.checks.beside_ours import is_risky
from bunsui.ports.beside import Depth
from tests.contracts.beside import ADDITIONS
from tests.contracts.conftest import Cloud
from tests.contracts.test_frugal_reads import bench_of, many_roles, recorded, watched

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


@pytest.mark.parametrize("kind", sorted({one.kind for one in ADDITIONS.values()}))
def test_what_others_put_beside_ours_is_found_and_removed_by_its_command(cloud: Cloud, kind: str) -> None:
    bench = bench_of(cloud, kind)
    bench.create()
    applied, reader = recorded(bench, written_at=datetime.now(UTC)), AwsBesideReader(cloud.connection)
    [(address, ours)] = applied.items()
    before = bench.read_there()
    assert reader.find(applied, Depth.DRIFT) == {}
    for name, addition in ADDITIONS.items():
        if addition.kind != kind or cloud.name in addition.without:
            continue
        addition.put(cloud.outsider, ours)
        [one] = reader.find(applied, Depth.DRIFT)[address]
        assert (name, one.what, is_risky(one)) == (name, addition.what, addition.risky)
        assert reader.find(applied, Depth.PLAN) == ({address: (one,)} if addition.in_plan else {})
        if addition.undo is not None:
            addition.undo(cloud.outsider, ours)
        else:
            reader.remove(one)
            reader.remove(one)  # twice does no harm
        assert (name, reader.find(applied, Depth.DRIFT)) == (name, {})
    assert bench.read_there().tags == before.tags


def test_who_may_not_look_beside_functions_is_told_so(cloud: Cloud) -> None:
    bench = bench_of(cloud, "lambda_function")
    bench.create()
    applied = recorded(bench)
    ADDITIONS["anybody may call a function"].put(cloud.outsider, next(iter(applied.values())))
    with watched(cloud, "lambda", denied=("GetPolicy",)):
        assert AwsBesideReader(cloud.connection).find(applied, Depth.PLAN) == {}
    assert any("no permission for lambda:GetPolicy" in remark for remark in cloud.connection.traffic.remarks)


def test_a_plan_asks_one_call_a_function_and_lists(cloud: Cloud) -> None:
    bench = bench_of(cloud, "lambda_function")
    bench.create()
    applied = recorded(bench)
    with watched(cloud, "lambda", "scheduler") as calls:
        AwsBesideReader(cloud.connection).find(applied, Depth.PLAN)
    assert sorted(calls.made) == ["GetPolicy", "ListEventSourceMappings"]
