"""Run a pipeline for the slots of many days, some at a time; it can be killed, then repeated.

The intent of each run is known by its slot and its parameters. A repetition, also one after a kill, finds what there is
already, follows what runs and starts what is missing; so does a second one at the same time.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bunsui.errors import InvalidInput
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, Schedule
from bunsui.model.session import Session
from bunsui.ports.session_rows import SessionQuery
from bunsui.project.unknown_names import unknown_name
from bunsui.services.run import RunRequest, prepare_run
from bunsui.services.running.durations import MEASURED, known_runs
from bunsui.services.running.expected_cost import expected_cost
from bunsui.services.running.measured_runs import RunMeter
from bunsui.services.session_context import SessionContext
from bunsui.sessions.manager import Intent
from bunsui.sessions.slots import rfc3339
from bunsui.sessions.starts.slots_between import parse_days, slots_between

_READ = 5_000
"""Rows of the pipeline that are read to see what there is."""
_LOCAL_SECONDS, _AWS_SECONDS = 0.3, 2.0
_DESCRIBES_PER_SECOND = 5.0
"""Half of what DescribeExecution allows for long, since the quota is everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """What somebody asked for."""

    pipeline: str
    days: str
    """`2026-01-01..2026-01-31`."""
    params: Sequence[str] = ()
    """`NAME=VALUE` each."""
    schedule: str | None = None
    """Whose slots these are; None: the pipeline's only one, or a slot for each day."""
    newest_first: bool = False
    only_missing: bool = False
    """Leave out slots for which the pipeline has a session already, whoever began it and however it ended."""
    concurrency: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPlan:
    """What is going to run."""

    pipeline: str
    intents: tuple[Intent, ...]
    """One for each slot, in the order in which they start."""
    known: Mapping[str, Session] = field(default_factory=dict)
    """What there is of this backfill already, by the intent's identity."""
    left_out: int = 0
    """Slots that have another session already."""
    schedule: str = ""
    """Whose slots these are; empty for days."""
    timezone: str = "UTC"
    seconds_each: float | None = None
    """How long one takes: the median of the last successes; None when none succeeded in one go yet."""
    concurrency: int = 1
    cost_each: CostEstimate | None = None
    """What one is expected to cost."""

    @property
    def cost(self) -> CostEstimate | None:
        """Return what those cost that did not start yet."""
        return self.cost_each.times(len(self.to_start)) if self.cost_each is not None else None

    @property
    def to_start(self) -> tuple[Intent, ...]:
        """Return those of which nothing started yet."""
        return tuple(one for one in self.intents if not _began(self.known.get(one.identity)))

    @property
    def seconds(self) -> float | None:
        """Return how long those take that did not start yet."""
        if self.seconds_each is None or not self.to_start:
            return None
        return -(-len(self.to_start) // self.concurrency) * self.seconds_each


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillStep:
    """A session of the backfill began, or ended."""

    session: Session
    done: int
    """How many have ended."""
    total: int


def plan_backfill(context: SessionContext, request: BackfillRequest) -> BackfillPlan:
    """Return what is going to run; nothing is started.

    Raises:
        NotFound: there is no such pipeline or schedule, or it was not applied yet.
        InvalidInput: days, parameters or concurrency cannot be used, or no slot is one of these days.

    """
    if request.concurrency < 1:
        raise InvalidInput("bad-concurrency", "at least one must run at a time", hint="Write --concurrency 4.")
    pipeline = context.pipeline(request.pipeline)
    schedule = _schedule(pipeline, request.schedule)
    slots = slots_between(pipeline, parse_days(request.days), schedule)
    if not slots:
        raise InvalidInput(
            "no-slots",
            "none of the schedule's slots is on these days",
            hint="Look at its expression, or take other days.",
            pipeline=pipeline.name,
            schedule=schedule.id if schedule else None,
            days=request.days,
        )
    params = (*request.params, *_scheduled_params(schedule, request.params))
    prepared = prepare_run(context, RunRequest(pipeline=request.pipeline, params=params))
    first = prepared.intent
    timezone = schedule.timezone if schedule is not None else pipeline.timezone
    template = replace(first, how="backfill", timezone=timezone)
    intents = [replace(template, slot=slot, identity=_identity(slot, template.params)) for slot in slots]
    rows = context.ports.sessions.find(SessionQuery(pipeline=pipeline.name, limit=_READ))
    known = _find_known(context, pipeline.name, intents, rows)
    repository = context.repository
    wanted = intents
    if request.only_missing:
        taken = _taken_slots(context, pipeline.name, rows)
        wanted = [one for one in intents if one.identity in known or one.slot not in taken]
    return BackfillPlan(
        pipeline=pipeline.name,
        intents=tuple(reversed(wanted) if request.newest_first else wanted),
        known=known,
        left_out=len(intents) - len(wanted),
        schedule=schedule.id if schedule is not None else "",
        timezone=timezone,
        seconds_each=known_runs(rows).typical_seconds,
        concurrency=min(request.concurrency, first.concurrency.limit) if first.concurrency is not None else request.concurrency,
        cost_each=expected_cost(
            RunMeter(context.ports.execution, repository.registry).measure(pipeline, rows, most=MEASURED),
            pipeline,
            prepared.applied,
            repository=repository,
        ),
    )


def run_backfill(context: SessionContext, plan: BackfillPlan) -> Iterator[BackfillStep]:
    """Start what is missing, as many at a time as the plan says, and follow all to their end; yields each step of it.

    What was not begun when the caller stops asking is not begun; what runs goes on.
    """
    done = [row for row in plan.known.values() if _began(row) and not row.running and row.standing.is_final]
    running = {row.id: row for row in plan.known.values() if _began(row) and row not in done}
    waiting = deque(plan.to_start)
    ended = len(done)
    while waiting or running:
        while waiting and len(running) < plan.concurrency:
            session = context.manager.create(waiting.popleft())
            running[session.id] = session
            yield BackfillStep(session=session, done=ended, total=len(plan.intents))
        for session in _look(context, running.values()):
            running[session.id] = session
            if session.standing.is_final and not session.running:
                del running[session.id]
                ended += 1
                yield BackfillStep(session=session, done=ended, total=len(plan.intents))
        if len(running) >= plan.concurrency or (running and not waiting):
            context.ports.clock.sleep(_pause(context, len(running)))


def _look(context: SessionContext, sessions: Collection[Session]) -> list[Session]:
    """Return the sessions as Step Functions says that they stand."""
    return [context.manager.sync(one, target_arn=context.machine(one.pipeline).alias_arn) for one in list(sessions)]


def _began(row: Session | None) -> bool:
    return row is not None and bool(row.attempts)


def _schedule(pipeline: Pipeline, name: str | None) -> Schedule | None:
    """Return the schedule whose slots are meant."""
    by_name = {one.id: one for one in pipeline.schedules}
    timed = {one.id: one for one in pipeline.schedules if one.expression.startswith("cron(")}
    if name is not None and name not in by_name:
        raise unknown_name(
            "unknown-schedule", "the pipeline has no such schedule", what="schedule", name=name, known=by_name, see=""
        )
    if name is not None and name not in timed:
        raise InvalidInput(
            "no-calendar",
            "the slots of this schedule follow from when it was made, and from no calendar",
            hint="Leave out --schedule: each day is a slot then.",
            schedule=name,
        )
    if name is None and len(timed) > 1:
        raise InvalidInput(
            "several-schedules",
            "the pipeline has several schedules, and each has slots of its own",
            hint="Say which with --schedule NAME.",
            pipeline=pipeline.name,
            schedules=", ".join(timed),
        )
    return timed[name] if name is not None else next(iter(timed.values()), None)


def _scheduled_params(schedule: Schedule | None, given: Sequence[str]) -> Iterator[str]:
    """Return the parameters that the schedule gives, as they are typed, without those that are given."""
    names = {text.partition("=")[0] for text in given}
    for name, value in (schedule.input if schedule is not None else {}).items():
        if name not in names:
            yield f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _identity(slot: datetime, params: Mapping[str, Json]) -> str:
    """Return what the run of a slot is known by."""
    text = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"backfill={rfc3339(slot)}#{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _find_known(
    context: SessionContext, pipeline: str, intents: Sequence[Intent], rows: Sequence[Session]
) -> dict[str, Session]:
    """Return the sessions that these intents have already."""
    identities = {f"{pipeline}#{one.identity}": one.identity for one in intents}
    by_id = {row.id: row for row in rows}
    found: dict[str, Session] = {}
    for intent, session_id in context.ports.sessions.intended(list(identities)).items():
        row = by_id.get(session_id) or context.ports.sessions.get(session_id)
        if row is not None:
            found[identities[intent]] = row
    return found


def _taken_slots(context: SessionContext, pipeline: str, rows: Sequence[Session]) -> set[datetime]:
    """Return the slots for which there is a session, those that somebody else started just now included."""
    context.rounds.visit([context.machine(pipeline)])
    if len(rows) < _READ:
        rows = context.ports.sessions.find(SessionQuery(pipeline=pipeline, limit=_READ))
    if len(rows) >= _READ:
        raise InvalidInput(
            "too-many-sessions",
            "the pipeline has more sessions than are looked through for what is missing",
            hint="Name the days that are missing, and leave out --only-missing.",
            pipeline=pipeline,
            limit=_READ,
        )
    return {row.slot.replace(microsecond=0) for row in rows}


def _pause(context: SessionContext, running: int) -> float:
    if context.repository.is_local:
        return _LOCAL_SECONDS
    return max(_AWS_SECONDS, running / _DESCRIBES_PER_SECOND)
