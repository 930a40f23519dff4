"""Continues a session that ended badly: completed jobs are restored by the compiled guards, the others run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

from bunsui.command_line import command_line
from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.policies import runs_alike
from bunsui.compile.restoring import restore_places
from bunsui.compile.start_limits import read_concurrency
from bunsui.errors import InvalidInput, Missing, Unavailable
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import Strategy
from bunsui.model.session import Checkpoint, FailureNote, HistoryEvent, Session, SessionStatus
from bunsui.project.unknown_names import unknown_name
from bunsui.services.run import not_applied
from bunsui.services.session_context import SessionContext
from bunsui.services.stored_outputs import check_fits, put_stored, stored_outputs
from bunsui.sessions.applied import differing_jobs
from bunsui.sessions.checkpoints import (
    NO_WISHES,
    AttemptHistory,
    ResumePlan,
    ResumeWishes,
    checkpoints,
    item_history,
    plan_resume,
)
from bunsui.sessions.failures.recurrence import Recurrence, recurrence_of
from bunsui.sessions.items.runs import ItemRuns
from bunsui.sessions.manager import SEEN_TIME
from bunsui.sessions.payload import LARGEST_INPUT, input_bytes, json_bytes
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.recovery.nested import AppliedPipeline, ChildReader, ChildResume, every_child, resumed_machines
from bunsui.sessions.recovery.stored import CarriedResume, ResumedMachine, carry_resume
from bunsui.sessions.snapshot import PolicyAdvice
from bunsui.sessions.starts.starting import still_running

ITEMS_ROOM = LARGEST_INPUT - 16 * 1024
"""Bytes of an input up to which results of items stand in it; the rest is for what differs when it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionEstimate:
    """What it takes to go on."""

    seconds: float | None
    """How long the jobs take together that run; None where nobody knows it of one of them."""
    is_learnt: bool
    """True where that is by the durations that were learnt, since not all of these jobs were measured."""
    cost: CostEstimate | None
    """At most, by the definition; None where Step Functions does not know that any more."""


@dataclass(frozen=True, kw_only=True)
class Resumption:
    """A session that goes on."""

    session: Session
    plan: ResumePlan
    checkpoints: Mapping[str, Checkpoint]
    """The completed jobs, by name."""
    is_unchanged: bool = False
    """True when nothing was applied since the last attempt: the same definition, and so the same code, runs again."""
    repeats: FailureNote | None = None
    """The failure, when nothing that the failed job does changed since, so that it will probably come again."""
    recurrence: Recurrence = Recurrence.PASSING
    """How sure that is."""
    children: tuple[ChildResume, ...] = ()
    """What pipelines that jobs run keep, where they are given the same parameters as before."""
    unapplied: tuple[str, ...] = ()
    """Jobs that the files say differently from what is applied; what is applied runs. `""` stands for what is between jobs."""

    strategy: Strategy = Strategy.RESUME
    """How it goes on."""
    advice: PolicyAdvice | None = None
    """What the pipeline's policy says of it; None for nothing."""
    definition: Mapping[str, Json] = field(default_factory=dict)
    """What is applied, which runs."""
    durations: Mapping[str, TypicalDuration] = field(default_factory=dict)
    """How long the jobs that run take, by name; none where nobody asked."""
    estimate: ResumptionEstimate | None = None
    """None where nobody asked."""

    def with_session(self, session: Session) -> Resumption:
        """Return it with the session as it stands after the start."""
        return replace(self, session=session)

    @property
    def descendants(self) -> tuple[ChildResume, ...]:
        """The children with their own; jobs of a child are named PARENT/JOB."""
        return tuple(every_child(self.children))

    @property
    def payload(self) -> Mapping[str, Json]:
        """The `resume` of the execution's input, with everything in it."""
        if not self.children:
            return self.plan.payload
        return {**self.plan.payload, "children": {child.state: child.payload for child in self.children}}

    @cached_property
    def carried(self) -> CarriedResume:
        """The `resume` as it is sent: large outputs are objects in the bucket, where the machine can load them."""
        around = input_bytes(self.session, len(self.session.attempts) + 1)
        machines = (ResumedMachine(definition=self.definition), *resumed_machines(self.children))
        return carry_resume(self.payload, machines, around=around, session=self.session.id)


def plan_resumption(context: SessionContext, session: Session, wishes: ResumeWishes = NO_WISHES) -> Resumption:
    """Return what resuming the session would restore and run; nothing is started.

    Raises:
        InvalidInput: the session did not fail, its pipeline has no guards, or a wish names a job that it cannot be about.
        NotFound: the pipeline is not in the account any more.

    """
    session = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    check_resumable(session)
    pipeline = _guarded_pipeline(context.pipeline(session.pipeline), session)
    histories = tuple(_histories(context, session))
    done = {**checkpoints(histories), **_given_checkpoints(context, session, wishes)}
    applied = _applied_definition(context, pipeline)
    items = item_history(histories, applied)
    _check_wishes(wishes, pipeline, done, items.found)
    wishes = replace(wishes, keep=wishes.keep | wishes.given.keys())
    before = histories[-1].definition if histories else {}
    unapplied = _unapplied_jobs(context, pipeline.name, applied)
    reader = ItemRuns(
        execution=context.ports.execution,
        map_runs=context.ports.map_runs,
        lists=context.ports.lists,
        on_reading=context.on_reading,
    )
    children = _child_reader(context, reader)
    failing = session.failure.place.partition("/")[0] if session.failure is not None else ""
    compared = [job for job in pipeline.jobs if job.name in done or job.name == failing or job.name in items.found]
    changed = children.changed_children(compared, histories)
    plan = plan_resume(
        pipeline.jobs,
        done,
        context.repository.registry,
        applied=read_fingerprints(applied),
        wishes=wishes,
        nested=changed,
        items=items,
        # Nobody can tell from today's files what an older definition reads: then it gets everything.
        carry_all=bool(unapplied),
    )
    plan = plan.with_items(reader.complete(plan.items))
    _check_kept_items(wishes, plan, done)
    again = [job for job in pipeline.jobs if job.name in plan.to_run and job.name not in wishes.begin]
    nested = children.resumable_children(again, histories)
    recurrence = _recurrence(session.failure, plan, before, applied) if failing not in changed else Recurrence.PASSING
    planned = Resumption(
        session=session,
        plan=plan,
        checkpoints=done,
        is_unchanged=bool(before) and runs_alike(before, applied),
        repeats=session.failure if recurrence is not Recurrence.PASSING else None,
        recurrence=recurrence,
        unapplied=unapplied,
        children=nested,
        definition=applied,
    )
    return fit_items(planned)


def fit_items(planned: Resumption) -> Resumption:
    """Let all items run of as many jobs as it takes until the input holds the results of the others: of the largest first,
    those of child pipelines at last."""
    why = f"what they gave does not fit into the {LARGEST_INPUT // 1024} KiB of an execution's input beside what else is kept"
    if not restore_places(planned.definition):
        why += "; large outputs of other jobs would leave it where the environment has a bucket (bucket: managed)"
    around = input_bytes(planned.session, len(planned.session.attempts) + 1)
    while around + json_bytes(planned.carried.payload) > ITEMS_ROOM:
        kept = {name: item for name, item in planned.plan.items.items() if item.kept}
        if not kept:
            return replace(planned, children=tuple(child.without_items(why) for child in planned.children))
        largest = max(kept, key=lambda name: kept[name].size)
        items = {**planned.plan.items, largest: kept[largest].without_kept(why)}
        planned = replace(planned, plan=planned.plan.with_items(items))
    return planned


def _recurrence(
    note: FailureNote | None, plan: ResumePlan, before: Mapping[str, Json], applied: Mapping[str, Json]
) -> Recurrence:
    """Return whether the failure comes again: it does while the job that failed, and all before it, do the same as then."""
    job = note.place.partition("/")[0] if note is not None else ""
    if note is None or job not in plan.to_run or plan.outdated:
        return Recurrence.PASSING
    then, now = (read_fingerprints(definition).jobs.get(job, "") for definition in (before, applied))
    if then != now or not (now or runs_alike(before, applied)):
        return Recurrence.PASSING
    return recurrence_of(note.error_class, has_own_code="." in now)


def completed_jobs(context: SessionContext, session: Session) -> Mapping[str, Checkpoint]:
    """Return the jobs that the session's attempts completed, by name."""
    return checkpoints(_histories(context, session))


def resume_session(context: SessionContext, session: Session, wishes: ResumeWishes = NO_WISHES) -> Resumption:
    """Start the session's next attempt on the newest applied version, so with the fixed definition and code."""
    return carry_out(context, plan_resumption(context, session, wishes))


def carry_out(context: SessionContext, planned: Resumption) -> Resumption:
    """Start what was planned."""
    pipeline = context.pipeline(planned.session.pipeline)
    if context.repository.is_local:
        refuse_what_cannot_run_locally(
            pipeline, context.repository.registry, context.pipelines, allowed=context.repository.allowed_locally
        )
    machine = context.machine(pipeline.name)
    carried = planned.carried
    check_fits(planned.session, carried, planned.definition)
    try:
        put_stored(context, carried)
        resumed = context.manager.resume(
            planned.session,
            machine,
            carried.payload,
            actor=context.ports.caller_arn,
            commit=context.repository.commit,
            concurrency=read_concurrency(planned.definition),
        )
    except Missing as error:
        raise not_applied(pipeline.name, machine.arn) from error
    return replace(planned, session=resumed)


def _given_checkpoints(context: SessionContext, session: Session, wishes: ResumeWishes) -> dict[str, Checkpoint]:
    """Return the jobs whose outputs a person gives, as if they had completed now."""
    now, attempt = context.ports.clock.now(), len(session.attempts) + 1
    return {
        name: Checkpoint(job=name, outcome=Outcome.SUCCEEDED, outputs=outputs, at=now, attempt=attempt)
        for name, outputs in wishes.given.items()
    }


def _check_wishes(wishes: ResumeWishes, pipeline: Pipeline, done: Mapping[str, Checkpoint], items: Container[str]) -> None:
    """Refuse a wish for a job that is not there, or to keep one that has nothing to keep; `items` are the jobs some of whose
    items succeeded."""
    names = [job.name for job in pipeline.jobs]
    for name in sorted(wishes.keep | wishes.begin | wishes.given.keys()):
        if name not in names:
            see = command_line("graph", pipeline.name)
            raise unknown_name("unknown-job", "the pipeline has no such job", what="job", name=name, known=names, see=see)
    for name in sorted(wishes.keep):
        checkpoint = done.get(name)
        if checkpoint is None and name in items:
            continue
        if checkpoint is None or checkpoint.outcome is not Outcome.SUCCEEDED:
            raise _nothing_to_keep(name)
        if set(checkpoint.outputs) != set(pipeline.job(name).outputs):
            raise InvalidInput(
                "cannot-keep",
                "the job declares other outputs now than those that it gave, so what it gave does not fit",
                hint="Leave out --keep for this job: it runs again.",
                job=name,
            )
    kept = wishes.keep | wishes.given.keys()
    if kept & wishes.begin:
        both = ", ".join(sorted(kept & wishes.begin))
        raise InvalidInput("keep-and-from", "a job cannot be kept and run again", hint="Name it once.", jobs=both)


def _check_kept_items(wishes: ResumeWishes, plan: ResumePlan, done: Mapping[str, Checkpoint]) -> None:
    """Refuse to keep a job that did not complete and none of whose items succeeded in executions of their own."""
    for name in sorted(wishes.keep):
        if name not in done and name not in plan.items:
            raise _nothing_to_keep(name)


def _nothing_to_keep(job: str) -> InvalidInput:
    return InvalidInput(
        "nothing-to-keep",
        "the job did not complete in this session, so there is nothing of it to keep",
        hint="Leave out --keep for this job.",
        job=job,
    )


def _not_seen_yet(session: Session) -> Unavailable:
    """Return the error for a history without which nobody knows what is done, and which is about to show."""
    return Unavailable(
        "history-not-seen-yet",
        "Step Functions does not show the session's last execution yet, so nobody knows which jobs are done",
        hint=f"Resume it in a minute:\n  {command_line('resume', session.id)}",
        session=session.id,
    )


def _applied_definition(context: SessionContext, pipeline: Pipeline) -> Mapping[str, Json]:
    """Return the definition that a resume would run."""
    machine = context.machine(pipeline.name)
    try:
        return context.applied_definition(machine)
    except Missing as error:
        raise not_applied(pipeline.name, machine.arn) from error


def _unapplied_jobs(context: SessionContext, pipeline: str, applied: Mapping[str, Json]) -> tuple[str, ...]:
    compiled = context.compiled(pipeline)
    return differing_jobs(compiled, applied) if compiled is not None else ()


def _child_reader(context: SessionContext, items: ItemRuns) -> ChildReader:
    """Return what reads the executions of pipelines that this project's pipelines start."""
    sessions, execution = context.ports.sessions, context.ports.execution

    @cache
    def find_applied(name: str) -> AppliedPipeline | None:
        pipeline = context.pipelines.get(name)
        if pipeline is None or pipeline.is_raw:
            return None
        try:
            definition = execution.definition(context.machine(name).alias_arn)
        except Missing:
            return None
        return AppliedPipeline(
            pipeline=pipeline, definition=definition, carry_all=bool(_unapplied_jobs(context, name, definition))
        )

    def executions_of(arn: str) -> Sequence[str]:
        known = sessions.known([arn]).get(arn)
        row = sessions.get(known.session_id) if known is not None else None
        return list(dict.fromkeys(attempt.execution_arn for attempt in row.attempts)) if row is not None else [arn]

    return ChildReader(
        execution=execution,
        registry=context.repository.registry,
        applied=lambda arn: find_applied(context.pipeline_of(arn)),
        executions_of=executions_of,
        items=items,
        stored=partial(stored_outputs, context),
    )


def check_resumable(session: Session) -> None:
    """Refuse a session that succeeded, and one that runs."""
    if session.status is SessionStatus.SUCCEEDED:
        raise InvalidInput(
            "nothing-to-resume",
            "the session succeeded: there is nothing to resume",
            hint=f"Run the pipeline again:\n  {command_line('run', session.pipeline)}",
            session=session.id,
        )
    if not session.status.is_final or session.running:
        raise still_running(session)


def _guarded_pipeline(pipeline: Pipeline, session: Session) -> Pipeline:
    if pipeline.is_raw:
        ways = (command_line("resume", session.id, "--strategy", one.value) for one in (Strategy.REDRIVE, Strategy.RESTART))
        raise InvalidInput(
            "raw-not-resumable",
            "a raw pipeline has no guards before its states, so that nothing in it can be skipped",
            hint="Go on where it failed, as defined then, or start over as applied now:\n  " + "\n  ".join(ways),
            pipeline=pipeline.name,
        )
    return pipeline


def _histories(context: SessionContext, session: Session) -> Iterator[AttemptHistory]:
    """Return the executions' histories, oldest first, each with all its redrives. One that Step Functions forgot is empty,
    and ends what came before it."""
    execution = context.ports.execution
    for attempt in {attempt.execution_arn: attempt for attempt in session.attempts}.values():
        definition: Mapping[str, Json] = {}
        events: tuple[HistoryEvent, ...] = ()
        try:
            definition = execution.definition(attempt.execution_arn)
            events = tuple(execution.history(attempt.execution_arn))
        except Missing as error:
            if context.ports.clock.now() - attempt.started_at <= SEEN_TIME:
                raise _not_seen_yet(session) from error
        stored = stored_outputs(context, definition, events)
        yield AttemptHistory(number=attempt.number, definition=definition, events=events, stored=stored)
