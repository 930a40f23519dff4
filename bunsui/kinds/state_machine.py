"""Step Functions state machine: with its published version and its alias.

Attributes: type (STANDARD|EXPRESS) · definition (object) · role_arn · tracing (bool) · alias (name, "live")
· logging {level, include_execution_data, log_group_arn} · tags (the user's own, without bunsui:*). Outputs: arn, version_arn,
alias_arn.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.asl.printing import DEFINITION_LIMIT_BYTES
from bunsui.asl.quotas import MACHINES
from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import arn_of, key_value
from bunsui.model.json import Json
from bunsui.model.names import STATE_MACHINE_NAME_LIMIT
from bunsui.model.pipeline import DEFAULT_LOG_LEVEL
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value

LOGGING_OFF: Json = {"level": "OFF", "include_execution_data": False, "log_group_arn": None}
"""What a machine has that says nothing of logging."""


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    pairs = key_value(tags, key="key", value="value")
    return "stepfunctions", "tag-resource", "--resource-arn", arn_of(actual), "--tags", *pairs


def _loss(count: int) -> str:
    return "running executions end, the history of all executions goes"


def _summary(attributes: Mapping[str, Value]) -> str:
    logging, tags = attributes.get("logging"), attributes.get("tags")
    level = logging.get("level") if isinstance(logging, Mapping) else None
    words = [] if level in (None, DEFAULT_LOG_LEVEL) else [f"logging {level}"]
    words += ["tracing"] if attributes.get("tracing") else []
    words += (
        [f"tags {', '.join(f'{name}={text}' for name, text in tags.items())}"] if isinstance(tags, Mapping) and tags else []
    )
    return "; ".join(words)


MACHINE = "state_machine"
"""The kind's name."""

KIND = Kind(
    name=MACHINE,
    title="state machine",
    word="machine",
    attributes=(
        Attribute(name="type", default="STANDARD", replaces=True, held=False),
        Attribute(
            name="definition",
            comparison=Comparison.DEFINITION,
            default={},
            limit=Limit(what="bytes of the definition", most=DEFINITION_LIMIT_BYTES, is_fixed=True),
        ),
        Attribute(name="role_arn"),
        Attribute(name="alias", default="live", held=False),
        Attribute(name="logging", comparison=Comparison.JSON, default=LOGGING_OFF, effect=Effect.COSMETIC),
        Attribute(name="tracing", default=False, effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn", "version_arn", "alias_arn"),
    name_limit=STATE_MACHINE_NAME_LIMIT,
    rank=40,
    quota=Limit(what="state machines of this project alone", most=MACHINES),
    hand_over=_hand_over,
    loss=_loss,
    summary=_summary,
    taken_on_by="states.amazonaws.com",
    listed_events=("DeleteStateMachine",),
    events=(
        "CreateStateMachine",  # removed and made again, it is listed all the while
        "UpdateStateMachine",
        "CreateStateMachineAlias",
        "UpdateStateMachineAlias",
        "DeleteStateMachineAlias",
        "TagResource",
        "UntagResource",
    ),
)
