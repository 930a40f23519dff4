"""Continues a session that ended badly: completed jobs are restored by the compiled guards, the others run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bunsui.errors import InvalidInput, Missing
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session, SessionStatus
from bunsui.services.desk import Desk
from bunsui.services.run import not_applied
from bunsui.sessions.applied import differing_jobs
from bunsui.sessions.checkpoints import AttemptHistory, ResumePlan, checkpoints, plan_resume
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.shape import MachineShape, machine_shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A session that goes on."""

    session: Session
    plan: ResumePlan
    is_unchanged: bool = False
    """True when nothing was applied since the last attempt: the same definition, and so the same code, runs again."""
    unapplied: tuple[str, ...] = ()
    """Jobs that the files say differently from what is applied; what is applied runs. `""` stands for what is between jobs."""


def plan_resumption(desk: Desk, session: Session) -> Resumption:
    """Give what resuming the session would restore and run; nothing is started.

    Raises:
        InvalidInput: the session did not fail, or its pipeline has no guards.
        NotFound: the pipeline is not in the account any more.

    """
    session = desk.manager.sync(session, target_arn=desk.machine(session.pipeline).alias_arn)
    _check_status(session)
    pipeline = _guarded(desk.pipeline(session.pipeline))
    done = checkpoints(_histories(desk, session))
    unapplied = _unapplied(desk, pipeline)
    # Nobody can tell from today's files what an older definition reads: then it gets everything.
    plan = plan_resume(pipeline.jobs, done, desk.repository.registry, carry_all=bool(unapplied))
    return Resumption(session=session, plan=plan, unapplied=unapplied)


def resume_session(desk: Desk, session: Session) -> Resumption:
    """Start the session's next attempt on the newest applied version, so with the fixed definition and code."""
    planned = plan_resumption(desk, session)
    pipeline = desk.pipeline(session.pipeline)
    if desk.repository.is_local:
        refuse_what_cannot_run_locally(
            pipeline, desk.repository.registry, desk.pipelines, allowed=desk.repository.allowed_locally
        )
    machine = desk.machine(session.pipeline)
    try:
        resumed = desk.manager.resume(planned.session, machine, planned.plan.payload, commit=desk.repository.commit)
    except Missing as error:
        raise not_applied(session.pipeline, machine.arn) from error
    return replace(planned, session=resumed, is_unchanged=_is_unchanged(desk, resumed))


def _is_unchanged(desk: Desk, session: Session) -> bool:
    """Compare what the last two attempts run; functions stand in definitions by version, so that code counts too."""
    if len(session.attempts) < 2:
        return False
    before, now = session.attempts[-2:]
    try:
        return desk.edges.execution.definition(before.execution_arn) == desk.edges.execution.definition(now.execution_arn)
    except Missing:
        return False


def _unapplied(desk: Desk, pipeline: Pipeline) -> tuple[str, ...]:
    compiled = desk.compiled(pipeline.name)
    machine = desk.machine(pipeline.name)
    if compiled is None:
        return ()
    try:
        return differing_jobs(compiled, desk.edges.execution.definition(machine.alias_arn))
    except Missing as error:
        raise not_applied(pipeline.name, machine.arn) from error


def _check_status(session: Session) -> None:
    if session.status is SessionStatus.SUCCEEDED:
        raise InvalidInput(
            "nothing-to-resume",
            "the session succeeded: there is nothing to resume",
            hint=f"Run the pipeline again:\nbunsui run {session.pipeline}",
            session=session.id,
        )
    if session.status in (SessionStatus.PENDING, SessionStatus.RUNNING):
        raise InvalidInput(
            "still-running",
            "the session is still running",
            hint=f"Follow it, or stop it first:\nbunsui watch {session.id}\nbunsui stop {session.id}",
            session=session.id,
        )


def _guarded(pipeline: Pipeline) -> Pipeline:
    if pipeline.is_raw:
        raise InvalidInput(
            "raw-not-resumable",
            "a raw pipeline has no guards before its states, so that nothing in it can be skipped",
            hint=f"Run it again:\nbunsui run {pipeline.name}",
            pipeline=pipeline.name,
        )
    return pipeline


def _histories(desk: Desk, session: Session) -> Iterator[AttemptHistory]:
    """Give the attempts' histories, oldest first; one that Step Functions forgot is empty, and ends what came before it."""
    execution = desk.edges.execution
    for attempt in session.attempts:
        try:
            shape = machine_shape(execution.definition(attempt.execution_arn))
            events = tuple(execution.history(attempt.execution_arn))
        except Missing:
            shape, events = MachineShape(states={}, jobs=(), is_raw=False), ()
        yield AttemptHistory(number=attempt.number, shape=shape, events=events)
