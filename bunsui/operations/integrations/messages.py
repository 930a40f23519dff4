"""What operations that send a message have in common: the arguments that SNS and SQS spell alike, and the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.operations.contract import EmitContext

RESULT = "{'message_id': $states.result.MessageId}"
"""The operation's result, of the answer of either service."""
RESULT_FIELDS = frozenset({"message_id"})
DEFAULT_SECONDS = 60
MOST_ATTRIBUTES = 10
_ATTRIBUTE = re.compile(r"^[A-Za-z0-9_.-]{1,256}$")


def fifo_arguments(context: EmitContext, *, group: Value, deduplication_id: Value) -> dict[str, Json]:
    """Return the arguments that only FIFO topics and queues take; none for what is None."""
    given = {"MessageGroupId": group, "MessageDeduplicationId": deduplication_id}
    return {name: context.value(value) for name, value in given.items() if value is not None}


def check_attributes(attributes: Mapping[str, Value]) -> None:
    """Raise ValueError for what neither service takes (SQS developer guide, "Message attribute components"; SNS's, "Message
    attribute items and validation")."""
    if len(attributes) > MOST_ATTRIBUTES:
        raise ValueError(f"attributes: a message has at most {MOST_ATTRIBUTES}, and here are {len(attributes)}")
    for name in attributes:
        if not _ATTRIBUTE.match(name) or name.startswith(".") or name.endswith(".") or ".." in name:
            raise ValueError(f"attributes: {name} is no name of an attribute: letters, digits, _, - and dots between them")
        if name.lower().startswith(("aws.", "amazon.")):
            raise ValueError(f"attributes: {name}: names that begin so are AWS's own")


def message_attributes(attributes: Mapping[str, Value], context: EmitContext) -> dict[str, Json]:
    """Return the argument for message attributes, all of them texts; nothing when there are none."""
    if not attributes:
        return {}
    typed: dict[str, Json] = {
        name: {"DataType": "String", "StringValue": context.value(value)} for name, value in attributes.items()
    }
    return {"MessageAttributes": typed}


def sent_answer(result: Json) -> Json:
    """Return what the service answers where a test's mock says what the operation returns."""
    fields = result if isinstance(result, Mapping) else {}
    return {"MessageId": fields.get("message_id", "00000000-0000-0000-0000-000000000000")}
