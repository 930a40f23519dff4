"""Bring the rows of pipelines that had something due up to date, in one look at their machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.model.session import Session, SessionStatus
from bunsui.model.starts import rate_of, starts_between
from bunsui.ports.session_rows import SessionQuery, Watermark
from bunsui.services.morning.expected import MachineLook, PipelineRuns, RunState, runs_of_schedule
from bunsui.services.morning.schedules import DeployedSchedule
from bunsui.services.session_context import SessionContext
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.rounds import OVERLAP, DescribeBudget, Round

MOST_VISITS = 100
"""Machines that one page looks at: ListExecutions allows bursts of 100 in the smaller regions."""
MOST_ROWS = 5000
"""Sessions that are read; of earlier ones nothing is said."""
_SOME = 50
"""Rows among which the start before is looked for, from which a rate is reckoned."""
_BEFORE = timedelta(minutes=1)
_TOO_MANY = f"more than {MOST_VISITS} machines had something due: the next look goes on with the others"
_SUCCESS = (RunState.RAN, RunState.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningLook:
    """What is known of the scheduled pipelines' sessions."""

    rows: Sequence[Session]
    """All that began since, newest first."""
    runs: Mapping[str, PipelineRuns]
    """By pipeline."""
    round: Round | None
    """None when no machine had to be looked at."""


def look_at_due(
    context: SessionContext, schedules: Sequence[DeployedSchedule], *, since: datetime, now: datetime
) -> MorningLook:
    """Look at the machines of which something was due, except where all that was due is known to have succeeded."""
    machines = {name: context.machine(name) for name in dict.fromkeys(one.pipeline for one in schedules)}
    before = _known_runs(machines, rows_since(context, since), context.ports.sessions.watermarks(), {}, since)
    due = [one for one in schedules if not one.held and _had_starts(one, since=since, now=now)]
    wanted = {one.pipeline: machines[one.pipeline] for one in due}
    for name in list(wanted):
        if _is_settled([one for one in due if one.pipeline == name], before[name], since=since, now=now):
            del wanted[name]
    budget = DescribeBudget()
    done, why = _visit(context, tuple(wanted.values()), budget)
    rows = _describe(context, rows_since(context, since), machines, budget)
    runs = _known_runs(machines, rows, context.ports.sessions.watermarks(), why, since)
    for one in due:
        if rate_of(one.times.expression) is not None:
            runs[one.pipeline] = _with_start_before(context, one, runs[one.pipeline], since)
    return MorningLook(rows=rows, runs=runs, round=done)


def runs_as_known(
    context: SessionContext, schedules: Sequence[DeployedSchedule], *, since: datetime, rows: Sequence[Session] | None = None
) -> Mapping[str, PipelineRuns]:
    """Return what is known of the scheduled pipelines' runs, by pipeline, without looking at any machine. `rows` are those that
    began since, newest first, at most `MOST_ROWS`, where they were read already."""
    machines = {name: context.machine(name) for name in dict.fromkeys(one.pipeline for one in schedules)}
    read = rows if rows is not None else rows_since(context, since)
    runs = _known_runs(machines, read, context.ports.sessions.watermarks(), {}, since)
    for one in schedules:
        if rate_of(one.times.expression) is not None:
            runs[one.pipeline] = _with_start_before(context, one, runs[one.pipeline], since)
    return runs


def rows_since(context: SessionContext, since: datetime) -> Sequence[Session]:
    """Return the sessions that began since, newest first, at most `MOST_ROWS`."""
    return context.ports.sessions.find(SessionQuery(since=since - _BEFORE, limit=MOST_ROWS))


def _known_runs(
    machines: Mapping[str, PipelineMachine],
    rows: Sequence[Session],
    marks: Mapping[str, Watermark],
    why: Mapping[str, str],
    since: datetime,
) -> dict[str, PipelineRuns]:
    complete_since = rows[-1].created_at if len(rows) >= MOST_ROWS else since - _BEFORE
    by_pipeline: dict[str, list[Session]] = {}
    for row in rows:
        by_pipeline.setdefault(row.pipeline, []).append(row)
    return {
        name: PipelineRuns(
            machine=machine,
            rows=by_pipeline.get(name, ()),
            look=_look(marks.get(machine.arn), why.get(name, "")),
            complete_since=complete_since,
        )
        for name, machine in machines.items()
    }


def _look(mark: Watermark | None, why: str) -> MachineLook:
    if mark is None:
        return MachineLook(why=why)
    return MachineLook(looked_at=mark.looked_at, back_to=mark.back_to, is_gone=mark.is_gone, why=why)


def _had_starts(schedule: DeployedSchedule, *, since: datetime, now: datetime) -> bool:
    times = schedule.times
    if rate_of(times.expression) is not None:
        return True
    found = starts_between(times.expression, times.timezone, after=since - timedelta(microseconds=1), until=now)
    return next(found, None) is not None


def _is_settled(schedules: Sequence[DeployedSchedule], runs: PipelineRuns, *, since: datetime, now: datetime) -> bool:
    """Tell whether nothing new can be said: a success is never redriven, and no second delivery comes so late."""
    expected = [run for one in schedules for run in runs_of_schedule(one, runs, since=since, now=now)]
    if any(run.state not in _SUCCESS for run in expected) or runs.look.looked_at is None or runs.look.is_gone:
        return False
    return all(run.at + OVERLAP <= runs.look.looked_at for run in expected) and not _is_rated(schedules)


def _is_rated(schedules: Sequence[DeployedSchedule]) -> bool:
    return any(rate_of(one.times.expression) is not None for one in schedules)


def _visit(
    context: SessionContext, machines: Sequence[PipelineMachine], budget: DescribeBudget
) -> tuple[Round | None, Mapping[str, str]]:
    """Visit the machines; return the round, and why some were not reached, by pipeline."""
    if not machines:
        return None, {}
    try:
        done = context.rounds.visit(machines, budget, most=MOST_VISITS)
    except CloudError as error:
        return None, {one.pipeline: error.summary for one in machines}
    why = {visit.pipeline: "" if visit.is_reached else visit.why for visit in done.visits}
    return done, {one.pipeline: why.get(one.pipeline, _TOO_MANY) for one in machines}


def _describe(
    context: SessionContext, rows: Sequence[Session], machines: Mapping[str, PipelineMachine], budget: DescribeBudget
) -> Sequence[Session]:
    """Return the rows, with what only a list told of asked for as far as the budget goes: what ended badly first."""
    ordered = sorted(rows, key=lambda row: row.status is SessionStatus.SUCCEEDED)
    try:
        whole = {row.id: row for row in context.rounds.describe(ordered, machines, budget.left)}
    except CloudError:
        return rows  # they say of themselves that they are not described
    return [whole.get(row.id, row) for row in rows]


def _with_start_before(
    context: SessionContext, schedule: DeployedSchedule, runs: PipelineRuns, since: datetime
) -> PipelineRuns:
    """Return the runs with those before, where the last start of a rate lies there."""
    interval = rate_of(schedule.times.expression)
    assert interval is not None, "only a rate is reckoned from the start before"
    if any(row.created_at < since + interval for row in runs.rows):
        return runs
    older = context.ports.sessions.find(SessionQuery(pipeline=schedule.pipeline, limit=_SOME))
    there = {row.id for row in runs.rows}
    return replace(runs, rows=[*runs.rows, *(row for row in older if row.id not in there)])
