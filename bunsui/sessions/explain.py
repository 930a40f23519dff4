"""Why an attempt failed: followed into child executions, and into the log of the function that failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.errors import CloudError
from bunsui.model.failures import ErrorClass
from bunsui.model.session import Attempt, FailureNote, SessionStatus
from bunsui.ports.execution import Execution, ExecutionClient, MapRunReader
from bunsui.ports.monitoring import ContainerLogs, LogReader
from bunsui.sessions.analysis import Origin, origin_of
from bunsui.sessions.authored import Authored, in_authors_words
from bunsui.sessions.failures import timeouts
from bunsui.sessions.failures.advice import advice_of
from bunsui.sessions.failures.classes import FailureVerdict, judge
from bunsui.sessions.failures.fingerprint import failure_fingerprint
from bunsui.sessions.failures.origins import Raised
from bunsui.sessions.logs.called_work import WorkReader
from bunsui.sessions.logs.failed_task import FailedTaskLog
from bunsui.sessions.logs.task_logs import TaskLogReader
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.snapshot import SessionFailure
from bunsui.sessions.trace import Trace, read_trace
from bunsui.sessions.tracebacks import stack_of

DEEPEST_CHILD = 5
"""How many child executions are followed, each started by the one before."""

_MOST_CHILDREN = 100
"""How many failed items are looked at to find the first."""

LONGEST_NOTE = 300
"""Characters of a message that a row keeps."""

_NOTHING_LOGGED = (ErrorClass.CANCELLED, ErrorClass.THROTTLING, ErrorClass.PERMISSION, ErrorClass.DATA)
"""Of failures of these classes no log of a task tells more."""


def machine_name_of(execution_arn: str) -> str:
    """Return the name of the machine that an execution ran."""
    parts = execution_arn.split(":")
    return parts[6].partition("/")[0] if len(parts) > 6 else ""


HintsOf = Callable[[Origin, str], Mapping[str, str]]
"""(where a failure began, the ARN of its machine) -> the hints of that operation, by error name."""


def no_hints(_origin: Origin, _machine_arn: str) -> Mapping[str, str]:
    """Return none."""
    return {}


def explain(
    attempt: Attempt,
    trace: Trace,
    shape: MachineShape,
    *,
    execution: ExecutionClient,
    logs: LogReader,
    map_runs: MapRunReader | None = None,
    containers: ContainerLogs | None = None,
    hints: HintsOf = no_hints,
    authored: Authored | None = None,
    pipeline_of: Callable[[str], str] = machine_name_of,
) -> SessionFailure | None:
    """Return why the attempt failed; None while it runs and when it succeeded.

    `authored` are the pipeline's expressions by job, `pipeline_of` names the pipeline of an execution's ARN. Nothing outside
    that is missing or forbidden makes this fail: what can be known is told.
    """
    if not attempt.status.is_final or attempt.status is SessionStatus.SUCCEEDED:
        return None
    cause = root_cause(attempt, trace, shape, execution=execution, map_runs=map_runs)
    found, verdict = cause.found, cause.verdict
    failure = _failure(cause, pipeline_of)
    message = failure.message if cause.is_followed else in_authors_words(failure.message, failure.job, authored or {})
    hint = advice_of(
        verdict,
        hints(found.origin, found.execution_arn),
        error=found.origin.error,
        again="run it again" if shape.is_raw else "resume: completed jobs are kept",
        is_pipeline_timeout=_is_pipeline_timeout(found.origin),
    )
    failure = replace(failure, hint=hint, message=message)
    if (failure.traceback and failure.job) or failure.error_class in _NOTHING_LOGGED:
        return failure
    work = WorkReader(execution, map_runs)
    return _with_log(failure, found, FailedTaskLog(TaskLogReader(logs, containers), work, until=attempt.stopped_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """Where a failure began, and of what kind it is."""

    first: Origin
    """In the attempt's own execution."""
    found: FollowedFailure
    verdict: FailureVerdict

    @property
    def is_followed(self) -> bool:
        """True when it began in a child execution."""
        return self.found.origin is not self.first

    @property
    def place(self) -> str:
        """Return the job, with that of a child pipeline behind a slash."""
        inner = self.found.origin.job if self.is_followed and self.found.child_arn and not self.found.item else ""
        return "/".join(filter(None, (self.first.job, inner)))


def root_cause(
    attempt: Attempt,
    trace: Trace,
    shape: MachineShape,
    *,
    execution: ExecutionClient,
    map_runs: MapRunReader | None = None,
) -> RootCause:
    """Return where the failure of an attempt began, followed into child executions; no log is read."""
    first = origin_of(shape, trace, error=attempt.error, cause=attempt.cause)
    start = FollowedFailure(origin=first, shape=shape, trace=trace, execution_arn=attempt.execution_arn)
    found = _followed(start, execution, map_runs)
    return RootCause(first=first, found=found, verdict=judge(_raised(found.origin, attempt if found is start else None)))


def note_failure(cause: RootCause, completed: Sequence[str]) -> FailureNote:
    """Return what a row keeps of a failure; `completed` are the jobs that were done by then."""
    verdict = cause.verdict
    message = _message(cause.found, verdict, "").strip().partition("\n")[0][:LONGEST_NOTE]
    return FailureNote(
        fingerprint=failure_fingerprint(
            place=cause.place, error_class=verdict.error_class.value, error=verdict.error, message=message
        ),
        error_class=verdict.error_class.value,
        error=verdict.error,
        message=message,
        place=cause.place,
        completed=tuple(completed),
    )


def _raised(origin: Origin, attempt: Attempt | None) -> Raised:
    """Return the error as it was raised; what the attempt's status says stands in for events that are not there."""
    ends = {SessionStatus.CANCELLED: "ExecutionAborted", SessionStatus.TIMED_OUT: "ExecutionTimedOut"}
    if attempt is None or attempt.status not in ends:
        return origin.raised
    return replace(origin.raised, event=ends[attempt.status])


def _is_pipeline_timeout(origin: Origin) -> bool:
    return origin.raised.event == "ExecutionTimedOut"


def _failure(cause: RootCause, pipeline_of: Callable[[str], str]) -> SessionFailure:
    first, found, verdict = cause.first, cause.found, cause.verdict
    last = found.origin
    is_child = bool(found.child_arn) and last is not first
    child = pipeline_of(found.child_arn) if is_child and not found.item else ""
    stack = stack_of(last.cause)
    return SessionFailure(
        error=verdict.error,
        cause=last.cause,
        message=_message(found, verdict, child),
        error_class=verdict.error_class,
        raised_by=verdict.raiser,
        job=first.job,
        state=first.state,
        resource=last.resource,
        child_arn=found.child_arn,
        child_pipeline=child,
        child_job=last.job if child else "",
        item=found.item or (first.visit.item if first.visit is not None else ""),
        traceback=stack,
        traceback_from="the error" if stack else "",
    )


def _message(found: FollowedFailure, verdict: FailureVerdict, child: str) -> str:
    origin = found.origin
    if _is_pipeline_timeout(origin):
        return timeouts.of_pipeline(found.shape, found.trace, pipeline=child)
    if origin.raised.event.endswith("TimedOut") and origin.visit is not None and not origin.cause:
        return timeouts.of_state(found.shape, origin.visit, is_heartbeat="Heartbeat" in origin.error)
    return verdict.message


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedFailure:
    """Where a failure really began."""

    origin: Origin
    shape: MachineShape
    """Of the machine in which it began."""
    trace: Trace
    execution_arn: str
    child_arn: str = ""
    item: str = ""
    """The label of the item of a distributed foreach."""


def _followed(found: FollowedFailure, execution: ExecutionClient, map_runs: MapRunReader | None) -> FollowedFailure:
    """Follow the failure into the child executions that it came from."""
    for _ in range(DEEPEST_CHILD):
        try:
            child = found.origin.child_arn or _failed_item(found.origin, map_runs)
        except CloudError:
            return found
        if not child or child == found.child_arn:
            return found
        try:
            described = execution.describe(child)
            child_shape = machine_shape(execution.definition(child))
            trace = read_trace(execution.history(child))
        except CloudError:
            return replace(found, child_arn=child)  # the parent's own words are what is left
        found = FollowedFailure(
            origin=origin_of(child_shape, trace, error=described.error, cause=described.cause),
            shape=child_shape,
            trace=trace,
            execution_arn=child,
            child_arn=child,
            item=found.item or ("" if found.origin.child_arn else item_label(described)),
        )
    return found


def _failed_item(origin: Origin, map_runs: MapRunReader | None) -> str:
    """Return the child execution of the first item that failed, where a distributed Map failed because of its items."""
    run = origin.visit.map_run_arn if origin.visit is not None else ""
    if not run or map_runs is None:
        return ""
    children = map_runs.failed_children(run, limit=_MOST_CHILDREN)
    return children[0].arn if children else ""


def item_label(item: Execution) -> str:
    """Return the label of an item, or its execution's name where it was given none."""
    label = item.input.get("label") if isinstance(item.input, Mapping) else None
    return label if isinstance(label, str) and label else item.name


def _with_log(failure: SessionFailure, found: FollowedFailure, reader: FailedTaskLog) -> SessionFailure:
    """Return the failure with what the task that failed logged of it: its traceback, else its last lines."""
    told = reader.read(found.origin, found.shape, found.trace, execution_arn=found.execution_arn, message=failure.message)
    if told is None:
        return failure
    job = failure.job or told.job
    if told.traceback and failure.traceback:
        return replace(failure, job=job) if told.traceback[-1] == failure.traceback[-1] else failure
    if told.traceback:
        return replace(failure, traceback=told.traceback, traceback_from=told.group, job=job)
    return replace(failure, last_lines=told.last_lines, last_lines_from=told.group, job=job)
