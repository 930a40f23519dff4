"""What became of each run that was due, by the rows of sessions: no call, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from bunsui.model.json import Json
from bunsui.model.session import SCHEDULE, Session, SessionStatus
from bunsui.model.starts import START_PRECISION, rate_of, starts_between
from bunsui.services.morning.schedules import DeployedSchedule
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.payload import read_input
from bunsui.sessions.slots import rfc3339

PATIENCE = timedelta(minutes=10)
"""So long, behind its flexible window, a run that did not start is late; then it is missing. A start that Step Functions
refuses is tried again for longer, and found wherever it comes."""

_PLACEHOLDER = "<aws.scheduler.scheduled-time>"
_DRIFT = timedelta(minutes=5)
"""So far a start may be from where it was reckoned to be."""
_AHEAD = timedelta(seconds=5)
"""So far the clocks of AWS's services may differ."""


class RunState(Enum):
    """What became of a run that was due, what needs somebody first."""

    FAILED = "failed"
    MISSING = "missing"
    """It was due, its machine was looked at long enough behind that, and there is no such run."""
    LATE = "late"
    """As missing, but it may still come."""
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    """Nobody looked, or not far enough."""
    RUNNING = "running"
    DUE = "due"
    """Its minute is now."""
    SKIPPED = "skipped"
    """It succeeded without any of its last jobs."""
    HELD = "held"
    """Its schedule is switched off."""
    RAN = "ran"


STATES: Mapping[SessionStatus, RunState] = {
    SessionStatus.PENDING: RunState.RUNNING,
    SessionStatus.RUNNING: RunState.RUNNING,
    SessionStatus.WAITING: RunState.RUNNING,
    SessionStatus.RECOVERING: RunState.RUNNING,
    SessionStatus.SUCCEEDED: RunState.RAN,
    SessionStatus.FAILED: RunState.FAILED,
    SessionStatus.TIMED_OUT: RunState.FAILED,
    SessionStatus.CANCELLED: RunState.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRun:
    """One run that a schedule was to start."""

    pipeline: str
    schedule: str
    at: datetime
    """When it was due; when it started, where it was not known to be due. UTC."""
    state: RunState
    is_about: bool = False
    """True when the time is reckoned from another start, or the run was matched by its time alone."""
    session: Session | None = None
    is_by_hand: bool = False
    """True when somebody started the session for the slot that the schedule left out."""
    slot: datetime | None = None
    """What a run of that time stands for; None where its input does not say."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """Of a run that is not there: what its schedule would have given."""
    why: str = ""
    """What else is to be said, in words; empty for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLook:
    """How far a machine's executions are known."""

    looked_at: datetime | None = None
    """None for never."""
    back_to: datetime | None = None
    """Nothing before was looked at; None for no limit."""
    is_gone: bool = False
    """True when the machine is not in the account."""
    why: str = ""
    """Why it was not looked at now; empty when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRuns:
    """What is known of the runs of one pipeline."""

    machine: PipelineMachine
    rows: Sequence[Session]
    """Those that began since `since`, perhaps with some before; in any order."""
    look: MachineLook
    complete_since: datetime
    """Rows that began before are not all here."""


def runs_of_schedule(schedule: DeployedSchedule, runs: PipelineRuns, *, since: datetime, now: datetime) -> list[ExpectedRun]:
    """Return what was due from `since` until now, and what became of it, earliest first."""
    begins = max(filter(None, (since, schedule.since, schedule.times.begins_at)))
    until = min(filter(None, (now, schedule.times.ends_at)))
    if rate_of(schedule.times.expression) is not None:
        return [one for one in _by_rate(schedule, runs, begins=begins, until=until, now=now) if one.at >= since]
    times = schedule.times
    due = list(starts_between(times.expression, times.timezone, after=begins - timedelta(microseconds=1), until=until))
    if runs.machine.is_raw:
        return list(_by_start(schedule, runs, due, now=now))
    return list(_by_slot(schedule, runs, due, now=now))


def other_scheduled_runs(rows: Sequence[Session], known: Sequence[ExpectedRun], *, since: datetime) -> list[ExpectedRun]:
    """Return the runs that schedules started beside those that are known to have been due: the schedule was another then."""
    shown = {run.session.id for run in known if run.session is not None}
    return [
        _found_run(
            row.pipeline,
            row.started_by.removeprefix(SCHEDULE),
            row.created_at,
            row,
            why="its schedule was changed or removed since",
        )
        for row in rows
        if row.id not in shown and row.started_by.startswith(SCHEDULE) and row.created_at >= since
    ]


def slot_of(schedule: DeployedSchedule, machine: PipelineMachine, at: datetime) -> datetime | None:
    """Return the slot of a start, as the machine reads it from the input in which Scheduler fills in the time."""
    return read_input(_filled_in(schedule.times.input, at), timezone=machine.timezone, is_raw=machine.is_raw).slot


def given_params(schedule: DeployedSchedule, machine: PipelineMachine) -> Mapping[str, Json]:
    """Return the parameters that the schedule gives."""
    return read_input(schedule.times.input, timezone=machine.timezone, is_raw=machine.is_raw).params


def _filled_in(value: Json, at: datetime) -> Json:
    text = json.dumps(value, ensure_ascii=False).replace(_PLACEHOLDER, rfc3339(at))
    filled: Json = json.loads(text)
    return filled


def _by_slot(
    schedule: DeployedSchedule, runs: PipelineRuns, due: Sequence[datetime], *, now: datetime
) -> Iterator[ExpectedRun]:
    """Match by identity: the session of a schedule's slot is one."""
    ours = {row.slot: row for row in runs.rows if row.is_described and row.started_by == f"{SCHEDULE}{schedule.id}"}
    params = given_params(schedule, runs.machine)
    for at in due:
        slot = slot_of(schedule, runs.machine, at)
        row = ours.get(slot) if slot is not None else None
        if row is not None:
            yield _found_run(schedule.pipeline, schedule.id, at, row, slot=slot)
            continue
        by_hand = _run_by_hand(runs.rows, slot, params, at)
        if by_hand is not None:
            yield _found_run(schedule.pipeline, schedule.id, at, by_hand, slot=slot, is_by_hand=True)
        else:
            yield _absent_run(schedule, runs, at, slot=slot, now=now)


def _run_by_hand(rows: Sequence[Session], slot: datetime | None, params: Mapping[str, Json], at: datetime) -> Session | None:
    """Return the newest run that somebody started for the slot once it was due, with what the schedule would have given."""
    found = [
        row
        for row in rows
        if row.is_described
        and row.slot == slot
        and row.created_at >= at
        and not row.started_by.startswith(SCHEDULE)
        and params.items() <= row.params.items()
    ]
    return max(found, key=lambda row: row.created_at, default=None)


def _by_start(
    schedule: DeployedSchedule, runs: PipelineRuns, due: Sequence[datetime], *, now: datetime
) -> Iterator[ExpectedRun]:
    """Match by time: the input of a machine that bunsui did not compile says nothing of its schedule."""
    rows = sorted(runs.rows, key=lambda row: row.created_at)
    taken: set[str] = set()
    for number, at in enumerate(due):
        limit = at + schedule.times.window + PATIENCE
        end = min(limit, due[number + 1]) if number + 1 < len(due) else limit
        row = next((row for row in rows if row.id not in taken and at - _AHEAD <= row.created_at < end), None)
        if row is None:
            yield _absent_run(schedule, runs, at, slot=None, now=now)
        else:
            taken.add(row.id)
            yield _found_run(schedule.pipeline, schedule.id, at, row, is_about=True)


def _by_rate(
    schedule: DeployedSchedule, runs: PipelineRuns, *, begins: datetime, until: datetime, now: datetime
) -> Iterator[ExpectedRun]:
    """Reckon from start to start: a rate counts from when the schedule was made, and of that nothing is known exactly."""
    interval = rate_of(schedule.times.expression)
    assert interval is not None, "only a rate is reckoned so"
    started_by = f"{SCHEDULE}{schedule.id}"
    if runs.machine.is_raw:
        rows = [row for row in runs.rows if not row.started_by.startswith("arn:")]
    else:
        rows = [row for row in runs.rows if row.is_described and row.started_by == started_by]
    last: datetime | None = None
    for row in sorted(rows, key=lambda row: row.created_at):
        reckoned = _between(last, row.created_at, begins=begins, interval=interval)
        yield from (_absent_run(schedule, runs, at, slot=None, now=now, is_about=True) for at in reckoned)
        yield _found_run(schedule.pipeline, schedule.id, row.created_at, row, is_about=runs.machine.is_raw, slot=row.slot)
        last = row.created_at
    reckoned = _between(last, until + interval / 2, begins=begins, interval=interval)
    yield from (_absent_run(schedule, runs, at, slot=None, now=now, is_about=True) for at in reckoned if at <= until)


def _between(last: datetime | None, following: datetime, *, begins: datetime, interval: timedelta) -> Iterator[datetime]:
    """Return when starts were due between two that are known, each an interval behind the one before; half of it is none."""
    at = (last if last is not None else begins) + interval
    while at <= following - interval / 2:
        if at >= begins:
            yield at
        at += interval


def _found_run(
    pipeline: str,
    schedule: str,
    at: datetime,
    row: Session,
    *,
    slot: datetime | None = None,
    is_about: bool = False,
    is_by_hand: bool = False,
    why: str = "",
) -> ExpectedRun:
    state = STATES[row.status]
    return ExpectedRun(
        pipeline=pipeline,
        schedule=schedule,
        at=at,
        state=RunState.SKIPPED if state is RunState.RAN and row.skipped else state,
        is_about=is_about,
        session=row,
        is_by_hand=is_by_hand,
        slot=slot,
        why=why,
    )


def _absent_run(
    schedule: DeployedSchedule,
    runs: PipelineRuns,
    at: datetime,
    *,
    slot: datetime | None,
    now: datetime,
    is_about: bool = False,
) -> ExpectedRun:
    """Return the run that is not there, and how that is to be taken."""
    state, why = _absence(schedule, runs, at, now=now, slack=_slack(schedule) if is_about else timedelta())
    return ExpectedRun(
        pipeline=schedule.pipeline,
        schedule=schedule.id,
        at=at,
        state=state,
        slot=slot,
        why=why,
        is_about=is_about,
        params=given_params(schedule, runs.machine),
    )


def _slack(schedule: DeployedSchedule) -> timedelta:
    interval = rate_of(schedule.times.expression)
    return min(interval / 2, _DRIFT) if interval is not None else timedelta()


def _absence(
    schedule: DeployedSchedule, runs: PipelineRuns, at: datetime, *, now: datetime, slack: timedelta
) -> tuple[RunState, str]:
    look = runs.look
    if schedule.held:
        return RunState.HELD, schedule.held
    latest = at + schedule.times.window + START_PRECISION + slack
    if now < latest:
        return RunState.DUE, ""
    undescribed = [row for row in runs.rows if not row.is_described and row.created_at >= at - _AHEAD]
    if undescribed:
        return RunState.UNKNOWN, f"{len(undescribed)} of its runs are not described yet"
    if at < runs.complete_since:
        return RunState.UNKNOWN, "there are more runs than were read"
    if look.is_gone:
        return RunState.MISSING, "its state machine is not in the account"
    if look.looked_at is None or look.looked_at < latest:
        return RunState.UNKNOWN, look.why or "its machine was not looked at since"
    if look.back_to is not None and at < look.back_to:
        return RunState.UNKNOWN, "its machine was not looked at so far back"
    if look.looked_at < latest + PATIENCE:
        return RunState.LATE, ""
    return RunState.MISSING, ""
