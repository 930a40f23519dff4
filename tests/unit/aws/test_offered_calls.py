"""Services and members have the names of the AWS SDK for Java, by which Step Functions calls them."""

from __future__ import annotations

import re

import pytest

from bunsui.aws.offered_calls import BotocoreModels
from bunsui.aws.service_models import offered_services, service_model
from bunsui.ports.service_models import ServiceModels

MODELS: ServiceModels = BotocoreModels()


def java_service(service_id: str) -> str:
    """Return a service's package in the SDK for Java: its id in small letters, without spaces, vendor and the word Service."""
    words = re.sub(r"^(aws|amazon) | service$", "", service_id.lower())
    return re.sub(r"[^a-z0-9]", "", words)


@pytest.mark.slow
def test_every_service_is_called_by_its_id() -> None:
    otherwise = {
        name: java_service(service_model(boto)["metadata"].get("serviceId", boto))
        for name, boto in offered_services().items()
        if java_service(service_model(boto)["metadata"].get("serviceId", boto)) != name
    }
    assert otherwise == {}


def test_calls_are_told_apart_from_names_of_the_cli() -> None:
    assert MODELS.calls("glue")["startJobRun"].takes == "StartJobRunRequest"
    assert "cloudwatchlogs" in MODELS.services()
    assert MODELS.renamed("logs") == "cloudwatchlogs"
    assert MODELS.renamed("states") == "sfn"
    assert MODELS.renamed("glue") == "glue"
    assert MODELS.renamed("nothing") == ""
    with pytest.raises(KeyError):
        MODELS.calls("logs")


def test_members_have_capitalised_words() -> None:
    channel = MODELS.shape("textract", "NotificationChannel")
    assert set(channel.members) == {"SnsTopicArn", "RoleArn"}
    assert channel.required == {"SnsTopicArn", "RoleArn"}
    assert "Nul" in MODELS.shape("dynamodb", "AttributeValue").members


def test_what_an_sdk_makes_by_itself_is_not_asked_of_authors() -> None:
    assert "ClientToken" in MODELS.shape("emrserverless", "StartJobRunRequest").members
    assert "ClientToken" not in MODELS.shape("emrserverless", "StartJobRunRequest").required


def test_streams_are_told() -> None:
    assert MODELS.calls("kinesis")["subscribeToShard"].is_stream
    assert not MODELS.calls("kinesis")["listStreams"].is_stream
