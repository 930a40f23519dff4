"""Why an attempt failed, followed into child executions and into the log of the function that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Attempt, SessionStatus
from bunsui.model.values import Json
from bunsui.operations.contract import OperationType
from bunsui.ports.execution import ExecutionClient, MapRunReader
from bunsui.ports.monitoring import LogReader
from bunsui.sessions.analysis import Origin, classify, origin_of
from bunsui.sessions.functions import functions_of, log_group_of
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.snapshot import ErrorClass, Failure
from bunsui.sessions.trace import Trace, read_trace
from bunsui.sessions.tracebacks import error_of, logged_traceback, message_of, stack_of

DEEPEST_CHILD = 5
"""How many child executions are followed, each started by the one before."""

_MOST_CHILDREN = 100
"""How many failed items are looked at to find the first."""

_MARGIN = timedelta(seconds=5)
"""Logs may carry times that are a little off the history's."""

HINTS: Mapping[ErrorClass, str] = {
    # `{again}` stands for how to go on: a raw machine starts over.
    ErrorClass.THROTTLING: "The service asked to slow down: retry with a delay, or lower max_concurrency.",
    ErrorClass.TIMEOUT: "The work took longer than its timeout: look at its log, then raise the timeout or split the work.",
    ErrorClass.PERMISSION: "The role may not do this: `bunsui render --iam` prints what the pipeline's role is allowed.",
    ErrorClass.PAYLOAD: "Step Functions carries at most 256 KiB between states: write the data to S3 and return its address.",
    ErrorClass.DATA: "The data was not what the pipeline expects: look at the job's input and at the expression named above.",
    ErrorClass.CODE: "Fix the code, run `bunsui apply`, then {again}.",
    ErrorClass.INFRASTRUCTURE: "The service failed, not the pipeline: {again}.",
    ErrorClass.CANCELLED: "Somebody stopped it; to go on, {again}.",
}

OWN_HINTS: Mapping[str, str] = {
    "Bunsui.PollTimedOut": "What was waited for did not come: see the last answer above, and whoever gives it; then raise "
    "`poll.timeout`, or {again}.",
    "Bunsui.PollFailed": "The service said that it failed (`fail_if`): see its answer above and its own log; then {again}.",
    "Bunsui.TooManyItems": "Raise the job's `max_items` where so many are right, and run `bunsui apply`; then {again}.",
    "Bunsui.ItemsFailed": "The items named above failed: see their errors in the job's log; then {again}.",
    "States.ExceedToleratedFailureThreshold": "More items failed than `tolerate` allows: see the failed executions of the map "
    "run; then {again}.",
    "States.ItemReaderFailed": "The object that holds the items could not be read: is it there, and in the `format` that the "
    "foreach says? Then {again}.",
}
"""By the names of errors that bunsui's own states raise, or that no operation raises."""


def explain(
    attempt: Attempt,
    trace: Trace,
    shape: MachineShape,
    *,
    execution: ExecutionClient,
    logs: LogReader,
    map_runs: MapRunReader | None = None,
    hints: Mapping[str, str] | None = None,
) -> Failure | None:
    """Give why the attempt failed; None while it runs and when it succeeded.

    `hints` are those of the pipeline's operation types, by error name. Nothing outside that is missing or forbidden makes this
    fail: what can be known is told.
    """
    if attempt.status in (SessionStatus.PENDING, SessionStatus.RUNNING, SessionStatus.SUCCEEDED, SessionStatus.RECOVERING):
        return None
    first = origin_of(shape, trace, error=attempt.error, cause=attempt.cause)
    found = _followed(first, shape, execution, map_runs)
    failure = _failure(first, found, status=attempt.status)
    failure = replace(failure, hint=_hint(found.origin.error, failure, hints or {}, is_raw=shape.is_raw))
    if failure.error_class is not ErrorClass.CODE or (failure.traceback and failure.job):
        return failure
    return _with_logged_traceback(failure, found.origin, found.shape, trace, attempt, logs)


def hints_of(pipeline: Pipeline, registry: Mapping[str, OperationType]) -> dict[str, str]:
    """Give the hints of all operation types that the pipeline uses, by error name."""
    types = dict.fromkeys(operation.type for job in pipeline.jobs for operation in job.operations)
    return {error: hint for name in types if name in registry for error, hint in registry[name].hints.items()}


def _hint(error: str, failure: Failure, hints: Mapping[str, str], *, is_raw: bool) -> str:
    again = "run it again" if is_raw else "resume: completed jobs are kept"
    own = hints.get(error) or hints.get(failure.error)
    return own or (OWN_HINTS.get(error) or HINTS[failure.error_class]).format(again=again)


def _failure(first: Origin, found: _Followed, *, status: SessionStatus) -> Failure:
    last = found.origin
    error = error_of(last.cause, last.error)
    kind = classify(last.error, last.cause, status=status)
    if kind is ErrorClass.CODE:
        kind = classify(error, last.cause)
    return Failure(
        error=error,
        cause=last.cause,
        message=message_of(last.cause, error),
        error_class=kind,
        job=first.job,
        state=first.state,
        resource=last.resource,
        child_arn=found.child_arn,
        item=found.item,
        traceback=stack_of(last.cause),
        traceback_from="the error" if stack_of(last.cause) else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Followed:
    """Where a failure really began."""

    origin: Origin
    shape: MachineShape
    """Of the machine in which it began."""
    child_arn: str = ""
    item: str = ""
    """The label of the item of a distributed foreach."""


def _followed(first: Origin, shape: MachineShape, execution: ExecutionClient, map_runs: MapRunReader | None) -> _Followed:
    """Follow the failure into the child executions that it came from."""
    found = _Followed(origin=first, shape=shape)
    for _ in range(DEEPEST_CHILD):
        try:
            child = found.origin.child_arn or _failed_item(found.origin, map_runs)
        except CloudError:
            break
        if not child or child == found.child_arn:
            break
        try:
            described = execution.describe(child)
            child_shape = machine_shape(execution.definition(child))
            trace = read_trace(execution.history(child))
        except CloudError:
            return replace(found, child_arn=child)  # the parent's own words are what is left
        found = _Followed(
            origin=origin_of(child_shape, trace, error=described.error, cause=described.cause),
            shape=child_shape,
            child_arn=child,
            item=found.item or ("" if found.origin.child_arn else _label(described.input)),
        )
    return found


def _failed_item(origin: Origin, map_runs: MapRunReader | None) -> str:
    """Give the child execution of the first item that failed, where a distributed Map failed because of its items."""
    run = origin.visit.map_run_arn if origin.visit is not None else ""
    if not run or map_runs is None:
        return ""
    children = map_runs.failed_children(run, limit=_MOST_CHILDREN)
    return children[0].arn if children else ""


def _label(payload: Json) -> str:
    label = payload.get("label") if isinstance(payload, Mapping) else None
    return label if isinstance(label, str) else ""


def _with_logged_traceback(
    failure: Failure, origin: Origin, shape: MachineShape, trace: Trace, attempt: Attempt, logs: LogReader
) -> Failure:
    """Look for the traceback in the log of the function that failed, or of every function that may have been it: that one is
    then known too."""
    start, stop = _window(origin, trace, attempt)
    for job, group in _suspects(origin, shape):
        try:
            lines = logs.lines(group, start=start - _MARGIN, end=stop + _MARGIN)
        except CloudError:
            continue
        found = logged_traceback([line.message for line in lines], failure.message)
        if found and failure.traceback:
            return replace(failure, job=job) if found[-1] == failure.traceback[-1] else failure
        if found:
            return replace(failure, traceback=found, traceback_from=group, job=failure.job or job)
    return failure


def _suspects(origin: Origin, shape: MachineShape) -> Iterable[tuple[str, str]]:
    group = log_group_of(origin.resource)
    if group:
        return [(origin.job, group)]
    inside = shape.inside(origin.state)
    return [(function.job, function.log_group) for function in functions_of(shape) if function.state in inside]


def _window(origin: Origin, trace: Trace, attempt: Attempt) -> tuple[datetime, datetime]:
    start = origin.visit.entered_at if origin.visit is not None else attempt.started_at
    stop = trace.end.at if trace.end is not None else attempt.stopped_at
    return start, max(stop or start, start)
