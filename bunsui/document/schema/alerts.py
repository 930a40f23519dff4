"""The shape of `alerts` in both files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Id
from bunsui.model.alerts import MOST_CHANNELS
from bunsui.model.environment.deadlines import DEADLINE_PATTERN


class AlertEntry(Entry):
    """Who is told of an event of the pipeline's sessions."""

    event: Literal["failed", "late", "did_not_run", "slower"]
    """`failed`: a session failed, ran out of time, or was stopped. The others need an environment with a resident. `late`:
    a scheduled run has not succeeded by its deadline. `did_not_run`: it has not begun. `slower`: a session takes longer than
    sessions of the pipeline usually do."""
    notify: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHANNELS)]
    """Names of channels, from `channels` in bunsui.yaml."""
    deadline: Annotated[str, Field(pattern=DEADLINE_PATTERN)] | None = None
    """By when a scheduled run is to have succeeded (`late`) or begun (`did_not_run`): the next such time of the day in the
    pipeline's zone, as `"06:00"`, or a time after it was due, as `90m`, at most a day. Without one, `did_not_run` waits for ten
    minutes."""
