"""One job of a session, with the calls of its operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.command_line import command_line
from bunsui.errors import CloudError, InvalidInput, Missing
from bunsui.model.references import HIDDEN, hide_values, is_reference, scalars
from bunsui.model.session import HistoryEvent, JobProgress, Session
from bunsui.project.unknown_names import unknown_name
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.operation_runs import OperationRun, OperationTry, operation_runs
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.history.sensitive import hidden_values
from bunsui.sessions.progress import job_progress, shown_progress
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import Trace, parsed, read_trace, text_of

MOST_RUNS = 20
"""Runs of operations that are told of a job without `--full`: those that failed first, then the newest."""
_MOST_ITEMS = 5
"""Failed items of a distributed foreach whose histories are read."""
_SEARCHED_ITEMS = 100
"""Items of a distributed foreach among which one is looked for by its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTurn:
    """How the job stands in one execution."""

    execution: int
    """From 1, the session's first."""
    progress: JobProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRuns:
    """One job of a session, with what its operations did."""

    job: str
    turns: tuple[JobTurn, ...]
    """In each execution of which the history is known, oldest first."""
    execution: int
    """The number of the execution whose runs these are: the last in which the job did something."""
    runs: tuple[OperationRun, ...]
    """In the order in which they began."""
    left_out: int = 0
    """How many runs there are beside these."""
    forgotten: tuple[int, ...] = ()
    """Executions that Step Functions does not know any more."""
    is_apart: bool = False
    """True when items ran in executions of their own: of these only some failed ones, or the one asked for, are read."""

    @property
    def shown(self) -> JobTurn | None:
        """The job in that execution; None when no history is known."""
        return next((turn for turn in self.turns if turn.execution == self.execution), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunsQuery:
    """What is asked of a job."""

    job: str
    """Of a pipeline that a job runs PARENT/JOB."""
    item: str = ""
    """Only this item of its foreach, by label."""
    execution: int | None = None
    """Only in this one, from 1."""
    limit: int | None = MOST_RUNS
    """How many runs at most; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    number: int
    shape: MachineShape
    trace: Trace
    jobs: Mapping[str, JobProgress]


def job_runs(context: SessionContext, session: Session, query: JobRunsQuery, reader: HistoryReader | None = None) -> JobRuns:
    """Return what the job's operations did; `reader` knows what was read before.

    What is sensitive is hidden wherever it stands: values of sensitive parameters and outputs, and in a job with sensitive
    outputs whatever its operations were answered.

    Raises:
        NotFound: no execution has such a job.
        InvalidInput: there is no execution of that number.

    """
    reader = reader or HistoryReader(context.ports.execution)
    arns = list(dict.fromkeys(attempt.execution_arn for attempt in session.attempts))
    if query.execution is not None and not 1 <= query.execution <= len(arns):
        raise no_such_execution(session, query.execution, len(arns))
    reads, forgotten = _read_all(reader, arns)
    whole = reads
    *above, name = query.job.split("/")
    for parent in above:
        reads = list(_children(reads, parent, reader))
    jobs = dict.fromkeys(name for one in reads for name in one.jobs)
    if name not in jobs and (jobs or above or not arns):
        see = command_line("show", session.id)
        raise unknown_name("unknown-job", "the session has no such job", what="job", name=query.job, known=jobs, see=see)
    chosen, runs, is_apart = _runs(context, reads, replace(query, job=name), reader)
    runs = tuple(run for run in runs if not query.item or run.item == query.item)
    hidden = frozenset(_hidden_values(context, session, [*whole, *(reads if above else ())]))
    is_closed = any(one.shape.sensitive.get(name) for one in reads)
    kept = _chosen_runs(runs, query.limit)
    turns = tuple(_turn(one, name, hidden) for one in reads if name in one.jobs)
    return JobRuns(
        job=query.job,
        turns=turns,
        execution=chosen,
        runs=tuple(_hide_in_closed(kept, hidden) if is_closed else (_without_sensitive(run, hidden) for run in kept)),
        left_out=len(runs) - len(kept),
        forgotten=tuple(forgotten),
        is_apart=is_apart,
    )


def no_such_execution(session: Session, asked: int, executions: int) -> InvalidInput:
    """Return the error for a number that no execution of the session has."""
    return InvalidInput(
        "no-such-execution",
        "the session has no execution of that number",
        hint="They count from 1; see them:\n  " + command_line("show", session.id),
        asked=asked,
        executions=executions,
    )


def _read_all(reader: HistoryReader, arns: Sequence[str]) -> tuple[list[_Read], list[int]]:
    found: list[_Read] = []
    forgotten: list[int] = []
    for number, arn in enumerate(arns, 1):
        try:
            shape, events = reader.shape(arn), reader.events(arn)
        except Missing:
            forgotten.append(number)
            continue
        progress = {job.name: job for job in job_progress(shape, events)}
        found.append(_Read(number=number, shape=shape, trace=read_trace(events), jobs=progress))
    return found, forgotten


def _children(reads: Sequence[_Read], parent: str, reader: HistoryReader) -> Iterator[_Read]:
    """Return, for each execution in which the job started another, the latest that it started."""
    for one in reads:
        arns = [run.child_arn for run in operation_runs(one.shape, one.trace, parent) if run.child_arn]
        found, _ = _read_all(reader, arns[-1:])
        yield from (replace(child, number=one.number) for child in found)


def _runs(
    context: SessionContext, reads: Sequence[_Read], query: JobRunsQuery, reader: HistoryReader
) -> tuple[int, Sequence[OperationRun], bool]:
    """Return the execution that was asked for, or the last in which the job did something, with its runs, and whether items ran
    apart."""
    for one in reversed(reads):
        if query.execution not in (None, one.number):
            continue
        own = operation_runs(one.shape, one.trace, query.job)
        apart = [
            visit.map_run_arn
            for visit in one.trace.visits
            if visit.map_run_arn and visit.state in {state.name for state in one.shape.states_of(query.job)}
        ]
        if own or apart or query.execution is not None:
            items = [run for arn in apart for run in _apart(context, arn, query, reader)]
            return one.number, sorted([*own, *items], key=lambda run: run.started_at), bool(apart)
    return (reads[-1].number if reads else 0), (), False


def _apart(context: SessionContext, map_run_arn: str, query: JobRunsQuery, reader: HistoryReader) -> Iterator[OperationRun]:
    """Return the runs in executions of items: of the first that failed, or of the item that is asked for."""
    map_runs = context.ports.map_runs
    if map_runs is None:
        return
    try:
        if query.item:
            children = map_runs.children(map_run_arn, limit=_SEARCHED_ITEMS)
        else:
            children = map_runs.failed_children(map_run_arn, limit=_MOST_ITEMS)
        for child in children:
            events = reader.events(child.arn)
            label = label_of(events) or child.name
            if query.item in ("", label):
                trace = read_trace(events)
                yield from (replace(run, item=label) for run in operation_runs(reader.shape(child.arn), trace, ""))
    except CloudError:
        return  # forgotten or forbidden: the job is told without its items


def label_of(events: Sequence[HistoryEvent]) -> str:
    """Return the label of the item that an execution of a distributed Map works on; empty where it has none."""
    given = parsed(text_of(events[0], "input")) if events else None
    label = given.get("label") if isinstance(given, Mapping) else None
    return label if isinstance(label, str) else ""


def _chosen_runs(runs: Sequence[OperationRun], limit: int | None) -> Sequence[OperationRun]:
    if limit is None or len(runs) <= limit:
        return runs
    ranked = sorted(range(len(runs)), key=lambda place: (not any(one.error for one in runs[place].tries), -place))
    return [runs[place] for place in sorted(ranked[:limit])]


def _turn(one: _Read, job: str, hidden: frozenset[str | int | float]) -> JobTurn:
    shown = shown_progress(one.shape, [one.jobs[job]])[0]
    cause = str(hide_values(shown.cause, hidden))
    return JobTurn(execution=one.number, progress=replace(shown, output=hide_values(shown.output, hidden), cause=cause))


def sensitive_values(context: SessionContext, session: Session) -> Iterator[str | int | float]:
    """Return the values of the session's sensitive parameters that are no references."""
    for name in context.machine(session.pipeline).sensitive & session.params.keys():
        yield from (one for one in scalars(session.params[name]) if not (isinstance(one, str) and is_reference(one)))


def _hidden_values(context: SessionContext, session: Session, reads: Sequence[_Read]) -> Iterator[str | int | float]:
    """Return what is hidden wherever it stands: values of sensitive parameters that are no references, of sensitive outputs,
    and the longer texts of which these were made."""
    yield from sensitive_values(context, session)
    for one in reads:
        yield from hidden_values(one.shape, one.trace, one.jobs)


def _hide_in_closed(runs: Sequence[OperationRun], hidden: frozenset[str | int | float]) -> Iterator[OperationRun]:
    """Return the runs of a job with sensitive outputs: nobody can tell of which part of an answer these were made, so that
    answers are hidden, and what later operations were given."""
    has_answer = False
    for run in runs:
        shown = _without_sensitive(run, hidden)
        given = HIDDEN if has_answer and run.input is not None else shown.input
        yield replace(shown, input=given, output=HIDDEN if run.output is not None else None)
        has_answer = has_answer or run.output is not None


def _without_sensitive(run: OperationRun, hidden: frozenset[str | int | float]) -> OperationRun:
    return replace(
        run,
        input=hide_values(run.input, hidden),
        output=hide_values(run.output, hidden),
        tries=tuple(_hidden_try(one, hidden) for one in run.tries),
    )


def _hidden_try(one: OperationTry, hidden: frozenset[str | int | float]) -> OperationTry:
    return replace(one, message=str(hide_values(one.message, hidden)), cause=str(hide_values(one.cause, hidden)))
