"""An open channel keeps secrets to itself, whatever goes wrong."""

from __future__ import annotations

import traceback
from typing import Any
from urllib.parse import quote

import pytest

from bunsui.errors import CloudError, NotSent, Passing, Throttled
from bunsui.sending.channel import OpenChannel
from tests.contracts.channels import notification
from tests.fakes.hooks import Answer, hooks
from tests.fakes.senders import KnownSecrets, TopicsInMemory, open_channel, senders

CANARY = "CaNaRy/7f3a+of=secrets"


def raised(channel: OpenChannel) -> NotSent:
    with pytest.raises(NotSent) as failed:
        channel.send(notification())
    whole = "".join(traceback.format_exception(failed.value)) + repr(vars(failed.value)) + repr(channel)
    for form in (CANARY, quote(CANARY, safe="")):
        assert form not in whole
    return failed.value


@pytest.mark.parametrize("status", [302, 400, 404, 429, 503])
def test_an_answer_that_repeats_the_secrets_is_told_without_them(status: int) -> None:
    with hooks() as server:
        echo = f"no {CANARY} {quote(CANARY, safe='')} {server.url}/{CANARY}".encode()
        server.always = Answer(status, {"Location": f"https://example.com/{CANARY}", "Retry-After": "60"}, echo)
        secrets = {"/url": f"{server.url}/{CANARY}", "/key": CANARY, "/auth": f"Bearer {CANARY}"}
        entry = {"type": "webhook", "url": "${ssm:/url}", "signing_secret": "${ssm:/key}", "authorization": "${ssm:/auth}"}
        failed = raised(open_channel(entry, senders(secrets=secrets)))
    assert failed.facts["channel"] == "oncall"


@pytest.mark.parametrize("value", [CANARY, f"https://{CANARY}@example.com/", f"https://no-such-host.invalid/{CANARY}", "\n"])
def test_a_value_that_is_no_url_is_not_told(value: str) -> None:
    raised(open_channel({"type": "slack_webhook", "url": "${ssm:/url}"}, senders(secrets={"/url": value})))


def test_a_type_that_fails_is_named() -> None:
    channel = open_channel({"type": "slack_webhook", "url": "${ssm:/url}"}, senders())
    broken: Any = OpenChannel(name="oncall", type=channel.type, parameters=CANARY, senders=channel.senders)
    with pytest.raises(NotSent) as failed:
        broken.send(notification())
    assert (failed.value.code, failed.value.facts["reason"]) == ("channel-type-failed", "AttributeError")


@pytest.mark.parametrize(
    ("failure", "passes"),
    [
        (Throttled("throttled", "slow down", aws_code="Throttling"), Passing.LATER),
        (CloudError("aws", "no", aws_code="InvalidParameter"), Passing.NEVER),
        (CloudError("aws", "no", aws_code="InternalError"), Passing.LATER),
    ],
)
def test_what_sns_says_passes_or_not(failure: CloudError, passes: Passing) -> None:
    channel = open_channel(
        {"type": "sns", "topic": "arn:aws:sns:eu-west-1:111111111111:a"}, senders(topics=TopicsInMemory(failures=[failure]))
    )
    assert raised(channel).passes is passes


def test_a_secret_that_cannot_be_read_now_may_be_later() -> None:
    stores = KnownSecrets(failure=Throttled("throttled", "slow down"))
    failed = raised(open_channel({"type": "slack_webhook", "url": "${ssm:/url}"}, senders(stores=stores)))
    assert (failed.code, failed.passes, failed.facts["secret"]) == ("channel-secret", Passing.LATER, "${ssm:/url}")


def test_a_member_of_a_secret_is_read() -> None:
    with hooks() as server:
        using = senders(secrets={"alerts": f'{{"url": "{server.url}/x"}}'})
        open_channel({"type": "webhook", "url": "${secret:alerts#url}"}, using).send(notification())
        assert [one.path for one in server.taken] == ["/x"]
        failed = raised(open_channel({"type": "webhook", "url": "${secret:alerts#other}"}, using))
    assert failed.facts["secret"] == "${secret:alerts#other}"
