"""`sns_publish`: sends a message to an SNS topic."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.emission.text import as_text
from bunsui.operations.fields import CONFIG, Anything, Known, Text, TextMapping
from bunsui.operations.integrations.messages import (
    DEFAULT_SECONDS,
    RESULT,
    RESULT_FIELDS,
    check_attributes,
    fifo_arguments,
    message_attributes,
    sent_answer,
)

LONGEST_SUBJECT = 100
"""Characters of a subject."""
_TOPIC = re.compile(r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsPublishParams:
    """Sends a message to an SNS topic."""

    __pydantic_config__: ClassVar = CONFIG

    topic: Known
    """ARN of the topic."""
    message: Anything
    """The message: a text, or an object that is sent as JSON text."""
    subject: Text | None = None
    """Subject of the e-mails that the topic sends."""
    attributes: TextMapping = field(default_factory=dict)
    """Message attributes, for filters of subscriptions."""
    group: Text | None = None
    """Message group, for FIFO topics."""
    deduplication_id: Text | None = None
    """Deduplication id, for FIFO topics without content-based deduplication."""

    def __post_init__(self) -> None:
        """Demand a topic's ARN, and what SNS always asks of a message (API reference, Publish)."""
        if isinstance(self.topic, str) and not _TOPIC.match(self.topic):
            raise ValueError("topic: write the topic's ARN, arn:aws:sns:REGION:ACCOUNT:NAME")
        if isinstance(self.topic, str) and self.topic.endswith(".fifo") and self.group is None:
            raise ValueError("group: a FIFO topic needs a message group")
        check_attributes(self.attributes)
        if self.message == "":
            raise ValueError("message: SNS takes no empty message")
        if isinstance(self.subject, str) and not 1 <= len(self.subject) <= LONGEST_SUBJECT:
            raise ValueError(f"subject: SNS takes 1 to {LONGEST_SUBJECT} characters, and it has {len(self.subject)}")
        if isinstance(self.subject, str) and not self.subject.isprintable():
            raise ValueError("subject: SNS takes no line breaks and no control characters")


def _emit(params: SnsPublishParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {"TopicArn": context.value(params.topic), "Message": as_text(params.message, context)}
    if params.subject is not None:
        arguments["Subject"] = context.value(params.subject)
    arguments |= fifo_arguments(context, group=params.group, deduplication_id=params.deduplication_id)
    arguments |= message_attributes(params.attributes, context)
    return task(
        operation,
        context,
        name="sns:publish",
        arguments=arguments,
        result=RESULT,
        default_timeout_seconds=DEFAULT_SECONDS,
    )


def _permissions(params: SnsPublishParams, context: EmitContext) -> tuple[Permission, ...]:
    return (Permission(actions=("sns:Publish",), resources=(params.topic,)),)


TYPE = OperationType(
    name="sns_publish",
    summary="Sends a message to an SNS topic",
    params=SnsPublishParams,
    emit=_emit,
    permissions=_permissions,
    result="`message_id`.",
    result_fields=RESULT_FIELDS,
    default_timeout_seconds=DEFAULT_SECONDS,
    no_poll="every question would send the message once more",
    answer=lambda params, result: sent_answer(result),
    hints={
        "SNS.NotFoundException": "The topic does not exist in the account and region of its ARN.",
        "SNS.AuthorizationErrorException": "The machine's role may not publish; the policy of a topic in another account must "
        "allow it too.",
        "SNS.KMSAccessDeniedException": "The topic is encrypted: its key's policy must let the machine's role use "
        "kms:GenerateDataKey and kms:Decrypt.",
        "SNS.InvalidParameterException": "A FIFO topic needs `group`, a subject is at most 100 characters without line "
        "breaks, and a message 256 KiB.",
    },
    example="""\
type: sns_publish
topic: arn:aws:sns:us-east-1:111122223333:alerts
subject: Load finished
message: {rows: "{% $params.rows %}"}
""",
)
