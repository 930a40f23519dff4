"""Every way in which one failed session may go on: what each keeps, runs, takes, costs, or why it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.errors import BunsuiError
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.names import person
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.services.recovery.cases import CaseReader
from bunsui.services.recovery.single import plan_by_strategy
from bunsui.services.recovery.taking import is_others
from bunsui.services.running.durations import KnownRuns
from bunsui.services.session_context import SessionContext
from bunsui.sessions.checkpoints import NO_WISHES, ResumeWishes
from bunsui.sessions.history.remembered import RememberedExecutions
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.recovery.foresight import resume_wishes
from bunsui.sessions.recovery.strategies import Decision, choose_strategy

_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)
_WAYS = (Strategy.RESUME, Strategy.REDRIVE, Strategy.RESTART, Strategy.RESTART_FROM, Strategy.SKIP)
"""Those that start something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOption:
    """One way to go on."""

    strategy: Strategy
    job: str = ""
    """Where a restart begins, or which job is skipped."""
    why_not: str = ""
    """Why it cannot be; empty where it can."""
    kept: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    outdated: Mapping[str, str] = field(default_factory=dict)
    """Completed jobs that run again -> why."""
    items: Mapping[str, ItemPlan] = field(default_factory=dict)
    """What becomes of the items of jobs that run, where some succeeded before."""
    learnt_seconds: float | None = None
    """How long takes what runs, by the durations that were learnt; None where none were."""
    whole: KnownRuns | None = None
    """How long whole runs took; None where nothing starts."""
    cost: CostEstimate | None = None
    """What it costs at most; None where nobody knows, or nothing starts."""
    advice: str = ""
    """Why it is what the policy, or bunsui's own rule, would do; empty for any other."""
    rule: str = ""
    """Where the rule stands that says so."""
    outputs: tuple[str, ...] = ()
    """Outputs that have to be given for the job that is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOutlook:
    """The ways, and what would be done without anybody."""

    options: tuple[RecoveryOption, ...] = ()
    """None for a session that has not ended badly."""
    left: str = ""
    """Why `recover` would leave it as it is; empty where it would do something."""


def recovery_options(context: SessionContext, session: Session, *, job: str = "") -> RecoveryOutlook:
    """Return the ways, as exactly as they would be planned when chosen: each history is read once. `job` is the one to begin
    with, or to skip; the one that failed where it names none of the pipeline's own."""
    if session.status not in _ENDED_BADLY or session.running:
        return RecoveryOutlook()
    look = replace(context, ports=replace(context.ports, execution=RememberedExecutions(context.ports.execution)))
    reader = CaseReader(look)
    decision = choose_strategy(reader.prospect(session).case, now=context.ports.clock.now())
    jobs = look.pipelines[session.pipeline].jobs if session.pipeline in look.pipelines else ()
    names = [one.name for one in jobs]
    chosen = job if job in names else session.failed_job if session.failed_job in names else ""
    found = [_option(look, session, strategy, chosen) for strategy in _WAYS]
    estimated = [_estimate(option, reader, session.pipeline) for option in found]
    ways = (*estimated, _by_hand(look, session))
    left = decision.reason if decision.strategy is Strategy.LEAVE else ""
    return RecoveryOutlook(options=tuple(_advise(ways, decision)), left=left)


def _option(context: SessionContext, session: Session, strategy: Strategy, job: str) -> RecoveryOption:
    needs_job = strategy in (Strategy.RESTART_FROM, Strategy.SKIP)
    named = job if needs_job else ""
    if needs_job and not job:
        return RecoveryOption(strategy=strategy, why_not="no job of the pipeline's is chosen")
    outputs: tuple[str, ...] = ()
    try:
        wishes = NO_WISHES
        if needs_job:
            outputs = tuple(context.pipeline(session.pipeline).job(job).outputs) if strategy is Strategy.SKIP else ()
            wishes = resume_wishes(strategy, job, dict.fromkeys(outputs))
        return replace(_plan_option(context, session, strategy, wishes), job=named, outputs=outputs)
    except BunsuiError as error:
        return RecoveryOption(strategy=strategy, job=named, outputs=outputs, why_not=reason_of(error))


def _plan_option(context: SessionContext, session: Session, strategy: Strategy, wishes: ResumeWishes) -> RecoveryOption:
    plan = plan_by_strategy(context, session, Strategy.RESUME if strategy.resumes else strategy, wishes).plan
    return RecoveryOption(
        strategy=strategy, kept=plan.restored, runs=plan.to_run, outdated=dict(plan.outdated), items=dict(plan.items)
    )


def _estimate(option: RecoveryOption, reader: CaseReader, pipeline: str) -> RecoveryOption:
    if option.why_not:
        return option
    return replace(
        option,
        learnt_seconds=reader.learnt_seconds(pipeline, option.runs),
        whole=reader.known_runs(pipeline),
        cost=reader.foreseen_cost(pipeline, option.runs),
    )


def _by_hand(context: SessionContext, session: Session) -> RecoveryOption:
    taken = session.taken
    if taken is not None and taken.owner == context.ports.caller_arn:
        return RecoveryOption(strategy=Strategy.MANUAL, why_not="you are on it already")
    if taken is not None and is_others(context, session):
        return RecoveryOption(strategy=Strategy.MANUAL, why_not=f"{person(taken.owner)} is on it")
    return RecoveryOption(strategy=Strategy.MANUAL)


def _advise(options: Sequence[RecoveryOption], decision: Decision) -> Iterator[RecoveryOption]:
    for option in options:
        is_it = option.strategy is decision.strategy and (not decision.job or decision.job == option.job)
        yield replace(option, advice=decision.reason, rule=decision.rule) if is_it else option


def reason_of(error: BunsuiError) -> str:
    """Return on one line why something cannot be."""
    told = error.facts.get("reason")
    return f"{error.summary}: {told}" if told else error.summary
