"""Judges what the rows say, at one look; stores what people are to be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.errors import BunsuiError, Conflict, Unavailable
from bunsui.model.alerts import FAILED, NEEDS_SCHEDULE, SLOWER, notified
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.alerts.kept import AlertBook, AlertDelivery
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.alerts.background import NO_BACKGROUND, AlertBackground, background_of
from bunsui.services.alerts.holding import count_with, due_at, events_of, held_before
from bunsui.services.alerts.judging import HORIZON, AlertNotice, judge_alerts
from bunsui.services.alerts.occurrences import WatchedPipeline
from bunsui.services.alerts.ports import AlertPorts
from bunsui.services.alerts.usual import MOST
from bunsui.services.alerts.wording import AlertPlace, word_notice
from bunsui.services.history.open_gates import gates_by_rows
from bunsui.services.history.streaks import ROWS_READ
from bunsui.services.morning.expected import ExpectedRun, runs_of_schedule
from bunsui.services.morning.look import MOST_ROWS, rows_since, runs_as_known
from bunsui.services.morning.schedules import deployed_schedules
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.streak import failure_streak

_FIRST = timedelta(minutes=10)
"""So far back looks the first look of all: what ended meanwhile is told."""
_LATE_ROWS = 200
"""Of the sessions that ended badly, those that began last: one of them may have begun long ago."""
_BAD = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)
_TRIES = 4
"""How often a pipeline is judged anew when somebody else judged it meanwhile."""
_PROBLEMS = (BunsuiError, ArithmeticError, LookupError, TypeError, ValueError)
"""What is wrong with one pipeline must not keep the others from being told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLook:
    """What one look at the rows came to."""

    watched: int = 0
    """Pipelines with alerts."""
    made: int = 0
    """Messages that were stored to be sent."""
    problems: tuple[str, ...] = ()
    """A line for each pipeline that could not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowsOfLook:
    """What was read for all pipelines of a look."""

    now: datetime
    books: Mapping[str, AlertBook]
    sessions: Mapping[str, Mapping[str, Session]]
    """By pipeline, by id."""
    runs: Mapping[str, Sequence[ExpectedRun]] = field(default_factory=dict)
    looked_at: Mapping[str, datetime] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()


def watched_pipelines(context: SessionContext) -> Mapping[str, Pipeline]:
    """Return the pipelines of whose sessions the resident tells somebody; of raw ones rules do."""
    return {name: one for name, one in context.pipelines.items() if one.alerts and not one.is_raw}


def watch_alerts(
    context: SessionContext, ports: AlertPorts, *, only: Collection[str] | None = None, executions: Collection[str] = ()
) -> AlertLook:
    """Judge pipelines by their rows, and store the messages that are due.

    `only` are the pipelines to judge, all when None; `executions` are some that may have changed however long ago they began.
    """
    watched = {name: one for name, one in watched_pipelines(context).items() if only is None or name in only}
    if not watched or not ports.channels:
        return AlertLook()
    rows = _read(context, ports, watched, executions, is_all=only is None)
    made, problems = 0, []
    for name, pipeline in watched.items():
        try:
            made += _judge(context, ports, pipeline, rows)
        except _PROBLEMS as problem:
            said = problem.summary if isinstance(problem, BunsuiError) else type(problem).__name__
            problems.append(f"{name}: {said}")
    return AlertLook(watched=len(watched), made=made, problems=tuple(problems))


def _judge(context: SessionContext, ports: AlertPorts, pipeline: Pipeline, rows: _RowsOfLook) -> int:
    """Judge one pipeline; return how many messages were stored."""
    books = rows.books
    for _ in range(_TRIES):
        since = books[""].since
        book = books.get(pipeline.name) or AlertBook(pipeline=pipeline.name, since=since)
        look = _look_of(context, pipeline, book, rows)
        verdict = judge_alerts(look, book, rows.now)
        if verdict.book.matters == book.matters and verdict.book.seen.keys() <= book.seen.keys():
            return 0
        opened = ports.store.open_deliveries() if ports.quiet and verdict.notices else ()
        made = [one for notice in verdict.notices for one in _deliveries(context, ports, pipeline, notice, rows.now, opened)]
        deliveries = [delivery for delivery, _ in made]
        try:
            ports.store.write(verdict.book, deliveries, {one.id: one for _, held in made for one in held}.values())
        except Conflict:
            books = ports.store.books()
            continue
        return len(deliveries)
    raise Unavailable("alerts-busy", "others judge the pipeline at the same time again and again", pipeline=pipeline.name)


def _look_of(context: SessionContext, pipeline: Pipeline, book: AlertBook, rows: _RowsOfLook) -> WatchedPipeline:
    there = dict(rows.sessions.get(pipeline.name, {}))
    for matter in book.matters:
        if matter.is_open and matter.session and matter.session not in there:
            row = context.ports.sessions.get(matter.session)
            there |= {row.id: row} if row is not None else {}
    watches = any(alert.event == SLOWER for alert in pipeline.alerts)
    floor = rows.now - HORIZON
    usual: Sequence[Session] = ()
    if watches and any(not row.status.is_final or row.created_at >= floor for row in there.values()):
        query = SessionQuery(pipeline=pipeline.name, status=SessionStatus.SUCCEEDED.value, limit=2 * MOST)
        usual = context.ports.sessions.find(query)
    return WatchedPipeline(
        pipeline=pipeline,
        rows=tuple(there.values()),
        runs=rows.runs.get(pipeline.name, ()),
        succeeded=usual,
        waiting=rows.waiting,
        looked_at=rows.looked_at.get(context.machine(pipeline.name).arn),
    )


def _deliveries(
    context: SessionContext,
    ports: AlertPorts,
    pipeline: Pipeline,
    notice: AlertNotice,
    now: datetime,
    opened: Sequence[AlertDelivery],
) -> Iterator[tuple[AlertDelivery, Sequence[AlertDelivery]]]:
    """Yield a message for each channel, with those that wait there and in whose place it comes."""
    events = events_of(notice)
    names = dict.fromkeys(name for event in sorted(events) for name in notified(pipeline.alerts, event))
    channels = [name for name in names if name in ports.channels]
    if not channels:
        return
    session = _session(context, notice)
    place = AlertPlace(scope=context.repository.scope, is_local=context.repository.is_local)
    background = _background(context, pipeline, notice, session)
    for name in channels:
        held = held_before(opened, pipeline.name, notice, name, now)
        repeats, told_before = count_with(notice, held)
        said = replace(notice, repeats=repeats, told_before=told_before)
        due = due_at(ports.quiet, name, events, now)
        message = AlertDelivery(
            channel=name,
            pipeline=pipeline.name,
            kind=notice.kind,
            made_at=now,
            notification=word_notice(said, pipeline, place, session, background, held=held),
            not_before=due if due > now else None,
            repeats=repeats,
            told_before=told_before,
        )
        yield message, held


def _session(context: SessionContext, notice: AlertNotice) -> Session | None:
    if notice.newest is not None and notice.newest.session is not None:
        return notice.newest.session
    return context.ports.sessions.get(notice.matter.session) if notice.matter.session else None


def _background(context: SessionContext, pipeline: Pipeline, notice: AlertNotice, session: Session | None) -> AlertBackground:
    if notice.kind != FAILED or session is None:
        return NO_BACKGROUND
    rows = context.ports.sessions.find(SessionQuery(pipeline=session.pipeline, limit=ROWS_READ))
    began = session.created_at, session.id
    earlier = [row for row in rows if (row.created_at, row.id) < began]
    streak = failure_streak(session, earlier, is_whole=len(rows) < ROWS_READ)
    return background_of(pipeline, session, dict(context.repository.registry), streak)


def _read(
    context: SessionContext,
    ports: AlertPorts,
    watched: Mapping[str, Pipeline],
    executions: Collection[str],
    *,
    is_all: bool,
) -> _RowsOfLook:
    now = context.ports.clock.now()
    has_deadlines = any(alert.event in NEEDS_SCHEDULE for one in watched.values() for alert in one.alerts)
    since = now - HORIZON * (2 if has_deadlines else 1)
    rows = _rows(context, watched, since, executions, is_all=is_all)
    by_pipeline: dict[str, dict[str, Session]] = {}
    for row in rows:
        by_pipeline.setdefault(row.pipeline, {})[row.id] = row
    marks = context.ports.sessions.watermarks()
    gated = gates_by_rows(context)
    return _RowsOfLook(
        now=now,
        books=_books(ports, now),
        sessions=by_pipeline,
        runs=_runs(context, ports, watched, rows, since, now) if has_deadlines else {},
        looked_at={arn: mark.looked_at for arn, mark in marks.items()},
        waiting=frozenset(row.id for row in rows if row.running and gated.of(row)),
    )


def _books(ports: AlertPorts, now: datetime) -> Mapping[str, AlertBook]:
    """Return the books; that of the environment is begun by whoever looks first."""
    books = ports.store.books()
    if "" in books:
        return books
    try:
        first = ports.store.write(AlertBook(pipeline="", since=now - _FIRST))
    except Conflict:
        return ports.store.books()
    return {**books, "": first}


def _rows(
    context: SessionContext,
    watched: Mapping[str, Pipeline],
    since: datetime,
    executions: Collection[str],
    *,
    is_all: bool,
) -> Sequence[Session]:
    """Return the rows that may have changed lately: those that began since, those that ended badly, those named."""
    sessions = context.ports.sessions
    if is_all:
        found = list(rows_since(context, since))
    else:
        queries = (SessionQuery(pipeline=name, since=since, limit=MOST_ROWS) for name in watched)
        found = [row for query in queries for row in sessions.find(query)]
    if is_all:
        for status in (*_BAD, SessionStatus.RUNNING):
            found += sessions.find(SessionQuery(status=status.value, limit=_LATE_ROWS))
    known = sessions.known(executions) if executions else {}
    named = [sessions.get(one.session_id) for one in known.values()]
    found += [row for row in named if row is not None]
    return list({row.id: row for row in found}.values())


def _runs(
    context: SessionContext,
    ports: AlertPorts,
    watched: Mapping[str, Pipeline],
    rows: Sequence[Session],
    since: datetime,
    now: datetime,
) -> Mapping[str, Sequence[ExpectedRun]]:
    wanted = {name for name, one in watched.items() if any(alert.event in NEEDS_SCHEDULE for alert in one.alerts)}
    schedules = [one for one in deployed_schedules(ports.morning).schedules if one.pipeline in wanted and not one.held]
    newest = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)
    known = runs_as_known(context, schedules, since=since, rows=newest)
    found: dict[str, list[ExpectedRun]] = {}
    for one in schedules:
        found.setdefault(one.pipeline, []).extend(runs_of_schedule(one, known[one.pipeline], since=since, now=now))
    return found
