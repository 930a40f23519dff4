"""One session recovered by a strategy that a person chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bunsui.compile.policies import runs_alike
from bunsui.errors import InvalidInput, Missing, Refused
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.services.recovery.acts import redrive_session, restart_session
from bunsui.services.recovery.advice import advise
from bunsui.services.resume import Resumption, carry_out, check_resumable, completed_jobs, plan_resumption
from bunsui.services.session_context import SessionContext
from bunsui.services.stored_outputs import check_fits
from bunsui.sessions.checkpoints import NO_WISHES, ResumePlan, ResumeWishes
from bunsui.sessions.recovery.strategies import why_not_redriven


def plan_by_strategy(
    context: SessionContext, session: Session, strategy: Strategy, wishes: ResumeWishes = NO_WISHES
) -> Resumption:
    """Return what the strategy would keep and run, with what the pipeline's policy says; nothing is started.

    Raises:
        InvalidInput: the session did not fail, or wishes stand beside a strategy that knows none.
        Refused: Step Functions does not redrive the session's execution.

    """
    planned = _plan(context, session, strategy, wishes)
    return replace(planned, advice=advise(context, planned.session))


def _plan(context: SessionContext, session: Session, strategy: Strategy, wishes: ResumeWishes) -> Resumption:
    if strategy is Strategy.RESUME:
        planned = plan_resumption(context, session, wishes)
        check_fits(planned.session, planned.carried, planned.definition)
        return planned
    if wishes != NO_WISHES:
        hint = "Leave out --keep, --from and --skip, or choose --strategy resume."
        raise InvalidInput("only-resumed", f"a {strategy.value} keeps no jobs by name", hint=hint)
    session = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    check_resumable(session)
    names = tuple(job.name for job in context.pipeline(session.pipeline).jobs)
    if strategy is Strategy.RESTART:
        plan = ResumePlan(restored=(), to_run=names, skipped=(), outdated={}, payload={})
        return Resumption(session=session, plan=plan, checkpoints={}, strategy=strategy)
    if why_not := why_not_redriven(session, context.ports.clock.now()):
        raise Refused(
            "not-redrivable",
            "the session's execution cannot be redriven",
            hint="Resume it, which starts a new execution after the completed jobs.",
            session=session.id,
            reason=why_not,
        )
    done = completed_jobs(context, session) if names else {}
    kept = tuple(name for name in names if name in done and done[name].outcome is not Outcome.SKIPPED)
    runs = tuple(name for name in names if name not in done)
    plan = ResumePlan(restored=kept, to_run=runs, skipped=(), outdated={}, payload={})
    return Resumption(
        session=session, plan=plan, checkpoints=done, strategy=strategy, is_unchanged=_is_unchanged(context, session)
    )


def carry_by_strategy(context: SessionContext, planned: Resumption) -> Resumption:
    """Start what was planned."""
    session = planned.session
    match planned.strategy:
        case Strategy.REDRIVE:
            started = redrive_session(context, session)
        case Strategy.RESTART:
            started = restart_session(context, session)
        case _:
            return carry_out(context, planned)
    return planned.with_session(started)


def _is_unchanged(context: SessionContext, session: Session) -> bool:
    """Tell whether what a redrive runs is what is applied."""
    assert session.latest is not None, "only asked of a session that can be redriven"
    definitions: list[Mapping[str, Json]] = []
    for arn in (session.latest.execution_arn, context.machine(session.pipeline).alias_arn):
        try:
            definitions.append(context.ports.execution.definition(arn))
        except Missing:
            return False
    return runs_alike(*definitions)
