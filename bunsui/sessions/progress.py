"""Where each job stands, from an execution's history.

A job's last own state leaves with `status.JOB` and `jobs.JOB` in its output; that is what counts. Endpoints that record nothing
inside Parallel and Map show those jobs as one step: they take the container's status and say so (`coarse`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bunsui.compile.foreach.items import ITEM_FAILED
from bunsui.model.json import Json
from bunsui.model.references import without_sensitive
from bunsui.model.session import FailedItem, HistoryEvent, JobProgress, JobStatus, MapRunCounts, SessionStatus
from bunsui.sessions.items.reading import kept_before, told_kept
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import StateVisit, Trace, kept_error, read_trace, text_of
from bunsui.sessions.tracebacks import message_of

MOST_FAILED_ITEMS = 20
"""That are told of a job; all are counted."""

DONE = frozenset({"succeeded", "recovered"})
"""The outcomes, as the machine writes them, of a job that needs not run again."""

COMPLETED = frozenset({JobStatus.SUCCEEDED, JobStatus.RESTORED})
"""Where a job stands whose outputs there are."""


def job_progress(
    shape: MachineShape,
    events: Sequence[HistoryEvent],
    *,
    order: Sequence[str] = (),
    map_runs: Mapping[str, MapRunCounts] = MappingProxyType({}),
    failed: Mapping[str, tuple[FailedItem, ...]] = MappingProxyType({}),
) -> tuple[JobProgress, ...]:
    """Return every job of the machine.

    `map_runs`, and the items of each that `failed`, are by ARN: the history itself says nothing of the items of a distributed
    foreach. `order` puts the jobs in a
    known order (that of the YAML); jobs it does not name follow in the machine's. A raw machine's top-level states count as
    jobs, in the order in which they were first entered.
    """
    trace = read_trace(events)
    names = _raw_order(shape, trace) if shape.is_raw else _ordered(shape.jobs, order)
    jobs = (_job(name, shape, trace, trace.status) for name in names)
    return tuple(_counted(job, shape, trace, map_runs, failed) for job in jobs)


def _counted(
    job: JobProgress,
    shape: MachineShape,
    trace: Trace,
    map_runs: Mapping[str, MapRunCounts],
    failed: Mapping[str, tuple[FailedItem, ...]],
) -> JobProgress:
    """Fill in the items of a distributed foreach; of how many there are only its run knows."""
    own = {state.name for state in shape.states_of(job.name)}
    runs = [visit.map_run_arn for visit in trace.visits if visit.state in own and visit.map_run_arn]
    if not runs:
        return job
    counts = map_runs.get(runs[-1])
    if counts is None:
        return replace(job, items_done=0, items_total=None)
    told = told_kept(trace.input).get(job.name)
    # Where all items start, those that are kept are counted as they end.
    beside = 0 if told is not None and told.digests else job.items_kept
    return replace(
        job,
        items_done=counts.done + beside,
        items_total=counts.total + beside,
        items_failed=counts.failed,
        failed_items=failed.get(runs[-1], ()),
    )


def restored_jobs(trace: Trace) -> frozenset[str]:
    """Return the jobs whose outputs the execution was started with."""
    resume = trace.input.get("resume") if isinstance(trace.input, Mapping) else None
    status = resume.get("status") if isinstance(resume, Mapping) else None
    return frozenset(job for job, outcome in status.items() if outcome in DONE) if isinstance(status, Mapping) else frozenset()


def shown_progress(shape: MachineShape, jobs: Sequence[JobProgress]) -> tuple[JobProgress, ...]:
    """Return the jobs as they may be shown: with the outputs hidden that their machine calls sensitive."""
    return tuple(
        replace(job, output=without_sensitive(job.output, shape.sensitive[job.name])) if job.name in shape.sensitive else job
        for job in jobs
    )


def outcome_in(output: Json, job: str) -> tuple[str, Json]:
    """Return the job's outcome and outputs as a state's output holds them; an empty outcome when it does not."""
    if not isinstance(output, Mapping):
        return "", None
    statuses, jobs = output.get("status"), output.get("jobs")
    outcome = statuses.get(job) if isinstance(statuses, Mapping) else None
    return (outcome, jobs.get(job) if isinstance(jobs, Mapping) else None) if isinstance(outcome, str) else ("", None)


def silent_container(shape: MachineShape, trace: Trace, job: str, *, ended: SessionStatus | None) -> StateVisit | None:
    """Return the Parallel or Map around the job that was entered and shows nothing of what happens inside; None when the
    history is as fine as the machine."""
    first = next(iter(shape.states_of(job)), None)
    for name in first.containers if first else ():
        visits = trace.visits_to(name)
        if not visits:
            return None
        last = visits[-1]
        inside = shape.inside(name)
        if any(visit.state in inside for visit in trace.visits) or last.has_started_inside:
            continue
        # On AWS the start of the inner work follows at once: an entry alone says nothing yet.
        went_on = last.exited_at is not None or last.tries or last.failures or ended is not None
        return last if went_on else None
    return None


def _job(name: str, shape: MachineShape, trace: Trace, ended: SessionStatus | None) -> JobProgress:
    own = frozenset(state.name for state in shape.states_of(name))
    visits = [visit for visit in trace.visits if visit.state in own]
    if visits:
        return _visited(name, shape, trace, visits, ended)
    container = silent_container(shape, trace, name, ended=ended)
    if container is not None:
        return _coarse(name, trace, container, ended)
    return JobProgress(name=name, status=JobStatus.WAITING if ended is None else JobStatus.NOT_RUN)


def _visited(
    name: str, shape: MachineShape, trace: Trace, visits: Sequence[StateVisit], ended: SessionStatus | None
) -> JobProgress:
    outcome, output, last = _raw_outcome(name, visits) if shape.is_raw else _outcome(name, visits)
    worked = any(visit.tries for visit in visits if not shape.states[visit.state].restores)
    status = _status(name, outcome, trace, visits, ended, worked=worked)
    told = _told_error(last, name)
    found = _whole_cause(told, visits) if told is not None else _error(trace, visits)
    error, cause = found if status is JobStatus.FAILED else ("", "")
    items = _items(shape, name, visits)
    tries = 0 if status is JobStatus.RESTORED else _tries(trace, visits, is_foreach=items is not None)
    failed_items = _failed_items(name, items, visits) if items is not None else ()
    before = kept_before(items, trace, told_kept(trace.input).get(name)) if items is not None else None
    kept = before.kept if before is not None else 0
    return JobProgress(
        name=name,
        status=status,
        started_at=min(visit.entered_at for visit in visits),
        stopped_at=last.exited_at if last is not None else (trace.end.at if trace.end else None),
        tries=tries,
        polls=_polls(shape, name, trace),
        items_done=kept + items.items_done if items else 0,
        items_total=before.total if before is not None else items.items_total if items else None,
        items_kept=kept,
        items_failed=len(failed_items),
        failed_items=failed_items[:MOST_FAILED_ITEMS],
        error=error,
        cause=cause,
        output=output,
        warnings=tuple(dict.fromkeys(visit.warning for visit in visits if visit.warning)),
        waits_until=_end_of_wait(shape, visits) if status is JobStatus.RUNNING else None,
    )


def _end_of_wait(shape: MachineShape, visits: Sequence[StateVisit]) -> datetime | None:
    """Return when the last of the waits ends at which the job stands, if it only waits and its machine says for how long."""
    at_work = [visit for visit in visits if visit.exited_at is None and not visit.has_started_inside]
    ends = [
        visit.entered_at + timedelta(seconds=seconds)
        for visit in at_work
        if (seconds := shape.states[visit.state].wait_seconds) is not None
    ]
    return max(ends) if ends and len(ends) == len(at_work) else None


def _tries(trace: Trace, visits: Sequence[StateVisit], *, is_foreach: bool) -> int:
    """Return how often the job's most stubborn state was tried. Where events do not name the one before them, the calls of
    items that run side by side cannot be told from retries: then a foreach says no more than that it was tried."""
    tries = max(visit.tries for visit in visits)
    return min(tries, 1) if is_foreach and not trace.is_chained else tries


def _polls(shape: MachineShape, name: str, trace: Trace) -> int:
    """Return how often the job's polling operation has asked; of several, the one that asked most. Items ask side by side:
    theirs are not counted."""
    asked: Counter[str] = Counter()
    for state in shape.states_of(name):
        if state.poll and not any(shape.states[container].type == "Map" for container in state.containers):
            asked[state.poll] += sum(visit.exited_at is not None for visit in trace.visits_to(state.name))
    return max(asked.values(), default=0)


def _outcome(name: str, visits: Sequence[StateVisit]) -> tuple[str, Json, StateVisit | None]:
    for visit in reversed(visits):
        outcome, output = outcome_in(visit.output(), name)
        if outcome:
            return outcome, output, visit
    return "", None, None


def _raw_outcome(name: str, visits: Sequence[StateVisit]) -> tuple[str, Json, StateVisit | None]:
    last = next((visit for visit in reversed(visits) if visit.state == name), None)
    if last is None or last.exited_at is None:
        return "", None, None
    return ("failed", None, last) if last.is_failing else ("succeeded", last.output(), last)


def _status(
    name: str,
    outcome: str,
    trace: Trace,
    visits: Sequence[StateVisit],
    ended: SessionStatus | None,
    *,
    worked: bool,
) -> JobStatus:
    match outcome:
        case "succeeded" | "recovered":
            return JobStatus.RESTORED if name in restored_jobs(trace) and not worked else JobStatus.SUCCEEDED
        case "skipped":
            return JobStatus.SKIPPED
        case "failed":
            return JobStatus.FAILED
        case "not_run":
            return JobStatus.NOT_RUN
        case _ if ended is None:
            return JobStatus.RUNNING
        case _ if ended is SessionStatus.SUCCEEDED:
            return JobStatus.SUCCEEDED
        case _:
            return JobStatus.FAILED if _has_failed(trace, visits, ended) else JobStatus.STOPPED


def _has_failed(trace: Trace, visits: Sequence[StateVisit], ended: SessionStatus) -> bool:
    """Tell a job that failed from one that was stopped because something else did."""
    if any(visit.is_failing for visit in visits):
        return True
    others = any(visit.is_failing for visit in trace.visits)
    at_work = visits[-1] is trace.visits[-1] or any(visit.exited_at is None for visit in visits)
    return ended is SessionStatus.FAILED and not others and at_work


def _told_error(last: StateVisit | None, name: str) -> tuple[str, str] | None:
    """Return the error that an isolated job's own last state tells; None when it tells none. The trace may not know it: a Fail
    state inside a caught Parallel leaves no event with words."""
    return kept_error(last.output(), name) if last is not None else None


def _whole_cause(told: tuple[str, str], visits: Sequence[StateVisit]) -> tuple[str, str]:
    """Return what is told with its whole cause, which the machine cuts before it hands it on."""
    causes = [failure.cause for visit in visits for failure in visit.failures if failure.error == told[0]]
    return told[0], next((cause for cause in reversed(causes) if cause.startswith(told[1])), told[1])


def _error(trace: Trace, visits: Sequence[StateVisit]) -> tuple[str, str]:
    failures = [failure for visit in visits if visit.is_failing for failure in visit.failures]
    if failures:
        return failures[-1].error, failures[-1].cause
    return (text_of(trace.end, "error"), text_of(trace.end, "cause")) if trace.end else ("", "")


def _items(shape: MachineShape, name: str, visits: Sequence[StateVisit]) -> StateVisit | None:
    """Return the last visit to the job's outermost Map."""
    own = {state.name for state in shape.states_of(name)}
    for visit in reversed(visits):
        state = shape.states[visit.state]
        if state.type == "Map" and not own.intersection(state.containers):
            return visit
    return None


def _failed_items(name: str, around: StateVisit, visits: Sequence[StateVisit]) -> tuple[FailedItem, ...]:
    """Return the items of an inline foreach that failed: those that are tolerated pass a state of their own, one that is not
    ends the Map."""
    inside = [visit for visit in visits if visit.item and visit.entered_id > around.entered_id]
    passed = [visit for visit in inside if visit.state.startswith(f"{name}.{ITEM_FAILED}")]
    ended = [visit for visit in inside if visit.is_failing and visit.exited_at is None and visit.failures]
    found = []
    for visit in (*passed, *ended):
        causes = [one.failures[-1] for one in inside if one.item == visit.item and one.is_failing and one.failures]
        error = causes[-1].error if causes else ""
        cause = causes[-1].cause if causes else ""
        found.append(FailedItem(label=visit.item, error=error, message=message_of(cause, error)))
    return tuple(found)


def _coarse(name: str, trace: Trace, container: StateVisit, ended: SessionStatus | None) -> JobProgress:
    outcome, output = outcome_in(container.output(), name)
    failures = container.failures if container.is_failing else []
    if outcome:
        status = _status(name, outcome, trace, (), ended, worked=False)
    elif name in restored_jobs(trace):
        status = JobStatus.RESTORED
    elif container.exited_at is not None:
        status = JobStatus.FAILED if container.is_failing else JobStatus.SUCCEEDED
    elif ended is None:
        status = JobStatus.RUNNING
    else:
        status = JobStatus.FAILED if ended is not SessionStatus.CANCELLED else JobStatus.STOPPED
    failed = status is JobStatus.FAILED
    error = (failures[-1].error, failures[-1].cause) if failures else _error(trace, ())
    return JobProgress(
        name=name,
        status=status,
        started_at=container.entered_at,
        stopped_at=container.exited_at or (trace.end.at if trace.end else None),
        tries=1 if status is not JobStatus.RESTORED else 0,
        error=error[0] if failed else "",
        cause=error[1] if failed else "",
        output=output,
        coarse=True,
    )


def _ordered(jobs: Sequence[str], order: Sequence[str]) -> list[str]:
    known = [name for name in order if name in jobs]
    return [*known, *(name for name in jobs if name not in known)]


def _raw_order(shape: MachineShape, trace: Trace) -> list[str]:
    top = [visit.state for visit in trace.visits if visit.state in shape.states and not shape.states[visit.state].containers]
    entered = list(dict.fromkeys(top))
    return [*entered, *(name for name in shape.jobs if name not in entered)]
