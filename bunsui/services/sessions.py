"""The sessions of a project: listed, or the one found that a person means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput, Missing, NotFound
from bunsui.model.names import EXECUTION_NAME_LIMIT
from bunsui.model.pipeline import Schedule
from bunsui.model.session import Session, SessionStatus
from bunsui.model.starts import START_PRECISION, rate_of, starts_between
from bunsui.ports.session_rows import SessionQuery
from bunsui.project.repository import Repository
from bunsui.services.history.open_gates import OpenGates, gates_by_rows, open_gates, rows_as_told, waiting_sessions
from bunsui.services.session_context import SessionContext
from bunsui.services.session_filter import SessionFilter, asks_for_waiting, fitting
from bunsui.sessions.ids import session_of
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.rounds import DESCRIBED_AT_ONCE, DESCRIBES_PER_SECOND, LISTS_PER_SECOND, DescribeBudget, Round

EVERYTHING = SessionFilter()
_ID_LETTERS = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_ID_LENGTH = 26
_NAME_OF_A_MACHINE = 20
"""Characters from which on a name is not that of a pipeline which was mistyped: the console, for one, gives UUIDs."""
_SEARCHED = 200
_NESTED_MAPS = 5
"""Distributed Maps around an item, one in the other, that are looked through for its session."""
_OFFERED = 3
"""Sessions that are named when one is not found."""
_UNFINISHED = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)
"""What a person may mean by a failed session: also one whose resume was cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What was shown before in this project and environment."""

    last: str = ""
    """The id of the session shown last."""
    listed: tuple[str, ...] = ()
    """The ids of the last list, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionList:
    """Sessions, and how they were found."""

    sessions: Sequence[Session]
    """Newest start first."""
    round: Round | None = None
    """The look at the machines; None when only rows were read."""
    is_cut: bool = False
    """True when there are more."""
    looked_at: Mapping[str, datetime | None] = field(default_factory=dict)
    """When each pipeline's machine, if it has one, was looked at; None for never. Empty after a look at all of them."""
    kept_since: datetime | None = None
    """Sessions that ended before are not kept; None where all are."""
    shortened: int = 0
    """Of how many machines there are runs so old that nobody ever looked at them."""


def list_sessions(
    context: SessionContext, *, pipeline: str | None = None, status: SessionStatus | None = None, limit: int = 50
) -> Sequence[Session]:
    """Return sessions, newest start first, after a round over their machines."""
    query = SessionQuery(pipeline=pipeline, status=status.value if status else None, limit=limit)
    return look_at_sessions(context, query).sessions


def look_at_sessions(context: SessionContext, query: SessionQuery, wanted: SessionFilter = EVERYTHING) -> SessionList:
    """Look at the machines, that of the pipeline alone when the query names one, and list what matches query and filter.

    Raises:
        CloudError: no machine could be looked at.

    """
    machines = [context.machine(query.pipeline)] if query.pipeline else context.all_machines()
    rounds = context.rounds
    done = require_one_look(rounds.visit(machines))
    gates = open_gates(context, [one.pipeline for one in machines])
    found, is_cut = _find(context, query, wanted, gates)
    shown = rounds.describe(found, {one.pipeline: one for one in machines}, DESCRIBED_AT_ONCE)
    return SessionList(
        sessions=shown, round=done, is_cut=is_cut, kept_since=kept_since(context.repository, context.ports.clock.now())
    )


def read_sessions(context: SessionContext, query: SessionQuery, wanted: SessionFilter = EVERYTHING) -> SessionList:
    """List what the rows say, without asking Step Functions, and say how old that is: by two reads, and by one more for each
    further status that the filter wants. Those that wait are found by the gates: a read for each pipeline that has approvals,
    and one for each session."""
    gates = gates_by_rows(context) if asks_for_waiting(wanted, query) else OpenGates(standings=())
    found, is_cut = _find(context, query, wanted, gates)
    marks = context.ports.sessions.watermarks()
    looked_at = {
        one.pipeline: marks[one.arn].looked_at if one.arn in marks else None
        for one in context.machines
        if one.arn not in marks or not marks[one.arn].is_gone
    }
    return SessionList(
        sessions=rows_as_told(context, found),
        is_cut=is_cut,
        looked_at=looked_at,
        shortened=sum(marks[one.arn].back_to is not None for one in context.machines if one.arn in marks),
    )


def _find(
    context: SessionContext, query: SessionQuery, wanted: SessionFilter, gates: OpenGates
) -> tuple[Sequence[Session], bool]:
    ports = context.ports
    waiting = waiting_sessions(context, gates) if asks_for_waiting(wanted, query) else ()
    return fitting(ports.sessions, wanted, query, now=ports.clock.now(), told=gates.mark, waiting=waiting)


def kept_since(repository: Repository, now: datetime) -> datetime | None:
    """Return since when ended sessions are kept in the environment; None where all are."""
    seconds = repository.project.environment.retention_seconds
    return now - timedelta(seconds=seconds) if seconds is not None else None


def background_round(context: SessionContext, *, seconds: float) -> Round:
    """Look at as many machines as half of what AWS documents allows in so many seconds; at all of them on this machine.

    Raises:
        CloudError: no machine could be looked at.

    """
    machines = context.all_machines()
    if context.repository.is_local:
        return require_one_look(context.rounds.visit(machines))
    budget = DescribeBudget(int(seconds * DESCRIBES_PER_SECOND / 2))
    most = max(int(seconds * LISTS_PER_SECOND / 2), 1)
    return require_one_look(context.rounds.visit(machines, budget, most=most, is_due=partial(is_due, context)))


def is_due(context: SessionContext, machine: PipelineMachine, looked_at: datetime) -> bool:
    """Tell whether a schedule was to start the machine since it was looked at. The files say so: a round costs no call for it.
    A start within the last minute before may not have come yet."""
    pipeline, now = context.pipelines.get(machine.pipeline), context.ports.clock.now()
    if pipeline is None or not pipeline.enabled:
        return False
    return any(_starts(one, since=looked_at - START_PRECISION, now=now) for one in pipeline.schedules if one.enabled)


def _starts(schedule: Schedule, *, since: datetime, now: datetime) -> bool:
    interval = rate_of(schedule.expression)
    if interval is not None:
        return now - since >= interval
    return next(starts_between(schedule.expression, schedule.timezone, after=since, until=now), None) is not None


def require_one_look(done: Round) -> Round:
    """Return the round; CloudError where no machine of it could be looked at."""
    failures = [visit.error for visit in done.visits if visit.error is not None]
    if failures and len(failures) == len(done.visits):
        raise failures[0]
    return done


def find_session(context: SessionContext, text: str, *, recollection: Recollection, failed: bool = False) -> Session:
    """Return the session that a person named: id, unique prefix, `-` for the one shown last, `#3` of the last list, a
    pipeline's name for its latest one, with `failed` its latest failed one, or the ARN or the name of one of its executions,
    which is `$session.id` in a machine that a schedule started.

    Raises:
        NotFound: there is none.
        InvalidInput: the prefix, or the execution's name, fits several.

    """
    if text.startswith("arn:"):
        return _by_arn(context, text)
    if text == "-":
        return _by_id(context, _remembered_last(recollection))
    if text.startswith("#"):
        return _by_id(context, _remembered_number(recollection, text))
    letters = text.upper()
    if letters[:1].isdigit() and set(letters) <= _ID_LETTERS:
        try:
            return _by_id(context, letters) if len(letters) == _ID_LENGTH else _by_prefix(context, letters)
        except NotFound:
            return _named(context, text) or _raised(_unknown(context, letters))
    if text in context.pipelines or text in context.broken:
        return _latest(context, text, failed=failed)
    named = _named(context, text)
    return named if named is not None else _latest(context, text, failed=failed)


def _raised(error: NotFound) -> Session:
    raise error


def _by_arn(context: SessionContext, arn: str) -> Session:
    """Return the session of an execution, which may be one that nobody recorded yet; of an item's the session around it."""
    index, given = context.ports.sessions, arn
    arn = _around_item(context, arn)
    known = index.known([arn]).get(arn)
    if known is None:
        machine = ":".join([*arn.split(":")[:5], "stateMachine", *arn.split(":")[6:7]])
        context.rounds.visit([one for one in context.all_machines() if one.arn == machine])
        known = index.known([arn]).get(arn)
    if known is None:
        raise NotFound(
            "unknown-execution",
            "no session of this project and environment has that execution",
            hint="Look at the ARN's account, region and state machine, or list the sessions:\n  bunsui sessions",
            execution=given,
        )
    return _by_id(context, known.session_id)


def _around_item(context: SessionContext, arn: str) -> str:
    """Return the execution in which a distributed foreach started this one, of an item; any other as it is. The machine of an
    item's execution is named MACHINE/LABEL."""
    map_runs = context.ports.map_runs
    for _ in range(_NESTED_MAPS):
        if map_runs is None or "/" not in ":".join(arn.split(":")[6:7]):
            break
        try:
            run = context.ports.execution.describe(arn).map_run_arn
            arn = map_runs.holder(run) if run else arn
        except Missing:
            break
    return arn


def _named(context: SessionContext, name: str) -> Session | None:
    """Return the session that has an execution of this name, None when no machine has one."""
    ids = context.ports.sessions.named(name)
    if not ids and len(name) <= EXECUTION_NAME_LIMIT and _is_execution_name(name):
        context.rounds.visit(context.all_machines())
        ids = context.ports.sessions.named(name)
    if len(ids) > 1:
        raise InvalidInput(
            "ambiguous-session",
            "executions of several sessions have that name",
            hint="Give the id of one of them.",
            asked=name,
            sessions=", ".join(ids),
        )
    return _by_id(context, ids[0]) if ids else None


def _is_execution_name(text: str) -> bool:
    """Tell whether a text is worth asking Step Functions for: a machine gave it, or whoever started it is no person."""
    return session_of(text) is not None or len(text) >= _NAME_OF_A_MACHINE


def _by_id(context: SessionContext, session_id: str) -> Session:
    found = context.ports.sessions.get(session_id)
    if found is None:
        raise _unknown(context, session_id)
    return _whole(context, found)


def _whole(context: SessionContext, session: Session) -> Session:
    """Return the session with all that can be asked, when only a list told of it."""
    machine = context.machine(session.pipeline)
    return context.rounds.describe([session], {machine.pipeline: machine}, 1)[0]


def _by_prefix(context: SessionContext, prefix: str) -> Session:
    found = context.ports.sessions.find_prefix(prefix, limit=5)
    if not found:
        raise _unknown(context, prefix)
    if len(found) > 1:
        raise InvalidInput(
            "ambiguous-session",
            "several sessions begin like that",
            hint="Give more of the id.",
            asked=prefix,
            sessions=", ".join(session.id for session in found),
        )
    return _whole(context, found[0])


def _latest(context: SessionContext, pipeline: str, *, failed: bool) -> Session:
    if pipeline in context.pipelines:
        sessions = list_sessions(context, pipeline=pipeline, limit=_SEARCHED)
    else:
        sessions = context.ports.sessions.find(SessionQuery(pipeline=pipeline, limit=_SEARCHED))
        if not sessions:
            context.pipeline(pipeline)
    for session in sessions:
        if not failed or session.status in _UNFINISHED:
            return session
    listed, started = command_line("sessions", "--pipeline", pipeline), command_line("run", pipeline)
    raise NotFound(
        "no-session",
        "the pipeline has no failed session" if failed else "the pipeline has no session yet",
        hint=f"See its sessions:\n  {listed}" if failed else f"Start one:\n  {started}",
        pipeline=pipeline,
    )


def _remembered_last(recollection: Recollection) -> str:
    if not recollection.last:
        raise NotFound("nothing-shown", "no session was shown here before", hint="List them:\n  bunsui sessions")
    return recollection.last


def _remembered_number(recollection: Recollection, text: str) -> str:
    number = text[1:]
    if not number.isdecimal() or not 1 <= int(number) <= len(recollection.listed):
        raise NotFound(
            "no-such-number",
            "the last list has no such number",
            hint="List the sessions again:\n  bunsui sessions",
            asked=text,
            listed=len(recollection.listed),
        )
    return recollection.listed[int(number) - 1]


def _unknown(context: SessionContext, session_id: str) -> NotFound:
    latest = context.ports.sessions.find(SessionQuery(limit=_OFFERED))
    return NotFound(
        "unknown-session",
        "there is no such session",
        hint="List them:\n  bunsui sessions",
        session=session_id,
        latest="\n".join(f"{session.id}  {session.pipeline}" for session in latest) or "there is none yet",
    )
