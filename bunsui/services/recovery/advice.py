"""What the pipeline's recovery policy says of one session, for whoever looks at it."""

from __future__ import annotations

from bunsui.errors import BunsuiError
from bunsui.model.session import Session, SessionStatus
from bunsui.services.recovery.cases import CaseReader
from bunsui.services.session_context import SessionContext
from bunsui.sessions.recovery.strategies import OWN_RULE, choose_strategy
from bunsui.sessions.snapshot import PolicyAdvice

_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


def advise(context: SessionContext, session: Session) -> PolicyAdvice | None:
    """Return what the policy that is applied says of the session; None where the pipeline has none, or none that counts here.

    Nothing is asked for where the pipeline, as far as it is known, says nothing of recovery.
    """
    pipeline = context.pipelines.get(session.pipeline)
    if pipeline is None or not context.is_managed or session.status not in _ENDED_BADLY or session.claim is not None:
        return None
    if not pipeline.recovery and not any(job.recovery for job in pipeline.jobs):
        return None
    try:
        decision = choose_strategy(CaseReader(context).prospect(session).case, now=context.ports.clock.now())
    except BunsuiError:
        return None  # who looks may not see everything; `recover` says why
    if not decision.rule or decision.rule == OWN_RULE:
        return None
    return PolicyAdvice(strategy=decision.strategy, reason=decision.reason, rule=decision.rule, job=decision.job)
