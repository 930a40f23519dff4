"""What the resident's role may do for channels: what these name, and nothing beside it."""

from __future__ import annotations

from bunsui.compile.environment.channel_grants import channel_entries, channel_permissions
from bunsui.model.alerts import Channel
from bunsui.model.resource import Scope

SCOPE = Scope(project="shop", environment="prod", account="111111111111", region="eu-west-1", project_id="x")
KEY = "arn:aws:kms:eu-west-1:111111111111:key/k"
SECRET = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-AbCdEf"


def channel(name: str, **entry: object) -> Channel:
    return Channel(name=name, type=str(entry["type"]), entry=entry)  # type: ignore[arg-type]


CHANNELS = {
    "own": Channel(name="own", key=KEY),
    "given": Channel(name="given", topic="arn:aws:sns:eu-west-1:111111111111:given.fifo"),
    "chat": channel("chat", type="slack_webhook", url="${ssm:/alerts/url}"),
    "hook": channel(
        "hook", type="webhook", url="https://a.example.com", signing_secret=f"${{secret:{SECRET}}}", secrets_key=KEY
    ),
    "mail": channel("mail", type="smtp", username="${secret:mail#user}", password="${secret:mail#password}", to=["a@b.c"]),
}


def test_no_channel_needs_nothing() -> None:
    assert channel_permissions({}, SCOPE) == ()


def test_each_action_is_on_what_the_channels_name() -> None:
    found = [(one.actions, one.resources, dict(one.condition)) for one in channel_permissions(CHANNELS, SCOPE)]
    own = "arn:aws:sns:eu-west-1:111111111111:shop--prod--own"
    assert found == [
        (("sns:Publish",), ("arn:aws:sns:eu-west-1:111111111111:given.fifo", own), {}),
        (("kms:Decrypt", "kms:GenerateDataKey"), (KEY,), {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": own}}),
        (("ssm:GetParameter",), ("arn:aws:ssm:eu-west-1:111111111111:parameter/alerts/url",), {}),
        (
            ("secretsmanager:GetSecretValue",),
            ("arn:aws:secretsmanager:eu-west-1:111111111111:secret:mail-??????", SECRET),
            {},
        ),
        (("kms:Decrypt",), (KEY,), {"StringEquals": {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}}),
    ]


def test_who_sends_is_told_where_and_never_a_secret() -> None:
    told = channel_entries(CHANNELS, SCOPE)
    assert told["own"] == {"type": "sns", "topic": "arn:aws:sns:eu-west-1:111111111111:shop--prod--own"}
    assert told["chat"] == {"type": "slack_webhook", "url": "${ssm:/alerts/url}"}
    assert "secrets_key" not in str(told["hook"])
