"""Make the morning page: what was due since yesterday evening, what became of it, what starts next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bunsui.model.gates import GateStanding
from bunsui.model.resource import Scope
from bunsui.model.starts import next_starts, rate_of
from bunsui.services.history.open_gates import open_gates
from bunsui.services.morning.causes import FailedOf, causes_of
from bunsui.services.morning.expected import ExpectedRun, RunState, other_scheduled_runs, runs_of_schedule
from bunsui.services.morning.look import look_at_due
from bunsui.services.morning.ports import MorningPorts
from bunsui.services.morning.schedules import DeployedSchedule, deployed_schedules
from bunsui.services.session_context import SessionContext
from bunsui.sessions.rounds import Round

EVENING = time(18, 0)
"""Since then, yesterday, in the project's time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStart:
    """When a schedule starts its pipeline next."""

    pipeline: str
    schedule: str
    at: datetime
    is_about: bool = False
    """True for a rate, which is reckoned from its last start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """The morning page as a value."""

    scope: Scope
    commit: str
    is_local: bool
    since: datetime
    now: datetime
    schedules: tuple[DeployedSchedule, ...]
    is_checked: bool
    """False when nobody could ask AWS how the schedules are now."""
    runs: tuple[ExpectedRun, ...]
    """Everything that was due since, earliest first."""
    causes: tuple[FailedOf, ...]
    """The failed ones."""
    next_starts: tuple[NextStart, ...]
    """The next of each schedule, earliest first."""
    round: Round | None
    """The look at the machines; None when none was needed, or none came about."""
    looked_at: Mapping[str, datetime | None]
    """When the machine of each scheduled pipeline was looked at; None for never."""
    startable: frozenset[str]
    """The pipelines that have a file without errors: only these can be started by hand."""
    gates: tuple[GateStanding, ...] = ()
    """Those at which sessions wait for an approval, the oldest first."""
    has_errors: bool = False
    """True when some file has errors."""
    has_files: bool = True
    """False where there are no files to compare with AWS."""

    @property
    def outside(self) -> tuple[DeployedSchedule, ...]:
        """The schedules that somebody changed in AWS."""
        return tuple(one for one in self.schedules if one.outside)

    def of_state(self, state: RunState) -> tuple[ExpectedRun, ...]:
        """Return the runs of which that became, earliest first."""
        return tuple(run for run in self.runs if run.state is state)


def yesterday_evening(now: datetime, timezone: str | tzinfo) -> datetime:
    """Return 18:00 of the day before in the zone."""
    zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=1), EVENING, zone).astimezone(now.tzinfo)


def morning_page(context: SessionContext, ports: MorningPorts, *, since: datetime) -> Morning:
    """Look at what was due since then. Session rows are brought up to date; nothing else is written.

    Calls: for each pipeline with approvals one query, and two for each session that waits; one query of what was applied, one
    list of schedules (a page for 100), GetSchedule for each that somebody wrote in AWS since, reads of rows, and ListExecutions
    once for each machine of which something was due and did not succeed yet.
    """
    now, deployed = context.ports.clock.now(), deployed_schedules(ports)
    look = look_at_due(context, deployed.schedules, since=since, now=now)
    expected = [
        run for one in deployed.schedules for run in runs_of_schedule(one, look.runs[one.pipeline], since=since, now=now)
    ]
    expected += other_scheduled_runs(look.rows, expected, since=since)
    expected.sort(key=lambda run: (run.at, run.pipeline, run.schedule))
    following = sorted(_next_starts(deployed.schedules, expected, now=now), key=lambda one: (one.at, one.pipeline))
    return Morning(
        scope=context.repository.scope,
        commit=context.repository.commit,
        is_local=context.repository.is_local,
        since=since,
        now=now,
        schedules=deployed.schedules,
        is_checked=deployed.is_checked,
        runs=tuple(expected),
        causes=causes_of([run for run in expected if run.state is RunState.FAILED]),
        next_starts=tuple(following),
        round=look.round,
        looked_at={name: runs.look.looked_at for name, runs in look.runs.items()},
        startable=frozenset(
            name for name, pipeline in context.pipelines.items() if pipeline.enabled and name not in context.unread
        ),
        gates=open_gates(context).standings,
        has_errors=context.has_errors,
        has_files=context.has_files,
    )


def _next_starts(
    schedules: Sequence[DeployedSchedule], expected: Sequence[ExpectedRun], *, now: datetime
) -> Iterator[NextStart]:
    for one in schedules:
        at = None if one.held else _next_start(one, expected, now=now)
        if at is not None and (one.times.ends_at is None or at <= one.times.ends_at):
            is_about = rate_of(one.times.expression) is not None
            yield NextStart(pipeline=one.pipeline, schedule=one.id, at=at, is_about=is_about)


def _next_start(schedule: DeployedSchedule, expected: Sequence[ExpectedRun], *, now: datetime) -> datetime | None:
    times = schedule.times
    after = max(now, times.begins_at or now)
    interval = rate_of(times.expression)
    if interval is None:
        return next(iter(next_starts(times.expression, times.timezone, after=after)), None)
    known = [run.at for run in expected if (run.pipeline, run.schedule) == (schedule.pipeline, schedule.id)]
    last = max(known, default=schedule.since)
    if last is None:
        return None
    return last + (max((after - last) // interval, 0) + 1) * interval
