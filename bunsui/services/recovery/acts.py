"""Does with one session what a recovery plan says."""

from __future__ import annotations

from bunsui.errors import InvalidInput, Missing, Refused
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.services.recovery.taking import hand_over
from bunsui.services.resume import carry_out, plan_resumption
from bunsui.services.run import not_applied
from bunsui.services.session_context import SessionContext
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.recovery.foresight import resume_wishes
from bunsui.sessions.recovery.plan import RecoveryPart
from bunsui.sessions.starts.starting import still_running


def act_on(context: SessionContext, session: Session, part: RecoveryPart) -> Session:
    """Do with the session what the plan says, and return it running.

    Raises:
        Refused: it would now run other jobs than planned, or Step Functions does not redrive it.

    """
    match part.strategy:
        case Strategy.REDRIVE:
            return redrive_session(context, session)
        case Strategy.RESUME | Strategy.RESTART_FROM | Strategy.SKIP:
            return _resume_as_planned(context, session, part)
        case Strategy.RESTART:
            return restart_session(context, session)
        case Strategy.MANUAL:
            return hand_over(context, session, owner=part.owner, note=part.note, seconds=part.deadline_seconds)
        case Strategy.LEAVE:
            raise InvalidInput("nothing-to-do", "the plan leaves the session as it is", session=session.id)


def redrive_session(context: SessionContext, session: Session) -> Session:
    """Revive the session's last execution, and return the session as it then stands."""
    machine, rule = context.machine(session.pipeline), context.concurrency_in_force(session.pipeline)
    actor = context.ports.caller_arn
    return context.manager.redrive(session, machine, context.ports.execution, actor=actor, concurrency=rule)


def restart_session(context: SessionContext, session: Session) -> Session:
    """Start the session's next attempt from the start, on what is applied now; parameters and slot stay."""
    pipeline, machine = context.pipeline(session.pipeline), context.machine(session.pipeline)
    session = context.manager.sync(session, target_arn=machine.alias_arn)
    if session.running or not session.status.is_final:
        raise still_running(session)
    if context.repository.is_local:
        refuse_what_cannot_run_locally(
            pipeline, context.repository.registry, context.pipelines, allowed=context.repository.allowed_locally
        )
    try:
        actor, commit = context.ports.caller_arn, context.repository.commit
        rule = context.concurrency_in_force(pipeline.name)
        return context.manager.resume(session, machine, {}, actor=actor, commit=commit, concurrency=rule)
    except Missing as error:
        raise not_applied(pipeline.name, machine.arn) from error


def _resume_as_planned(context: SessionContext, session: Session, part: RecoveryPart) -> Session:
    resumption = plan_resumption(context, session, resume_wishes(part.strategy, part.job, part.output))
    if part.is_certain and (resumption.plan.restored, resumption.plan.to_run) != (part.kept, part.runs):
        more = [name for name in resumption.plan.to_run if name not in part.runs]
        raise Refused(
            "other-jobs",
            "the session would run other jobs now than those that were planned",
            hint="Plan again:\n  bunsui recover",
            session=session.id,
            runs_too=", ".join(more) or None,
            planned=", ".join(part.runs),
        )
    return carry_out(context, resumption).session
