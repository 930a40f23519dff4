"""What an expression may see: the data, the context object and the variables; and where time and chance come from.

Source of the context object's fields: developer guide, "Accessing execution data from the Context object", and recordings.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bunsui.model.json import Json


def _epoch() -> datetime:
    return datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Time and chance for expressions; the defaults always give the same."""

    now: Callable[[], datetime] = _epoch
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - nothing secret comes from it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionScope:
    """What a JSONPath expression of a state may see."""

    data: Json
    """What `$` means: the input or the result."""
    context: Mapping[str, Json]
    """What `$$` means."""
    variables: Mapping[str, Json] = field(default_factory=dict)
    """What `$name` means."""
    sources: Sources = field(default_factory=Sources)

    def over(self, data: Json) -> ExpressionScope:
        """Return the same scope over other data."""
        return ExpressionScope(data=data, context=self.context, variables=self.variables, sources=self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionIdentity:
    """What the context object says about an execution."""

    id: str
    name: str
    role_arn: str
    input: Json
    started_at: datetime
    state_machine_id: str
    state_machine_name: str
    redrive_count: int | None = 0
    """None for Express executions, which cannot be redriven."""
    redriven_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItem:
    """The iteration of a Map around a state."""

    index: int
    value: Json
    key: str | None = None
    """The field's name, when the Map goes over an object."""
    source: str | None = None
    """`STATE_DATA` or the address of the file, for distributed Maps."""


def context_object(
    execution: ExecutionIdentity,
    *,
    state: str,
    entered_at: datetime,
    retry_count: int | None = None,
    task_token: str | None = None,
    item: MapItem | None = None,
) -> dict[str, Json]:
    """Return the context object of a state; what does not apply is left out, as AWS does."""
    about: dict[str, Json] = {
        "Id": execution.id,
        "Input": execution.input,
        "StartTime": timestamp(execution.started_at),
        "Name": execution.name,
        "RoleArn": execution.role_arn,
    }
    if execution.redrive_count is not None:
        about["RedriveCount"] = execution.redrive_count
    if execution.redriven_at is not None:
        about["RedriveTime"] = timestamp(execution.redriven_at)
    entered: dict[str, Json] = {"Name": state, "EnteredTime": timestamp(entered_at)}
    if retry_count is not None:
        entered["RetryCount"] = retry_count
    whole: dict[str, Json] = {
        "Execution": about,
        "StateMachine": {"Id": execution.state_machine_id, "Name": execution.state_machine_name},
        "State": entered,
    }
    if task_token is not None:
        whole["Task"] = {"Token": task_token}
    if item is not None:
        whole["Map"] = {"Item": _item(item)}
    return whole


def timestamp(instant: datetime) -> str:
    """Return the instant as Step Functions writes it: UTC, milliseconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _item(item: MapItem) -> dict[str, Any]:
    found: dict[str, Any] = {"Index": item.index}
    if item.key is not None:
        found["Key"] = item.key
    found["Value"] = item.value
    if item.source is not None:
        found["Source"] = item.source
    return found
