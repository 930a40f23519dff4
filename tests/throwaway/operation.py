"""`announce`: publishes to the pipeline's own topic. `bunsui/operations/announce.py` of the copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bunsui.model.names import resource_name
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, Text
from bunsui.operations.integrations.arns import arn


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceParams:
    """Publishes to the pipeline's own topic."""

    __pydantic_config__: ClassVar = CONFIG

    say: Text
    """What is published."""
    topic: str = "news"
    """What the topic is called."""


def topic_name(scope: Scope, params: AnnounceParams) -> str:
    """Return the topic's name in AWS."""
    return resource_name(scope.project, scope.environment, params.topic, limit=256)


def _emit(params: AnnounceParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments = {"TopicArn": _arn(params, context), "Message": context.value(params.say)}
    return task(
        operation, context, name="sns:publish", arguments=arguments, result="{'id': $states.result.MessageId}",
        default_timeout_seconds=60,
    )  # fmt: skip


def _permissions(params: AnnounceParams, context: EmitContext) -> tuple[Permission, ...]:
    return (Permission(actions=("sns:Publish",), resources=(_arn(params, context),)),)


def _arn(params: AnnounceParams, context: EmitContext) -> str:
    return arn(context.scope, "sns", topic_name(context.scope, params))


TYPE = OperationType(
    name="announce",
    summary="Publishes to the pipeline's own topic",
    params=AnnounceParams,
    emit=_emit,
    permissions=_permissions,
    result="`id`.",
    result_fields=frozenset({"id"}),
    default_timeout_seconds=60,
    answer=lambda params, result: {"MessageId": result["id"]} if isinstance(result, dict) else result,
    hints={"SNS.NotFoundException": "The topic is made by an apply."},
    example="type: announce\nsay: Done.\n",
)
