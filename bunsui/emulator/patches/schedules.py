"""Schedules fire as on AWS: in their own time zone, telling their target when they were due and as what they fired."""

from __future__ import annotations

import time
import types
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bunsui.emulator.internals import inner, replace_inner

_ZONE: ContextVar[ZoneInfo | None] = ContextVar("time zone of the schedules that are looked at", default=None)
_DUE: ContextVar[datetime | None] = ContextVar("when the schedule that is looked at was due", default=None)


def keep_time_zones() -> None:
    """Read `cron` and `at` expressions in the schedule's time zone; the emulator takes them all as UTC.

    Each round looks at the schedules zone by zone, through the emulator's own function and a table of that zone alone.
    """
    from ministack.services import eventbridge, scheduler

    tick: types.FunctionType = inner(scheduler, "_tick_schedules")
    schedules = inner(scheduler, "_schedules")
    at_epoch: Callable[[str], float | None] = inner(scheduler, "_at_time_epoch")
    next_fire: Callable[[Any, datetime], datetime | None] = inner(eventbridge, "_cron_next_fire")

    def at_time_epoch(expression: str) -> float | None:
        epoch, zone = at_epoch(expression), _ZONE.get()
        if epoch is not None and zone is not None:
            epoch = datetime.fromtimestamp(epoch, UTC).replace(tzinfo=zone).timestamp()
        _DUE.set(datetime.fromtimestamp(epoch, UTC) if epoch is not None else None)
        return epoch

    def cron_next_fire(fields: Any, after: datetime) -> datetime | None:
        due = next_in_zone(next_fire, fields, after, _ZONE.get())
        _DUE.set(due)
        return due

    def tick_schedules() -> None:
        zones: dict[str, dict[Any, Any]] = {}
        for key, schedule in list(inner(schedules, "_data").items()):
            zones.setdefault(str(schedule.get("ScheduleExpressionTimezone") or "UTC"), {})[key] = schedule
        for name, members in zones.items():
            zone = _ZONE.set(_zone(name))
            due = _DUE.set(None)
            try:
                view = {**vars(scheduler), "_schedules": _Table(members, schedules)}
                types.FunctionType(tick.__code__, view, tick.__name__, tick.__defaults__)()
            finally:
                _ZONE.reset(zone)
                _DUE.reset(due)

    replace_inner(scheduler, "_at_time_epoch", at_time_epoch)
    replace_inner(eventbridge, "_cron_next_fire", cron_next_fire)
    replace_inner(scheduler, "_tick_schedules", tick_schedules)


class _Table:
    """A part of the table of schedules, in the shape in which the emulator looks into it."""

    def __init__(self, members: dict[Any, Any], whole: Any) -> None:
        self._data = _Rows(members, inner(whole, "_data"))


class _Rows(dict[Any, Any]):
    """Rows of a part; removing one removes it from the whole."""

    def __init__(self, members: dict[Any, Any], whole: dict[Any, Any]) -> None:
        super().__init__(members)
        self._whole = whole

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove the row here and in the whole."""
        self._whole.pop(key, None)
        return super().pop(key, *default)


def skip_missed_schedules() -> None:
    """Let what was due while nothing ran pass, as a machine that was off.

    The emulator forgets at its end when each schedule fired, so after every start it would fire all `rate` schedules and all
    `at` schedules of the past again.
    """
    from ministack.services import eventbridge, scheduler

    tick: Callable[[], None] = inner(scheduler, "_tick_schedules")
    schedules = inner(scheduler, "_schedules")
    last_fired: dict[Any, float] = inner(scheduler, "_schedule_last_fired")
    rate_seconds: Callable[[str], float | None] = inner(eventbridge, "_parse_rate_seconds")
    at_epoch: Callable[[str], float | None] = inner(scheduler, "_at_time_epoch")
    began = time.time()

    def tick_schedules() -> None:
        for key, schedule in list(inner(schedules, "_data").items()):
            made = float(schedule.get("CreationDate") or began)
            if key in last_fired or made >= began:
                continue
            expression = str(schedule.get("ScheduleExpression", ""))
            interval, at = rate_seconds(expression), at_epoch(expression)
            if interval:
                last_fired[key] = last_round(made, interval, began)
            elif at is not None and at < began:
                last_fired[key] = at
        tick()

    replace_inner(scheduler, "_tick_schedules", tick_schedules)


def last_round(made: float, interval: float, now: float) -> float:
    """Return the last time at or before `now` at which a schedule made at `made` was due; `made` itself counts."""
    return made + max(0.0, (now - made) // interval) * interval


def next_in_zone(
    next_fire: Callable[[Any, datetime], datetime | None], fields: Any, after: datetime, zone: ZoneInfo | None
) -> datetime | None:
    """Return the next time after `after` (UTC) at which a clock in the zone shows the fields; None when there is none.

    A time that a change of the clocks skips becomes the same moment by the old offset, as the standard library reads it.
    """
    if zone is None:
        return next_fire(fields, after)
    shown = next_fire(fields, after.astimezone(zone).replace(tzinfo=UTC))
    return None if shown is None else shown.replace(tzinfo=zone).astimezone(UTC)


def fill_in_schedule_context() -> None:
    """Fill in the `<aws.scheduler...>` placeholders of a schedule's input, which the emulator hands on as they stand."""
    from ministack.services import eventbridge

    invoke: Callable[..., None] = inner(eventbridge, "_invoke_target")

    def invoke_target(target: Mapping[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        if event.get("Source") == "aws.scheduler" and "Input" in target:
            target = {**target, "Input": with_context(str(target["Input"]), event, due=_DUE.get())}
        invoke(target, event, rule, view)

    replace_inner(eventbridge, "_invoke_target", invoke_target)


def with_context(text: str, event: Mapping[str, Any], *, due: datetime | None = None) -> str:
    """Replace the context attributes in the input of a schedule that fired.

    `due` is when it should have fired; None (a rate) takes the time of the event, since the emulator counts from there.
    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    moment = due or datetime.fromtimestamp(float(event["Time"]), UTC)
    values = {
        "<aws.scheduler.schedule-arn>": str((event.get("Resources") or [""])[0]),
        "<aws.scheduler.scheduled-time>": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _zone(name: str) -> ZoneInfo | None:
    """Return the zone; None for UTC, and for a name that nobody knows: the emulator took it, so it fires by UTC."""
    try:
        return None if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
