"""What parameter stores and identities promise."""

from __future__ import annotations

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.parameters import SsmParameterStore
from bunsui.errors import InvalidInput, NotFound
from tests.contracts.conftest import REGION, Cloud


def test_parameters_are_text_or_lists(cloud: Cloud) -> None:
    client = cloud.connection.writer("ssm")
    path = f"/{cloud.scope.project}/bucket"
    client.put_parameter(Name=path, Value="data-bucket", Type="String")
    client.put_parameter(Name=f"{path}s", Value="a,b", Type="StringList")
    store = SsmParameterStore(cloud.connection)
    assert store.parameter(path) == "data-bucket"
    assert store.parameter(f"{path}s") == ["a", "b"]


def test_secrets_do_not_enter_a_plan(cloud: Cloud) -> None:
    path = f"/{cloud.scope.project}/password"
    cloud.connection.writer("ssm").put_parameter(Name=path, Value="s3cret", Type="SecureString")
    with pytest.raises(InvalidInput) as refusal:
        SsmParameterStore(cloud.connection).parameter(path)
    assert refusal.value.code == "parameter-is-secret"
    assert "s3cret" not in str(refusal.value.facts)


def test_a_parameter_that_does_not_exist_is_named(cloud: Cloud) -> None:
    with pytest.raises(NotFound) as failure:
        SsmParameterStore(cloud.connection).parameter("/none")
    assert failure.value.facts["parameter"] == "/none"


def test_the_caller_has_an_account_and_makes_arns(cloud: Cloud) -> None:
    identity = StsIdentity(cloud.connection)
    caller = identity.caller()
    assert caller.account == cloud.scope.account
    assert caller.region == REGION
    assert caller.partition == "aws"
    assert identity.arn("states", "stateMachine:x") == f"arn:aws:states:{REGION}:{cloud.scope.account}:stateMachine:x"
    calls = cloud.connection.traffic.calls
    assert identity.caller() == caller
    assert cloud.connection.traffic.calls == calls
