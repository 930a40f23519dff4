"""Step Functions state machine, with its published version and its alias."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.model.names import STATE_MACHINE_NAME_LIMIT
from bunsui.model.values import Json

LOGGING_OFF: Json = {"level": "OFF", "include_execution_data": False, "log_group_arn": None}
"""What a machine has that says nothing of logging."""

KIND = Kind(
    name="state_machine",
    title="state machine",
    attributes=(
        Attribute(name="type", default="STANDARD", replaces=True, held=False),
        Attribute(name="definition", comparison=Comparison.DEFINITION, default={}),
        Attribute(name="role_arn"),
        Attribute(name="alias", default="live", held=False),
        Attribute(name="logging", comparison=Comparison.JSON, default=LOGGING_OFF, effect=Effect.COSMETIC),
        Attribute(name="tracing", default=False, effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn", "version_arn", "alias_arn"),
    name_limit=STATE_MACHINE_NAME_LIMIT,
    rank=40,
    holds_data=True,
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
