"""Endpoints are asked once each, without credentials; what does not answer is an answer."""

from __future__ import annotations

import pytest

from bunsui.aws.probes.endpoints import ask_endpoints, readable_configuration
from bunsui.aws.probes.regions import known_region
from bunsui.errors import InvalidInput


def test_a_proxy_that_is_not_there_leaves_every_endpoint_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    found = ask_endpoints("eu-west-1", None)
    assert {one.host for one in found} >= {"sts.eu-west-1.amazonaws.com", "states.eu-west-1.amazonaws.com", "iam.amazonaws.com"}
    assert {one.problem.code if one.problem is not None else "" for one in found} == {"endpoint-unreachable"}


def test_a_setting_that_botocore_cannot_read_is_an_error_of_ours() -> None:
    with pytest.raises(InvalidInput, match="aws-config-invalid"), readable_configuration():
        int("many")


def test_a_region_that_botocore_lists_is_known() -> None:
    assert [known_region(region) for region in ("eu-west-1", "cn-north-1", "mars-north-1", "")] == [True, True, False, False]
