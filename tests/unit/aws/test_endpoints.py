"""An environment of the project is in AWS itself, and the embedded AWS on this machine, whatever else is configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import connect
from bunsui.aws.endpoints import configured_endpoints

KEYS = Credentials(access_key="123456789012", secret_key="s3cret")
NONSENSE = {
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_DEFAULTS_MODE": "nonsense",
    "AWS_RETRY_MODE": "nonsense",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_METADATA_SERVICE_TIMEOUT": "soon",
    "AWS_CA_BUNDLE": "/nonexistent",
    "AWS_STS_REGIONAL_ENDPOINTS": "nonsense",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "nonsense",
    "AWS_ENDPOINT_URL_SFN": "http://127.0.0.1:9",
}
"""Each of these would change the embedded AWS's client, or keep it from being made."""


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SFN"])
def test_an_environment_of_the_project_is_in_aws_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    told: list[str] = []
    monkeypatch.setenv(name, "http://127.0.0.1:4566")
    connection = connect(region="eu-west-1", credentials=KEYS, notice=told.append)
    assert connection.reader("stepfunctions").meta.endpoint_url == "https://states.eu-west-1.amazonaws.com"
    assert connection.writer("stepfunctions").meta.endpoint_url == "https://states.eu-west-1.amazonaws.com"
    assert told == [f"{name}: not used, since this environment is in AWS itself"]


def test_an_endpoint_of_a_profile_is_not_used_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "config").write_text("[profile p]\nendpoint_url = http://127.0.0.1:4566\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    connection = connect(region="eu-west-1", profile="p", credentials=KEYS, notice=told.append)
    assert connection.reader("stepfunctions").meta.endpoint_url == "https://states.eu-west-1.amazonaws.com"
    assert told == ["endpoint_url of the AWS profile: not used, since this environment is in AWS itself"]


def test_the_role_of_an_environment_is_assumed_in_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4566")
    connection = connect(region="eu-west-1", credentials=KEYS, role_arn="arn:aws:iam::123456789012:role/r")
    assert connection.reader("sts").meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("name", NONSENSE)
def test_what_is_meant_for_aws_does_not_reach_the_embedded_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, NONSENSE[name])
    connection = connect(region="eu-west-1", endpoint_url="http://127.0.0.1:1", credentials=KEYS)
    assert connection.reader("stepfunctions").meta.endpoint_url == "http://127.0.0.1:1"


def test_what_names_the_endpoint_that_is_used_is_not_told() -> None:
    environ = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:7",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:8",
        "AWS_ENDPOINT_URL_SQS": "",
    }
    assert configured_endpoints(environ, apart_from="http://127.0.0.1:7") == ("AWS_ENDPOINT_URL_S3",)
