"""Plans what is done about failed sessions, from their rows alone: no history is read for one whose cause is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.recovery.cases import CaseReader, Prospect
from bunsui.services.session_context import SessionContext
from bunsui.services.session_filter import SessionFilter, fitting
from bunsui.sessions.recovery.plan import RecoveryGroup, RecoveryPart, RecoveryPlace, RecoveryPlan, RecoveryTarget
from bunsui.sessions.recovery.strategies import Decision, choose_strategy
from bunsui.sessions.rounds import DESCRIBED_AT_ONCE

LOOKS_BACK = timedelta(days=1)
"""So far back sessions are looked for where the filter does not say."""
MOST_SESSIONS = 5000
_FAILED = ("failed", "timed-out", "recovering")
"""Also those whose next attempt was claimed and did not start."""
_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """What somebody asked for."""

    wanted: SessionFilter
    asked: str
    """The filter as it was typed."""
    strategy: Strategy | None = None
    """For all of them; None: what fits each."""


def plan_recovery(context: SessionContext, request: RecoveryRequest) -> RecoveryPlan:
    """Look at the machines, and return what is to be done about the sessions that ended badly and fit the filter."""
    now = context.ports.clock.now()
    machines = context.all_machines()
    rounds = context.rounds
    done = rounds.visit(machines)
    wanted = _default(request.wanted)
    found, is_cut = fitting(context.ports.sessions, wanted, SessionQuery(limit=MOST_SESSIONS), now=now)
    shown = rounds.describe(found, {one.pipeline: one for one in machines}, DESCRIBED_AT_ONCE)
    failed = [one for one in shown if one.status in _ENDED_BADLY and not one.running]
    return RecoveryPlan(
        place=place_of(context),
        made_at=now,
        asked=request.asked,
        groups=tuple(_groups(context, failed, request.strategy)),
        is_cut=is_cut,
        unreached=tuple(visit.pipeline for visit in done.visits if not visit.is_reached),
    )


def place_of(context: SessionContext) -> RecoveryPlace:
    """Return where the sessions are."""
    scope = context.repository.scope
    return RecoveryPlace(
        project=scope.project,
        project_id=scope.project_id,
        environment=scope.environment,
        account=scope.account,
        region=scope.region,
        is_local=context.repository.is_local,
    )


def _default(wanted: SessionFilter) -> SessionFilter:
    """Return the filter for those that failed, and of the last day, where it says nothing of either."""
    is_narrow = wanted.since is not None or wanted.dates or wanted.commits or wanted.texts
    return replace(wanted, statuses=wanted.statuses or _FAILED, since=wanted.since if is_narrow else LOOKS_BACK)


def _groups(context: SessionContext, sessions: Sequence[Session], wish: Strategy | None) -> list[RecoveryGroup]:
    reader = CaseReader(context)
    now = context.ports.clock.now()
    by_cause: dict[tuple[str, str], list[Session]] = defaultdict(list)
    for session in sessions:
        by_cause[_cause(session)].append(session)
    groups = []
    for (fingerprint, _), members in by_cause.items():
        parts: dict[tuple[object, ...], RecoveryPart] = {}
        for session in members:
            prospect = reader.prospect(session)
            decision = choose_strategy(prospect.case, now=now, wish=wish)
            made = _part(reader, prospect, decision)
            key = (made.pipeline, made.strategy, made.reason, made.kept, made.runs, made.until)
            before = parts.get(key)
            parts[key] = replace(before, targets=(*before.targets, *made.targets)) if before is not None else made
        groups.append(_group(fingerprint, members, tuple(parts.values())))
    return sorted(groups, key=lambda group: (-group.count, group.fingerprint))


def _cause(session: Session) -> tuple[str, str]:
    """Return what a session is grouped by: its failure, and of one that has none how it ended."""
    return (session.failure.fingerprint, "") if session.failure is not None else ("", session.status.value)


def _group(fingerprint: str, members: Sequence[Session], parts: tuple[RecoveryPart, ...]) -> RecoveryGroup:
    newest = max(members, key=lambda session: (session.created_at, session.id))
    note, latest = newest.failure, newest.latest
    return RecoveryGroup(
        fingerprint=fingerprint,
        error_class=note.error_class if note is not None else "",
        error=note.error if note is not None else latest.error if latest is not None else "",
        message=note.message if note is not None else newest.status.value.replace("_", " "),
        place=note.place if note is not None else "",
        first_at=min(session.created_at for session in members),
        last_at=newest.created_at,
        sample=newest.id,
        parts=parts,
    )


def _part(reader: CaseReader, prospect: Prospect, decision: Decision) -> RecoveryPart:
    session, latest = prospect.case.session, prospect.case.session.latest
    strategy = decision.strategy
    kept, runs, outdated = prospect.outlook(decision)
    history = reader.known_runs(session.pipeline)
    cost = reader.foreseen_cost(session.pipeline, runs)
    return RecoveryPart(
        pipeline=session.pipeline,
        strategy=strategy,
        reason=decision.reason,
        kept=kept,
        runs=runs,
        outdated=tuple(outdated.items()),
        side_effects=prospect.side_effects(decision),
        is_certain=not prospect.starts_pipelines or not strategy.resumes,
        typical_seconds=history.typical_seconds,
        known_runs=history.count,
        learnt_seconds=reader.learnt_seconds(session.pipeline, runs),
        usd_each=cost.usd if cost is not None else None,
        uncounted=cost.uncounted if cost is not None else (),
        items=prospect.keeps_items(decision),
        targets=(
            RecoveryTarget(
                session=session.id,
                execution_arn=latest.execution_arn if latest is not None else "",
                redrive=latest.redrive if latest is not None else 0,
                taken_at=session.taken.at if session.taken is not None else None,
            ),
        ),
        rule=decision.rule,
        job=decision.job,
        output=decision.output,
        owner=decision.owner,
        note=decision.note,
        deadline_seconds=decision.deadline_seconds,
        until=decision.until,
    )
