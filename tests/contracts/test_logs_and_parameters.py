"""What log readers, parameter stores and identities promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.logs import CloudWatchLogReader
from bunsui.aws.parameters import SsmParameterStore
from bunsui.errors import InvalidInput, NotFound
from tests.contracts.conftest import REGION, Cloud


@pytest.fixture
def group(cloud: Cloud) -> str:
    """A log group with five lines, a second apart, the last one now."""
    name = f"/aws/lambda/{cloud.scope.project}"
    client = cloud.connection.writer("logs")
    client.create_log_group(logGroupName=name)
    client.create_log_stream(logGroupName=name, logStreamName="one")
    now = datetime.now(UTC)
    client.put_log_events(
        logGroupName=name,
        logStreamName="one",
        logEvents=[
            {"timestamp": int((now - timedelta(seconds=4 - number)).timestamp() * 1000), "message": f"line {number} of [5]\n"}
            for number in range(5)
        ],
    )
    return name


def test_lines_come_oldest_first_without_their_line_end(cloud: Cloud, group: str) -> None:
    lines = CloudWatchLogReader(cloud.connection).lines(group, start=datetime.now(UTC) - timedelta(minutes=1))
    assert [line.message for line in lines] == [f"line {number} of [5]" for number in range(5)]
    assert lines[0].at.utcoffset() == timedelta(0)
    assert {line.stream for line in lines} == {"one"}


def test_lines_are_limited_to_the_window_the_text_and_the_number(cloud: Cloud, group: str) -> None:
    reader = CloudWatchLogReader(cloud.connection)
    start = datetime.now(UTC) - timedelta(minutes=1)
    assert [line.message for line in reader.lines(group, start=start, contains="line 3 of [5]")] == ["line 3 of [5]"]
    assert len(reader.lines(group, start=start, limit=2)) == 2
    assert reader.lines(group, start=start, end=start + timedelta(seconds=1)) == []


def test_a_group_that_does_not_exist_has_no_lines(cloud: Cloud) -> None:
    assert CloudWatchLogReader(cloud.connection).lines("/aws/lambda/none", start=datetime.now(UTC)) == []


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
