"""The shape of `alerts` in both files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Id, TimeZone
from bunsui.model.alerts import MOST_CHANNELS
from bunsui.model.environment.deadlines import DEADLINE_PATTERN
from bunsui.model.environment.quiet_hours import TIME_OF_DAY_PATTERN

Event = Literal["failed", "late", "did_not_run", "slower"]


class AlertEntry(Entry):
    """Who is told of an event of the pipeline's sessions."""

    event: Event
    """`failed`: a session failed, ran out of time, or was stopped. The others need an environment with a resident. `late`:
    a scheduled run has not succeeded by its deadline. `did_not_run`: it has not begun. `slower`: a session takes longer than
    sessions of the pipeline usually do."""
    notify: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHANNELS)] | None = None
    """Names of channels, from `channels` in bunsui.yaml; when it is left out, those of the first of `alert_routes` there that
    takes the pipeline."""
    deadline: Annotated[str, Field(pattern=DEADLINE_PATTERN)] | None = None
    """By when a scheduled run is to have succeeded (`late`) or begun (`did_not_run`): the next such time of the day in the
    pipeline's zone, as `"06:00"`, or a time after it was due, as `90m`, at most a day. Without one, `did_not_run` waits for ten
    minutes."""


class AlertRouteEntry(Entry):
    """Which channels are told by alerts that name none. The first route that takes the pipeline counts; one without `owner`,
    `tags` and `events` takes every pipeline, and is the default at the end."""

    owner: Annotated[str, Field(min_length=1)] | None = None
    """Takes pipelines with this `owner`."""
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = Field(
        default_factory=dict
    )
    """Takes pipelines with all of these `tags`."""
    events: list[Event] = Field(default_factory=list)
    """Takes these events; all when it is left out."""
    notify: Annotated[list[Id], Field(min_length=1, max_length=MOST_CHANNELS)]
    """Names of channels."""


class QuietHoursEntry(Entry):
    """When nobody is told on a channel. Messages are held until the end; what works again by then is one message."""

    from_: Annotated[str, Field(alias="from", pattern=TIME_OF_DAY_PATTERN, examples=["22:00"])]
    """The time of the day at which they begin, in quotes."""
    to: Annotated[str, Field(pattern=TIME_OF_DAY_PATTERN, examples=["07:00"])]
    """The time of the day at which they end; on the next day where it is earlier than `from`."""
    timezone: TimeZone | None = None
    """Whose clocks count, an IANA name; the project's zone when it is left out."""
    except_: list[Event] = Field(alias="except", default_factory=list)
    """Events of which people are told all the same, at once."""
