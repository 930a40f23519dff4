"""The shape of `lifecycle`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bunsui.document.schema.values import Place


class LifecycleEntry(BaseModel):
    """What may happen to what exists."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    prevent_destroy: bool = False
    """`true` refuses whatever would remove or replace the state machine or a log group, also when this file is gone; an apply
    with `false` lifts it."""
    ignore: Annotated[list[Place], Field(json_schema_extra={"uniqueItems": True})] = []
    """Places that others change outside: no drift, and never reset. `ATTRIBUTE` or `ATTRIBUTE.KEY` of the machine,
    `states.STATE` or `states.STATE.FIELD` of its definition, `KIND.ATTRIBUTE` of the role, functions, log groups and schedules;
    `tags` are those of everything."""
    keep_versions: Annotated[int, Field(ge=2, le=500)] = 10
    """How many of the newest versions of the machine and its functions stay. Older ones are removed from time to time, except
    those that an alias, a running session or one that can be redriven needs."""
    exclusive: bool = False
    """`true` removes what others put beside the pipeline's resources: policies on its roles, permissions, URLs, triggers and
    aliases of its functions, schedules in its group, subscriptions of its logs. Plans name each."""
