"""Settings of functions: sent only where they are, or were, something else than Lambda's own; read back as they were sent."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.aws.objects.function_settings import SEPARATE, observed_settings, settings_differ, settings_request
from bunsui.kinds.lambda_function import KIND, SETTINGS

EVERY: dict[str, Any] = {
    "subnets": ["subnet-b", "subnet-a"],
    "security_groups": ["sg-1"],
    "layers": ["arn:aws:lambda:us-east-1:1:layer:b:2", "arn:aws:lambda:us-east-1:1:layer:a:1"],
    "ephemeral_storage_mb": 1024,
    "tracing": True,
    "dead_letter_arn": "arn:aws:sqs:us-east-1:1:failed",
    "kms_key_arn": "arn:aws:kms:us-east-1:1:key/k",
}


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration as Lambda tells it, which has layers as objects."""
    return {**request, "Layers": [{"Arn": arn} for arn in request.get("Layers", [])]}


def test_nothing_is_sent_for_what_lambda_has_by_itself() -> None:
    assert settings_request({}, {}) == {}
    assert observed_settings({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}, "KMSKeyArn": ""}) == {}


def test_what_is_sent_is_what_is_read_back() -> None:
    sent = settings_request(EVERY, {})
    assert sent["VpcConfig"] == {"SubnetIds": ["subnet-a", "subnet-b"], "SecurityGroupIds": ["sg-1"]}
    assert sent["Layers"] == EVERY["layers"], "later layers lie over earlier ones"
    assert KIND.canonical(observed_settings(answered(sent))) == KIND.canonical(EVERY)


def test_what_is_not_said_any_more_is_taken_away() -> None:
    assert settings_request({}, EVERY) == {
        "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        "Layers": [],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "DeadLetterConfig": {"TargetArn": ""},
        "KMSKeyArn": "",
    }


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.name != SEPARATE])
def test_each_setting_alone_makes_a_difference(name: str) -> None:
    assert settings_differ({}, {name: EVERY[name]})
    assert settings_differ({name: EVERY[name]}, {})
    assert not settings_differ({name: EVERY[name]}, {name: EVERY[name]})


def test_the_order_of_subnets_is_none_that_of_layers_is() -> None:
    assert not settings_differ(EVERY, {**EVERY, "subnets": ["subnet-a", "subnet-b"]})
    assert settings_differ(EVERY, {**EVERY, "layers": EVERY["layers"][::-1]})
