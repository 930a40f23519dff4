"""Smoke runs: the sessions that prove what an apply deployed, and the way back where one fails.

A smoke run is due as long as the newest deployment of a pipeline was an apply that asked for one and nobody saw it succeed. It
is known by that deployment, so that whoever applies after an apply that was killed finds the same session, or starts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bunsui.apply.events import ApplyEvent, ApplyFinished, SmokeRunEnded, SmokeRunStarted, SmokeVerdict
from bunsui.apply.stop import Stop, Stopping
from bunsui.command_line import command_line
from bunsui.errors import BunsuiError
from bunsui.model.admission.concurrency import QUEUE
from bunsui.model.deployments.deployment import Deployment, DeploymentAct, version_number
from bunsui.model.deployments.smoke_run import SmokeRun, smoke_identity
from bunsui.model.session import Session, SessionStatus
from bunsui.plan.model import Plan
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.admission import Admission, carry_out
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import ApplyOperation
from bunsui.services.deployments.rollback import carry_out_move, look_before_rollback
from bunsui.services.deployments.standing import deployed_machine
from bunsui.services.run import RunRequest, prepare_intent, start_intent
from bunsui.services.session_context import SessionContext
from bunsui.services.watch import follow
from bunsui.sessions.snapshot import SessionSnapshot

Sessions: TypeAlias = Callable[[], SessionContext]
"""Opens the project's sessions; called only where a pipeline of the plan has a smoke run."""

_AGAIN = "The next apply watches it to its end, and rolls back where it fails."


def carry_out_proved(
    admission: Admission, ports: ReconcilePorts, *, sessions: Sessions, stop: Stop | None = None
) -> Iterator[ApplyEvent]:
    """Apply what was admitted, as `carry_out` does, then run the smoke runs that are due; the last event is `ApplyFinished`."""
    stop, request = stop if stop is not None else Stop(), admission.request
    events = carry_out(admission, ports, stop=stop)
    if request.operation is not ApplyOperation.APPLY:
        return events
    return SmokeTest(ports=ports, sessions=sessions, stop=stop, patience=request.patience).prove(events, admission.plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeTest:
    """What proves the deployments of a plan's pipelines."""

    ports: ReconcilePorts
    sessions: Sessions
    stop: Stop
    patience: Patience

    def prove(self, events: Iterable[ApplyEvent], plan: Plan) -> Iterator[ApplyEvent]:
        """Yield the events of an apply, and before the last one those of the smoke runs that are due then."""
        wanted = {name: facts.verify for name, facts in sorted(plan.pipelines.items()) if facts.verify is not None}
        for event in events:
            if not isinstance(event, ApplyFinished) or not wanted:
                yield event
                continue
            unproved = 0
            for told in self._runs(wanted):
                unproved += isinstance(told, SmokeRunEnded) and told.verdict is not SmokeVerdict.SUCCEEDED
                yield told
            is_stopped = event.interrupted or (bool(unproved) and self._is_stopped)
            yield replace(event, unproved=unproved, interrupted=is_stopped)

    def _runs(self, wanted: dict[str, SmokeRun]) -> Iterator[SmokeRunStarted | SmokeRunEnded]:
        context, begun = self.sessions(), list[tuple[Deployment, SmokeRun, Session]]()
        for name, run in wanted.items():
            deployment = self._newest(context, name)
            if deployment is None:
                continue
            try:
                session, is_earlier = self._find_or_start(context, deployment, run)
            except BunsuiError as error:
                yield _not_started(deployment, error)
                continue
            if session is None:
                yield _unseen(deployment, "", "the apply was stopped before it started")
            elif not (is_earlier and session.standing is SessionStatus.SUCCEEDED):
                yield SmokeRunStarted(
                    pipeline=name,
                    version=deployment.version,
                    session=session.id,
                    within_seconds=run.within_seconds,
                    is_earlier=is_earlier,
                )
                begun.append((deployment, run, session))
        for deployment, run, session in begun:
            yield self._outcome(context, deployment, run, session)

    def _newest(self, context: SessionContext, pipeline: str) -> Deployment | None:
        """Return the deployment that a smoke run is to prove; None for none, and for one whose session may be forgotten."""
        found = next(iter(self.ports.ledger.deployed.deployments(pipeline, limit=1)), None)
        if found is None or not found.verifies or found.act is not DeploymentAct.APPLIED:
            return None
        kept = context.repository.project.environment.retention_seconds
        is_forgotten = kept is not None and self.ports.clock.now() - found.at >= timedelta(seconds=kept)
        is_held = pipeline in self.ports.ledger.deployed.interventions().holds
        return None if is_forgotten or is_held else found

    def _find_or_start(self, context: SessionContext, deployment: Deployment, run: SmokeRun) -> tuple[Session | None, bool]:
        """Return the session that proves the deployment, started unless it was before; None where nothing may start now."""
        request = RunRequest(pipeline=deployment.pipeline, values=run.params)
        intent = replace(prepare_intent(context, request), identity=smoke_identity(deployment.id))
        if intent.concurrency is not None:  # an apply stops nobody's run
            intent = replace(intent, concurrency=replace(intent.concurrency, policy=QUEUE))
        name = intent.new_session("", at=intent.slot).intent
        known = context.ports.sessions.intended([name]).get(name)
        found = context.ports.sessions.get(known) if known is not None else None
        if found is not None and found.attempts:
            return found, True
        return (None, False) if self._is_stopped else (start_intent(context, intent), False)

    def _outcome(self, context: SessionContext, deployment: Deployment, run: SmokeRun, session: Session) -> SmokeRunEnded:
        began = session.attempts[0].started_at if session.attempts else session.created_at
        deadline = began + timedelta(seconds=run.within_seconds)
        try:
            seen = self._watch(context, session, deadline)
        except BunsuiError as error:
            return _unseen(deployment, session.id, error.summary)
        ended = SmokeRunEnded(
            pipeline=deployment.pipeline,
            version=deployment.version,
            session=session.id,
            verdict=_verdict(seen, deadline),
            seconds=max(0.0, (_end(seen) - began).total_seconds()),
        )
        ran = seen.session.version_arn
        if ran and ran != deployment.version_arn:
            return _unseen(deployment, session.id, f"it runs version {version_number(ran)}: somebody deployed meanwhile")
        match ended.verdict:
            case SmokeVerdict.SUCCEEDED:
                return ended
            case SmokeVerdict.UNSEEN:
                return _unseen(deployment, session.id, "the apply was stopped while it ran")
            case _:
                return self._roll_back(deployment, replace(ended, cause=_cause(seen, run)))

    def _watch(self, context: SessionContext, session: Session, deadline: datetime) -> SessionSnapshot:
        snapshots = follow(context, session)
        seen = next(snapshots)
        while not seen.session.standing.is_final and seen.taken_at < deadline and not self._is_stopped:
            seen = next(snapshots)
        return seen

    def _roll_back(self, deployment: Deployment, ended: SmokeRunEnded) -> SmokeRunEnded:
        """Lead the pipeline back to where it was before the apply, and tell so, or why not."""
        reason = f"the smoke run {ended.session} of version {deployment.version} {_WORDS[ended.verdict]}"
        show = command_line("show", ended.session)
        try:
            machine = deployed_machine(self.ports, deployment.pipeline)
            if machine.current != deployment.version_arn:
                return replace(ended, not_rolled_back="somebody deployed another version meanwhile", hint=f"See why:\n  {show}")
            move = look_before_rollback(self.ports, deployment.pipeline)
            carry_out_move(self.ports, move, reason=reason, patience=self.patience)
        except BunsuiError as error:
            return replace(ended, not_rolled_back=error.summary, hint=f"See why it did not succeed:\n  {show}\n{error.hint}")
        end = command_line("rollback", deployment.pipeline, "--release", "--reason", "TEXT")
        all_the_same = f"to run version {deployment.version} all the same:\n  {end}"
        hint = f"See why:\n  {show}\nThe apply of the fix ends the hold; {all_the_same}"
        return replace(ended, rolled_back_to=version_number(move.to_arn), hint=hint)

    @property
    def _is_stopped(self) -> bool:
        return self.stop.urgency is not Stopping.NO


_WORDS = {SmokeVerdict.FAILED: "failed", SmokeVerdict.TOO_LATE: "did not end in time"}


def _end(seen: SessionSnapshot) -> datetime:
    latest = seen.session.latest
    return latest.stopped_at if latest is not None and latest.stopped_at is not None else seen.taken_at


def _verdict(seen: SessionSnapshot, deadline: datetime) -> SmokeVerdict:
    if not seen.session.standing.is_final:
        return SmokeVerdict.TOO_LATE if seen.taken_at >= deadline else SmokeVerdict.UNSEEN
    if seen.session.standing is not SessionStatus.SUCCEEDED:
        return SmokeVerdict.FAILED
    return SmokeVerdict.SUCCEEDED if _end(seen) <= deadline else SmokeVerdict.TOO_LATE


def _cause(seen: SessionSnapshot, run: SmokeRun) -> str:
    if not seen.session.standing.is_final:
        return f"it has not ended within {run.within_seconds} seconds, and goes on"
    if seen.session.standing is SessionStatus.SUCCEEDED:
        return f"it succeeded, and not within {run.within_seconds} seconds"
    failure = seen.failure
    if failure is None:
        return f"the session {seen.session.standing.value}"
    what = f"{failure.error}: {failure.message}" if failure.message else failure.error
    return f"{failure.job}: {what}" if failure.job else what


def _not_started(deployment: Deployment, error: BunsuiError) -> SmokeRunEnded:
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items() if value is not None)
    return SmokeRunEnded(
        pipeline=deployment.pipeline,
        version=deployment.version,
        session="",
        verdict=SmokeVerdict.NOT_STARTED,
        cause=f"{error.summary} ({facts})" if facts else error.summary,
        not_rolled_back="it did not run, so nothing is known of the version",
        hint=f"{error.hint}\nThe next apply starts it.".strip(),
    )


def _unseen(deployment: Deployment, session: str, why: str) -> SmokeRunEnded:
    return SmokeRunEnded(
        pipeline=deployment.pipeline,
        version=deployment.version,
        session=session,
        verdict=SmokeVerdict.UNSEEN,
        cause=why,
        not_rolled_back="nobody saw how it ends",
        hint=_AGAIN if session else "The next apply starts it.",
    )
