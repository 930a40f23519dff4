"""What every reader of Terraform's states promises (`bunsui.ports.machines.TerraformStateReader`), on every emulator."""

from __future__ import annotations

import pytest

from bunsui.aws.objects import terraform_states
from bunsui.aws.objects.terraform_states import AwsTerraformStateReader
from bunsui.errors import InvalidInput, Missing
from bunsui.services.adoption.terraform_state import state_in_bucket
from tests.contracts.conftest import Cloud

KEY = "env:/prod/日次 load.tfstate"
"""As a workspace has it."""
CONTENT = b'{"version": 4, "resources": []}' + b" " * 2_000_000
"""Larger than what a file of a project may be: states are."""


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket in which one state lies."""
    name = f"{cloud.scope.project}-states"
    client = cloud.outsider("s3")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": cloud.scope.region})
    client.put_object(Bucket=name, Key=KEY, Body=CONTENT)
    return name


def test_a_state_is_read_whole(cloud: Cloud, bucket: str) -> None:
    reader = AwsTerraformStateReader(cloud.connection)
    assert reader.state_in(bucket, KEY) == CONTENT
    assert state_in_bucket(f"s3://{bucket}/{KEY}", reader) == CONTENT


def test_a_state_that_is_not_there_is_told_from_a_bucket_that_is_not(cloud: Cloud, bucket: str) -> None:
    reader = AwsTerraformStateReader(cloud.connection)
    assert reader.state_in(bucket, "etl/dev.tfstate") is None
    with pytest.raises(Missing):
        reader.state_in(f"{bucket}-elsewhere", KEY)
    with pytest.raises(InvalidInput, match="no state of Terraform"):
        state_in_bucket(f"s3://{bucket}/etl/dev.tfstate", reader)


def test_a_state_that_is_too_large_is_not_read(cloud: Cloud, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform_states, "TERRAFORM_STATE_BYTES", len(CONTENT) - 1)
    with pytest.raises(InvalidInput) as refused:
        AwsTerraformStateReader(cloud.connection).state_in(bucket, KEY)
    assert refused.value.code == "terraform-state-too-large"
    monkeypatch.setattr(terraform_states, "TERRAFORM_STATE_BYTES", len(CONTENT))
    assert AwsTerraformStateReader(cloud.connection).state_in(bucket, KEY) == CONTENT
