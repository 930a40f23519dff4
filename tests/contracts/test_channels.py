"""The contract of channels (`bunsui.ports.notifications`): one suite for every implementation, each on a real listener."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bunsui.aws.channels.values_and_topics import AwsStoredValues, SnsTopicPublisher
from bunsui.errors import NotSent, Passing
from tests.contracts.channels import (
    Bench,
    memory_bench,
    notification,
    slack_bench,
    smtp_bench,
    topic_seen,
    webhook_bench,
)
from tests.contracts.conftest import Cloud, opened
from tests.fakes.senders import open_channel, senders

BENCHES: dict[str, Any] = {"memory": memory_bench, "webhook": webhook_bench, "slack": slack_bench, "smtp": smtp_bench}
CLOUDS = ("sns-moto", pytest.param("sns-embedded", marks=pytest.mark.embedded))


@contextmanager
def sns_bench(cloud: Cloud, *, is_fifo: bool = False) -> Iterator[Bench]:
    """A topic with a queue that subscribes to it."""
    sns, sqs, suffix = cloud.outsider("sns"), cloud.outsider("sqs"), ".fifo" if is_fifo else ""
    of_fifo = {"FifoTopic": "true"} if is_fifo else {}
    topic = sns.create_topic(Name=f"alerts{suffix}", Attributes=of_fifo)["TopicArn"]
    queue = sqs.create_queue(QueueName=f"seen{suffix}", Attributes={"FifoQueue": "true"} if is_fifo else {})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    channel = open_channel({"type": "sns", "topic": topic}, senders(topics=SnsTopicPublisher(cloud.connection)))
    bodies: list[str] = []

    def seen() -> Any:
        while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return topic_seen(bodies)

    yield Bench(notifier=channel, seen=seen, fail=lambda passes: None, fails=())


@pytest.fixture(params=[*BENCHES, *CLOUDS])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Each implementation with its other side."""
    name = str(request.param)
    if name in BENCHES:
        with BENCHES[name](tmp_path) as found:
            yield found
        return
    with opened(name.removeprefix("sns-"), request) as cloud, sns_bench(cloud) as found:
        yield found


def test_what_is_told_arrives_once(bench: Bench) -> None:
    bench.notifier.send(notification())
    (seen,) = bench.seen()
    assert "orders failed: load, ValueError" in seen.text


def test_nothing_of_a_text_is_lost_that_fits(bench: Bench) -> None:
    told = notification()
    bench.notifier.send(told)
    (seen,) = bench.seen()
    for text in (*told.lines, *(value for _, value in told.facts)):
        assert text in seen.text


def test_a_key_is_handed_on(bench: Bench) -> None:
    bench.notifier.send(notification("a.1"))
    bench.notifier.send(notification("a.2"))
    assert [seen.key for seen in bench.seen()] == ["a.1", "a.2"]


def test_a_failure_says_whether_trying_again_helps(bench: Bench) -> None:
    for passes in bench.fails:
        bench.fail(passes)
        with pytest.raises(NotSent) as failed:
            bench.notifier.send(notification())
        assert failed.value.passes is passes
        bench.notifier.send(notification())


def test_a_topic_of_the_fifo_kind_tells_a_key_once(cloud: Cloud) -> None:
    with sns_bench(cloud, is_fifo=True) as found:
        found.notifier.send(notification())
        found.notifier.send(notification())
        assert len(found.seen()) == 1


def test_a_topic_that_is_not_there_is_not_tried_again(cloud: Cloud) -> None:
    topic = f"arn:aws:sns:eu-west-1:{cloud.scope.account}:nobody"
    channel = open_channel({"type": "sns", "topic": topic}, senders(topics=SnsTopicPublisher(cloud.connection)))
    with pytest.raises(NotSent) as failed:
        channel.send(notification())
    assert (failed.value.code, failed.value.passes) == ("channel-refused", Passing.NEVER)


def test_secrets_are_read_where_they_lie(cloud: Cloud) -> None:
    cloud.outsider("ssm").put_parameter(Name="/alerts/url", Value="https://example.com/a", Type="SecureString")
    cloud.outsider("secretsmanager").create_secret(Name="alerts", SecretString='{"password": "p"}')
    values = AwsStoredValues(cloud.connection)
    assert values.parameter_text("/alerts/url") == "https://example.com/a"
    assert values.secret_text("alerts") == '{"password": "p"}'
    channel = open_channel({"type": "webhook", "url": "${ssm:/nowhere}"}, senders(stores=values))
    with pytest.raises(NotSent) as failed:
        channel.send(notification())
    assert (failed.value.code, failed.value.passes) == ("channel-secret", Passing.NEVER)
    assert failed.value.facts["secret"] == "${ssm:/nowhere}"
