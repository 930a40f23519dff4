"""What look-ups promise, in memory and on what answers as AWS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from bunsui.aws.objects.lookups import AwsLookUps
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.ports.cloud import LookUp, ParameterStore
from bunsui.testkit.lookups import MemoryLookUps
from tests.contracts.conftest import Cloud

TEMPLATE = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
    "Outputs": {"Bucket": {"Value": "lake-1"}, "Topic": {"Value": {"Ref": "Topic"}}},
}


def state(outputs: Mapping[str, Json]) -> bytes:
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "outputs": outputs, "resources": []}).encode()


STATE = state(
    {
        "ids": {"value": ["subnet-a", "subnet-b"], "type": ["list", "string"]},
        "password": {"value": "hunter2", "type": "string", "sensitive": True},
    }
)


@dataclass(frozen=True)
class Bench:
    """A store that knows the secret `db`, the stack `STACK` and a state in the project and in a bucket."""

    store: ParameterStore
    stack: str
    bucket: str
    secret: str


def on_aws(cloud: Cloud) -> Bench:
    name = cloud.scope.project
    writer = cloud.connection.writer
    writer("secretsmanager").create_secret(Name=f"{name}/db", SecretString="hunter2")
    writer("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    bucket = f"{name}-states"
    writer("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": cloud.scope.region})
    writer("s3").put_object(Bucket=bucket, Key="etl/terraform.tfstate", Body=STATE)
    store = AwsLookUps(connection=cloud.connection, read_file={"infra/terraform.tfstate": STATE}.__getitem__)
    return Bench(store=store, stack=name, bucket=bucket, secret=f"{name}/db")


def in_memory(cloud: Cloud) -> Bench:
    arn = f"arn:aws:secretsmanager:{cloud.scope.region}:{cloud.scope.account}:secret:db-a1b2c3"
    store = MemoryLookUps(
        secrets={"db": arn},
        stacks={"lake": {"Bucket": "lake-1", "Topic": "t"}},
        states={"infra/terraform.tfstate": STATE, "s3://states/etl/terraform.tfstate": STATE},
    )
    return Bench(store=store, stack="lake", bucket="states", secret="db")


@pytest.fixture(params=[on_aws, in_memory])
def bench(request: pytest.FixtureRequest, cloud: Cloud) -> Bench:
    make: Callable[[Cloud], Bench] = request.param
    return make(cloud)


def test_a_secret_is_looked_up_by_its_arn_and_never_its_value(bench: Bench, cloud: Cloud) -> None:
    found = bench.store.look_up(LookUp.SECRET, bench.secret)
    assert isinstance(found, str)
    assert found.startswith(f"arn:aws:secretsmanager:{cloud.scope.region}:{cloud.scope.account}:secret:{bench.secret}-")
    assert "hunter2" not in found


def test_outputs_are_looked_up(bench: Bench) -> None:
    assert bench.store.look_up(LookUp.STACK, f"{bench.stack}.Bucket") == "lake-1"
    assert bench.store.look_up(LookUp.TERRAFORM, "infra/terraform.tfstate#ids") == ["subnet-a", "subnet-b"]
    assert bench.store.look_up(LookUp.TERRAFORM, f"s3://{bench.bucket}/etl/terraform.tfstate#ids") == ["subnet-a", "subnet-b"]


def test_what_is_not_there_is_named(bench: Bench) -> None:
    for kind, name, code in (
        (LookUp.SECRET, "none", "no-secret"),
        (LookUp.STACK, "none.Bucket", "no-stack"),
        (LookUp.STACK, f"{bench.stack}.Buckets", "no-stack-output"),
        (LookUp.TERRAFORM, f"s3://{bench.bucket}/none#ids", "no-terraform-state"),
        (LookUp.TERRAFORM, "s3://nobody-has-this-bucket/none#ids", "no-terraform-state"),
        (LookUp.TERRAFORM, "infra/terraform.tfstate#id", "no-terraform-output"),
    ):
        with pytest.raises(NotFound) as failure:
            bench.store.look_up(kind, name)
        assert failure.value.code == code, name


def test_a_sensitive_output_is_refused_without_its_value(bench: Bench) -> None:
    with pytest.raises(InvalidInput) as refusal:
        bench.store.look_up(LookUp.TERRAFORM, "infra/terraform.tfstate#password")
    assert refusal.value.code == "terraform-output-is-sensitive"
    assert "hunter2" not in f"{refusal.value.summary} {refusal.value.facts} {refusal.value.hint}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-a-terraform-state"),
        (b"[" * 100_000, "not-a-terraform-state"),
        (b'{"version": 3, "modules": []}', "not-a-terraform-state"),
        (b'{"version": 4, "outputs": []}', "not-a-terraform-state"),
        (b'{"serial": 1, "encrypted_data": "x", "encryption_version": "v0"}', "terraform-state-encrypted"),
        (b'{"version": 4, "resources": []}', "no-terraform-output"),
    ],
)
def test_what_is_no_state_is_told(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        MemoryLookUps(states={"s": content}).look_up(LookUp.TERRAFORM, "s#out")
    assert refusal.value.code == code
