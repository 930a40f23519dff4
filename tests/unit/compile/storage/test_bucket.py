"""The environment's bucket, and what a machine may read in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bunsui.aws.permissions import Purpose, lost_without, policy
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.compile.restoring import restore_places
from bunsui.compile.storage.bucket import environment_bucket
from bunsui.model.address import ENVIRONMENT
from bunsui.model.bucket import MANAGED, managed_name
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from tests.executing import SCOPE

MANAGED_SCOPE = replace(SCOPE, bucket=MANAGED)


def job(name: str, *before: str, gives: bool = True) -> Job:
    call = Operation(id="call", type="lambda", params=LambdaParams(function=f"{name}:1"))
    return Job(name=name, operations=(call,), depends_on=before, outputs={"n": Expression("$result.n")} if gives else {})


PIPELINE = Pipeline(name="orders", path="p.yaml", jobs=(job("one"), job("two", "one"), job("mute", "one", gives=False)))


def compiled(bucket: str, kms_key: str = "") -> CompiledPipeline:
    scope = replace(SCOPE, bucket=bucket, bucket_kms_key=kms_key)
    return compile_pipeline(PIPELINE, scope=scope, registry=builtin_registry())


def reads(found: CompiledPipeline) -> list[dict[str, Any]]:
    (role,) = (resource for resource in found.resources if resource.address.kind == "role")
    policy: Any = role.attributes["policy"]
    return [statement for statement in policy["Statement"] if any("s3:" in action for action in statement["Action"])]


def test_a_managed_bucket_is_closed_to_the_public_and_to_whoever_does_not_come_over_tls() -> None:
    ((bucket,),) = environment_bucket(MANAGED_SCOPE).values()
    assert (bucket.address.pipeline, bucket.physical_name) == (ENVIRONMENT, managed_name(SCOPE))
    assert bucket.attributes["public_access"] == "blocked"
    assert bucket.attributes["ownership"] == "BucketOwnerEnforced"
    assert bucket.attributes["expiry_days"] == {"resume/": 180, "results/": 180}
    policy: Any = bucket.attributes["policy"]
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


KEY = "arn:aws:kms:eu-central-1:111111111111:key/k"


def test_a_bucket_with_a_key_is_encrypted_with_it_and_machines_may_decrypt_through_s3_alone() -> None:
    scope = replace(MANAGED_SCOPE, bucket_kms_key=KEY)
    ((bucket,),) = environment_bucket(scope).values()
    assert bucket.attributes["encryption"] == f"aws:kms:{KEY}"
    role = next(one for one in compiled(MANAGED, KEY).resources if one.address.kind == "role")
    allowed: Any = role.attributes["policy"]
    (statement,) = (one for one in allowed["Statement"] if "kms:Decrypt" in one["Action"])
    assert statement["Action"] == ["kms:Decrypt"]
    assert statement["Resource"] == [KEY]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    assert "kms:" not in str(compiled(MANAGED).resources)


@pytest.mark.parametrize(("key", "statements"), [("", ["Objects"]), (KEY, ["Objects", "ObjectsKey"])])
def test_whoever_runs_sessions_may_use_the_key_where_there_is_one(key: str, statements: list[str]) -> None:
    scope = replace(MANAGED_SCOPE, bucket_kms_key=key)
    printed: Any = policy(Purpose.RUN, scope)["Statement"]
    assert [one["Sid"] for one in printed if one["Sid"].startswith("Objects")] == statements
    assert [sid for sid, _ in lost_without(Purpose.RUN, scope) if sid.startswith("Objects")] == statements
    assert [one["Resource"] for one in printed if one["Sid"] == "ObjectsKey"] == ([[key]] if key else [])


def test_a_given_bucket_is_no_resource_of_ours() -> None:
    assert environment_bucket(replace(SCOPE, bucket="acme-data")) == {}
    assert environment_bucket(SCOPE) == {}


def test_a_machine_may_read_what_its_own_pipeline_left_and_nothing_else() -> None:
    (statement,) = reads(compiled(MANAGED))
    assert statement["Action"] == ["s3:GetObject"]
    assert statement["Resource"] == [f"arn:aws:s3:::{managed_name(SCOPE)}/resume/orders/*"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": SCOPE.account}}
    (elsewhere,) = reads(compiled("acme-data"))
    assert elsewhere["Resource"] == [f"arn:aws:s3:::acme-data/bunsui/{SCOPE.project}/{SCOPE.environment}/resume/orders/*"]


def test_without_a_bucket_nothing_of_it_is_in_the_machine_or_its_role() -> None:
    found = compiled("")
    assert reads(found) == []
    assert "$resume.stored" not in json.dumps(shown(found.definition))


def test_each_job_with_outputs_can_be_restored_from_the_bucket_and_the_machine_tells_where() -> None:
    definition: Any = shown(compiled(MANAGED).definition)
    places = restore_places(definition)
    assert set(places) == {"one", "two"}
    assert {place.prefix for place in places.values()} == {"resume/orders/"}
    assert {(place.bucket.name, place.bucket.owner) for place in places.values()} == {(managed_name(SCOPE), SCOPE.account)}
