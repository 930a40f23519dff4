"""When a machine is to be looked at so that it can be told whether a run is late, or did not begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bunsui.model.alerts import NEEDS_SCHEDULE, Alert
from bunsui.model.environment.deadlines import LONGEST, deadline_after
from bunsui.model.pipeline import Pipeline, Schedule
from bunsui.model.starts import START_PRECISION, rate_of, starts_between
from bunsui.services.morning.expected import PATIENCE
from bunsui.services.session_context import SessionContext
from bunsui.sessions.machines import PipelineMachine

_BEHIND = START_PRECISION + PATIENCE
"""So long after it was due a run that did not begin is missing."""


def is_to_be_judged(context: SessionContext, machine: PipelineMachine, looked_at: datetime) -> bool:
    """Tell whether a deadline of the machine's runs passed since it was looked at. What was applied says so: no call."""
    pipeline, now = context.pipelines.get(machine.pipeline), context.ports.clock.now()
    alerts = [alert for alert in pipeline.alerts if alert.event in NEEDS_SCHEDULE] if pipeline is not None else []
    if pipeline is None or not alerts or not pipeline.enabled:
        return False
    schedules = [one for one in pipeline.schedules if one.enabled]
    if any(rate_of(one.expression) is not None for one in schedules):
        return True
    moments = (at for one in schedules for alert in alerts for at in _moments(pipeline, one, alert, looked_at, now))
    return any(looked_at < at <= now for at in moments)


def _moments(pipeline: Pipeline, schedule: Schedule, alert: Alert, looked_at: datetime, now: datetime) -> Iterator[datetime]:
    after = looked_at - LONGEST - timedelta(minutes=1)
    for at in starts_between(schedule.expression, schedule.timezone, after=after, until=now):
        yield deadline_after(alert.deadline, at, pipeline.timezone) if alert.deadline else at + _BEHIND
