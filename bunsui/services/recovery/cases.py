"""What decides about a failed session: gathered from its row, the files, the definition that ran, the one that is applied."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bunsui.compile.fingerprints import NO_FINGERPRINTS, ToldFingerprints, read_fingerprints, what_changed
from bunsui.compile.foreach.kept import reads_kept_items
from bunsui.compile.policies import policies_of, read_policies, runs_alike
from bunsui.compile.structure.order import Cycle, order_of
from bunsui.errors import Missing
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.estimates.learnt_durations import with_assumed
from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.recovery import Strategy
from bunsui.model.session import FailureNote, Session, SessionStatus
from bunsui.operations.contract import OperationType
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.running.durations import KnownRuns, known_runs
from bunsui.services.running.expected_cost import foreseen_cost
from bunsui.services.session_context import SessionContext
from bunsui.sessions.checkpoints import NO_WISHES, ResumePlan, ResumeWishes
from bunsui.sessions.failures.recurrence import Recurrence, recurrence_of
from bunsui.sessions.recovery.foresight import foresee_resume, starts_pipelines, undeclared_operations
from bunsui.sessions.recovery.policies import PolicyInForce, policy_in_force
from bunsui.sessions.recovery.strategies import AppliedChange, Decision, RecoveryCase
from bunsui.sessions.shape import MachineShape, machine_shape

_SUCCESSES = 200
"""So many are looked at to find that one did what a failed one was to do."""

Outlook = tuple[tuple[str, ...], tuple[str, ...], Mapping[str, str]]
"""Jobs that are kept, those that run, and completed ones that run again with the reason."""


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """A failed session, and what would become of its jobs."""

    case: RecoveryCase
    jobs: tuple[Job, ...]
    """Of the pipeline's file; none for a raw pipeline, and one whose file is gone."""
    foresee: Callable[[ResumeWishes], ResumePlan] | None
    """Returns what a resume with these wishes would keep and run; None where there are no guards."""
    registry: Mapping[str, OperationType]
    definition: Mapping[str, Json] = field(default_factory=dict)
    """What is applied now."""
    raw: MachineShape | None = None
    """What a raw pipeline's session ran; None for one of jobs, and where nobody knows it any more."""

    @cached_property
    def starts_pipelines(self) -> bool:
        """Tell whether jobs run other pipelines."""
        return any(starts_pipelines(job, self.registry) for job in self.jobs)

    def outlook(self, decision: Decision) -> Outlook:
        """Return what is kept and what runs by a decision."""
        strategy = decision.strategy
        if self.raw is not None:
            again = dict.fromkeys(self.completed, "everything runs again")
            return ((), (), again) if strategy is Strategy.RESTART else (self.completed, (), {})
        names = tuple(job.name for job in self.jobs)
        completed = self.completed
        match strategy:
            case _ if strategy.resumes and self.foresee is not None:
                plan = self.foresee(decision.wishes)
                begun = {name: "the rule begins with it" for name in decision.wishes.begin if name in plan.outdated}
                return plan.restored, plan.to_run, {**plan.outdated, **begun}
            case Strategy.REDRIVE:
                return tuple(completed), tuple(name for name in names if name not in completed), {}
            case Strategy.RESTART:
                return (), names, dict.fromkeys(completed, "everything runs again")
            case _:
                return (), (), {}

    def side_effects(self, decision: Decision) -> tuple[str, ...]:
        """Return the operations that may run a second time, and that do not say that this does no harm."""
        _, runs, outdated = self.outlook(decision)
        begun = {self.case.failed_job, *outdated}
        if self.raw is not None:
            states = self.raw.states.values() if decision.strategy.starts else ()
            return tuple(state.name for state in states if state.type == "Task" and state.job in begun)
        begun &= {*runs}
        return undeclared_operations(self.jobs, begun, self.registry)

    def keeps_items(self, decision: Decision) -> tuple[str, ...]:
        """Return the jobs with foreach that were at work, and whose items do not run again by a decision that succeeded."""
        note = self.case.session.failure
        if not decision.strategy.resumes or note is None:
            return ()
        _, runs, _ = self.outlook(decision)
        failing = {note.place.partition("/")[0]} & {*runs} - decision.wishes.begin
        begun = [job for job in self.jobs if job.name in failing]
        return tuple(job.name for job in begun if job.foreach is not None and reads_kept_items(self.definition, job.name))

    @property
    def completed(self) -> tuple[str, ...]:
        """The jobs that were completed, as the row says."""
        note = self.case.session.failure
        return note.completed if note is not None else ()


@dataclass(frozen=True, kw_only=True)
class _Applied:
    """What is applied of a pipeline now."""

    definition: Mapping[str, Json]
    """Empty when it is not in the account."""
    told: ToldFingerprints


@dataclass(frozen=True)
class CaseReader:
    """Gathers what decides; each definition, and the runs of each pipeline, are asked for once."""

    context: SessionContext
    _definitions: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    _successes: dict[str, tuple[Session, ...]] = field(default_factory=dict)

    def prospect(self, session: Session) -> Prospect:
        """Return what decides about the session."""
        pipeline = self.context.pipelines.get(session.pipeline)
        registry = self.context.repository.registry
        if pipeline is None:
            gone = f"no file without errors says what the pipeline {session.pipeline} is"
            case = _case(session, is_raw=False, obstacle=gone)
            return Prospect(case=case, jobs=(), foresee=None, registry=registry)
        applied = self._read_applied(pipeline)
        obstacle = self._obstacle(session, pipeline, applied)
        ran = self._definition(session.version_arn)
        change = _change(ran, applied.definition)
        if pipeline.is_raw:
            recurrence, fixed = _of_raw(session.failure, change)
            case = _case(session, is_raw=True, obstacle=obstacle, change=change, recurrence=recurrence, fixed=fixed)
            return Prospect(case=case, jobs=(), foresee=None, registry=registry, raw=machine_shape(ran) if ran else None)
        told = read_fingerprints(ran) if ran else NO_FINGERPRINTS
        completed = session.failure.completed if session.failure is not None else ()

        def foresee(wishes: ResumeWishes) -> ResumePlan:
            return foresee_resume(pipeline.jobs, completed, registry, ran=told, applied=applied.told, wishes=wishes)

        fixed = self._tell_change(session, pipeline, foresee(NO_WISHES), told, applied, change)
        recurrence = _recurrence(session, fixed, told)
        case = _case(session, is_raw=False, obstacle=obstacle, change=change, recurrence=recurrence, fixed=fixed)
        case = replace(
            case,
            policy=self._policy(session, pipeline, applied),
            jobs={job.name: job for job in pipeline.jobs},
            owner=pipeline.owner,
        )
        return Prospect(case=case, jobs=pipeline.jobs, foresee=foresee, registry=registry, definition=applied.definition)

    def known_runs(self, pipeline: str) -> KnownRuns:
        """Return how long whole runs of a pipeline took."""
        return known_runs(self._find_successes(pipeline))

    def _policy(self, session: Session, pipeline: Pipeline, applied: _Applied) -> PolicyInForce:
        """Return the rules that are applied for the failure, named by their place in the files where these say the same."""
        note = session.failure
        written = policies_of(pipeline) if self.context.has_files else None
        return policy_in_force(read_policies(applied.definition), written, _job_of(note) if note is not None else "")

    def learnt_seconds(self, name: str, runs: Collection[str]) -> float | None:
        """Return how long these jobs of a pipeline take by the durations that were learnt; None where none were."""
        pipeline = self.context.pipelines.get(name)
        durations = with_assumed((job.name for job in pipeline.jobs), pipeline.durations) if pipeline is not None else {}
        if pipeline is None or not durations:
            return None
        order = order_of({job.name: job.depends_on for job in pipeline.jobs if job.name in runs}, durations=durations)
        return None if isinstance(order, Cycle) else sum(order.weights[job] for job in order.chain(order.everything)) / 1000

    def foreseen_cost(self, name: str, runs: Collection[str]) -> CostEstimate | None:
        """Return what an attempt costs that runs these jobs; None where nothing is applied."""
        pipeline = self.context.pipelines.get(name)
        applied = self._read_applied(pipeline).definition if pipeline is not None else {}
        if pipeline is None or not applied:
            return None
        return foreseen_cost(pipeline, applied, runs, repository=self.context.repository)

    def _tell_change(
        self,
        session: Session,
        pipeline: Pipeline,
        plan: ResumePlan,
        ran: ToldFingerprints,
        applied: _Applied,
        change: AppliedChange,
    ) -> str:
        """Tell what changed that may matter to the failure; empty when nothing did."""
        note = session.failure
        if note is None or (change is AppliedChange.NONE and not _runs_pipelines(note, pipeline, self.context)):
            return ""
        name = _job_of(note)
        if _runs_pipelines(note, pipeline, self.context):
            return f"{name} runs a pipeline: whether that changed is looked at when the session goes on"
        before, now = ran.jobs.get(name, ""), applied.told.jobs.get(name, "")
        if before and now and before != now:
            return f"{name}: {what_changed(before, now)}"
        for job, why in plan.outdated.items():
            return f"{job}, before it: {why}"
        if not before or not now or note.error_class == ErrorClass.MEMORY.value:
            return change.value
        return ""

    def _obstacle(self, session: Session, pipeline: Pipeline, applied: _Applied) -> str:
        if not applied.definition:
            return "the pipeline is not in the account"
        if not pipeline.enabled:
            return "the pipeline is switched off: its file says enabled: false"
        later = self._done_since(session)
        return f"what it was to do succeeded since, in {later}" if later else ""

    def _done_since(self, session: Session) -> str:
        """Return the id of a later session that did the same with success."""
        for other in self._find_successes(session.pipeline):
            same = (other.slot, other.params) == (session.slot, session.params)
            if same and other.created_at > session.created_at:
                return other.id
        return ""

    def _find_successes(self, pipeline: str) -> tuple[Session, ...]:
        if pipeline not in self._successes:
            query = SessionQuery(pipeline=pipeline, status=SessionStatus.SUCCEEDED.value, limit=_SUCCESSES)
            self._successes[pipeline] = tuple(self.context.ports.sessions.find(query))
        return self._successes[pipeline]

    def _read_applied(self, pipeline: Pipeline) -> _Applied:
        definition = self._definition(self.context.machine(pipeline.name).alias_arn)
        return _Applied(definition=definition, told=read_fingerprints(definition))

    def _definition(self, arn: str) -> Mapping[str, Json]:
        """Return the definition of a version or alias; empty when nobody knows it any more."""
        if not arn:
            return {}
        if arn not in self._definitions:
            try:
                self._definitions[arn] = self.context.ports.execution.definition(arn)
            except Missing:
                self._definitions[arn] = {}
        return self._definitions[arn]


def _case(
    session: Session,
    *,
    is_raw: bool,
    obstacle: str,
    change: AppliedChange = AppliedChange.UNKNOWN,
    recurrence: Recurrence = Recurrence.PASSING,
    fixed: str = "",
) -> RecoveryCase:
    return RecoveryCase(session=session, is_raw=is_raw, change=change, recurrence=recurrence, fixed=fixed, obstacle=obstacle)


def _change(ran: Mapping[str, Json], applied: Mapping[str, Json]) -> AppliedChange:
    if not ran or not applied:
        return AppliedChange.UNKNOWN
    return AppliedChange.NONE if runs_alike(ran, applied) else AppliedChange.SOME


def _of_raw(note: FailureNote | None, change: AppliedChange) -> tuple[Recurrence, str]:
    """Return what is known of a raw pipeline: its definition, and nothing of the code that it calls."""
    if note is None or change is AppliedChange.SOME:
        return Recurrence.PASSING, change.value if note is not None else ""
    return recurrence_of(note.error_class, has_own_code=False), ""


def _recurrence(session: Session, fixed: str, ran: ToldFingerprints) -> Recurrence:
    note = session.failure
    if note is None or fixed:
        return Recurrence.PASSING
    return recurrence_of(note.error_class, has_own_code="." in ran.jobs.get(_job_of(note), ""))


def _runs_pipelines(note: FailureNote, pipeline: Pipeline, context: SessionContext) -> bool:
    name = _job_of(note)
    found = next((job for job in pipeline.jobs if job.name == name), None)
    return found is not None and starts_pipelines(found, context.repository.registry)


def _job_of(note: FailureNote) -> str:
    """Return the job in which it failed; empty when no job was at work."""
    return note.place.partition("/")[0]
