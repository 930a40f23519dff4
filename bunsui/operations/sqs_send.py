"""`sqs_send`: puts a message into an SQS queue."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from bunsui.model.durations import parse_duration
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.emission.text import as_text
from bunsui.operations.fields import CONFIG, Anything, Duration, Known, Text, TextMapping
from bunsui.operations.integrations.messages import (
    DEFAULT_SECONDS,
    RESULT,
    RESULT_FIELDS,
    check_attributes,
    fifo_arguments,
    message_attributes,
    sent_answer,
)

LONGEST_DELAY_SECONDS = 900

_ARN = re.compile(r"^arn:(aws[a-z-]*):sqs:([a-z0-9-]+):([0-9]{12}):([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$")

_URL = re.compile(r"^https://sqs\.([a-z0-9-]+)\.amazonaws\.com/([0-9]{12})/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsSendParams:
    """Puts a message into an SQS queue."""

    __pydantic_config__: ClassVar = CONFIG

    queue: Known
    """ARN of the queue."""
    body: Anything
    """The message: a text, or an object that is sent as JSON text."""
    delay: Duration | None = None
    """How long the message stays hidden at first, at most 15m. Not for FIFO queues."""
    attributes: TextMapping = field(default_factory=dict)
    """Message attributes."""
    group: Text | None = None
    """Message group, for FIFO queues."""
    deduplication_id: Text | None = None
    """Deduplication id, for FIFO queues without content-based deduplication."""

    def __post_init__(self) -> None:
        """Demand a queue's ARN, and what its kind of queue takes."""
        if self.delay is not None and parse_duration(self.delay) > LONGEST_DELAY_SECONDS:
            raise ValueError("delay: SQS hides a message for at most 15m; use type: wait for more")
        check_attributes(self.attributes)
        if self.body == "":
            raise ValueError("body: SQS takes no empty message")
        if not isinstance(self.queue, str):
            return
        if not _ARN.match(self.queue):
            raise ValueError(f"queue: write the queue's ARN, {_arn_like(self.queue)}")
        is_fifo = self.queue.endswith(".fifo")
        if is_fifo and self.group is None:
            raise ValueError("group: a FIFO queue needs a message group")
        if is_fifo and self.delay is not None:
            raise ValueError("delay: a FIFO queue does not take the delay of a single message")


def _arn_like(written: str) -> str:
    """Return the ARN of the queue of that URL, or what an ARN looks like."""
    url = _URL.match(written)
    region, account, name = url.groups() if url is not None else ("REGION", "ACCOUNT", "NAME")
    return f"arn:aws:sqs:{region}:{account}:{name}"


def queue_url(queue: str) -> str:
    """Return the URL of the queue of that ARN."""
    match = _ARN.match(queue)
    assert match is not None, "checked when the parameters were read"
    partition, region, account, name = match.groups()
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return f"https://sqs.{region}.{suffix}/{account}/{name}"


def _emit(params: SqsSendParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {
        "QueueUrl": queue_url(params.queue) if isinstance(params.queue, str) else context.value(params.queue),
        "MessageBody": as_text(params.body, context),
    }
    if params.delay is not None:
        arguments["DelaySeconds"] = parse_duration(params.delay)
    arguments |= fifo_arguments(context, group=params.group, deduplication_id=params.deduplication_id)
    arguments |= message_attributes(params.attributes, context)
    return task(
        operation,
        context,
        name="sqs:sendMessage",
        arguments=arguments,
        result=RESULT,
        default_timeout_seconds=DEFAULT_SECONDS,
    )


def _permissions(params: SqsSendParams, context: EmitContext) -> tuple[Permission, ...]:
    return (Permission(actions=("sqs:SendMessage",), resources=(params.queue,)),)


TYPE = OperationType(
    name="sqs_send",
    summary="Puts a message into an SQS queue",
    params=SqsSendParams,
    emit=_emit,
    permissions=_permissions,
    result="`message_id`.",
    result_fields=RESULT_FIELDS,
    default_timeout_seconds=DEFAULT_SECONDS,
    no_poll="every question would send the message once more",
    answer=lambda params, result: sent_answer(result),
    hints={
        "SQS.QueueDoesNotExistException": "The queue does not exist in the account and region of its ARN.",
        "SQS.KmsAccessDeniedException": "The queue is encrypted: its key's policy must let the machine's role use "
        "kms:GenerateDataKey and kms:Decrypt.",
        "SQS.InvalidMessageContentsException": "The body holds characters that SQS refuses, or is empty.",
    },
    example="""\
type: sqs_send
queue: arn:aws:sqs:us-east-1:111122223333:orders
body: {key: "{% $params.key %}"}
""",
)
