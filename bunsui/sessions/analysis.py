"""Where a failure began, behind whatever passed it on, and what kind of failure it is.

Pure: from one execution's trace. `bunsui.sessions.explain` follows it into child executions and logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.model.session import SessionStatus
from bunsui.sessions.shape import MachineShape, job_of
from bunsui.sessions.snapshot import ErrorClass
from bunsui.sessions.trace import FailedTry, Trace, Visit, text_of
from bunsui.sessions.tracebacks import payload_of

_RULES: tuple[tuple[ErrorClass, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (ErrorClass.CANCELLED, r"Aborted$|Cancell?ed"),
        (
            ErrorClass.THROTTLING,
            r"Throttl|TooManyRequests|RequestLimitExceeded|ThroughputExceeded|SlowDown|LimitExceededException$",
        ),
        (ErrorClass.TIMEOUT, r"^States\.(Heartbeat)?Timeout$|TimedOut|TimeoutException$|^Timeout(Error)?$"),
        (
            ErrorClass.PERMISSION,
            r"AccessDenied|^States\.Permissions$|NotAuthorized|Unauthorized|UnrecognizedClient|ExpiredToken",
        ),
        (ErrorClass.PAYLOAD, r"DataLimitExceeded|EntityTooLarge|ResponseSizeTooLarge|PayloadTooLarge|TooManyItems"),
        (
            ErrorClass.DATA,
            (
                r"^States\.(QueryEvaluationError|ParameterPathFailure|NoChoiceMatched|ResultPathMatchFailure|IntrinsicFailure"
                r"|ItemReaderFailed|ExceedToleratedFailureThreshold)|ConditionalCheckFailed|CheckFailed$|^Bunsui\."
            ),
        ),
        (
            ErrorClass.INFRASTRUCTURE,
            (
                r"^States\.(ServiceRestart|Runtime)$|ServiceException$|SdkClientException$|AWSLambdaException|InternalFailure"
                r"|InternalServer|ServiceUnavailable|^Runtime\.(ExitError|Unknown)|^Lambda\.Unknown$"
                r"|ResourceNotFoundException$|DoesNotExist|^ECS\."
            ),
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The state in which a failure began."""

    job: str
    """Empty when no job was at work, or the history does not tell which."""
    state: str
    error: str
    cause: str
    resource: str
    visit: Visit | None

    @property
    def child_arn(self) -> str:
        """The child execution that failed, when the state had started one."""
        arn = payload_of(self.cause).get("ExecutionArn")
        return arn if isinstance(arn, str) else ""


def origin_of(shape: MachineShape, trace: Trace, *, error: str = "", cause: str = "") -> Origin:
    """Give where the failure began.

    `error` and `cause` are those of the execution, for histories that do not hold their end. Walks back from the end along the
    events' chain, through Parallel, Map and Catch, to the first state whose work really failed.
    """
    end_error = (text_of(trace.end, "error") if trace.end else "") or error or _error_of_end(trace)
    end_cause = (text_of(trace.end, "cause") if trace.end else "") or cause
    visit = _failing_visit(trace)
    if visit is None:
        return Origin(job="", state="", error=end_error, cause=end_cause, resource="", visit=None)
    failure = visit.failures[-1] if visit.is_failing and visit.failures else None
    state = shape.states.get(visit.state)
    hides_job = state is not None and state.type in ("Parallel", "Map") and not state.job
    return Origin(
        job="" if state is None or hides_job else state.job,
        state=visit.state,
        error=_error(failure, end_error),
        cause=failure.cause if failure is not None else end_cause,
        resource=state.resource if state is not None else "",
        visit=visit,
    )


def classify(error: str, cause: str = "", *, status: SessionStatus | None = None) -> ErrorClass:
    """Give the class of an error by its name and, for errors that say little, by its cause."""
    if status is SessionStatus.CANCELLED:
        return ErrorClass.CANCELLED
    for kind, pattern in _RULES:
        if pattern.search(error):
            return kind
    if error in ("", "States.TaskFailed", "Unhandled"):
        if "timed out" in cause.lower():
            return ErrorClass.TIMEOUT
        if "is not authorized to perform" in cause:
            return ErrorClass.PERMISSION
    return ErrorClass.CODE


def _error(failure: FailedTry | None, end_error: str) -> str:
    return failure.error if failure is not None else end_error


def _error_of_end(trace: Trace) -> str:
    match trace.status:
        case SessionStatus.TIMED_OUT:
            return "States.Timeout"
        case SessionStatus.CANCELLED:
            return "Execution.Aborted"
        case _:
            return ""


def _failing_visit(trace: Trace) -> Visit | None:
    last = _last_failing(trace)
    if last is None:
        still_open = [visit for visit in trace.visits if visit.exited_at is None]
        return still_open[-1] if still_open and trace.status is not SessionStatus.FAILED else None
    if last.type != "Fail":
        return last
    return _behind_fail(trace, last) or last


def _last_failing(trace: Trace) -> Visit | None:
    """Give the visit that ended the execution: along the chain from its end, else the last open one that was failing."""
    for visit in _chain(trace, trace.end.previous_id if trace.end else 0):
        if visit.is_failing and (visit.failures or visit.type == "Fail"):
            return visit
    failing = [visit for visit in trace.visits if visit.is_failing and visit.exited_at is None]
    with_words = [visit for visit in failing if visit.failures or visit.type == "Fail"]
    found = with_words or failing
    return found[-1] if found else None


def _behind_fail(trace: Trace, fail: Visit) -> Visit | None:
    """Give the caught failure that led to a Fail state.

    bunsui's own `_failed` stands at the end of the whole machine and names the jobs that nobody handled. Elsewhere a Fail
    belongs to a failure only when no Choice stands between them: behind a Choice it is a decision of its own.
    """
    if fail.state.startswith("_"):
        caught = [visit for visit in trace.visits if visit.is_caught and visit.failures]
        words = text_of(trace.end, "cause") if trace.end else ""
        return next((visit for visit in caught if f"{job_of(visit.state)} (" in words), caught[0] if caught else None)
    entered = trace.events.get(fail.entered_id)
    before = _chain(trace, entered.previous_id if entered else 0) if trace.is_chained else _earlier(trace, fail)
    for visit in before:
        if visit.is_caught and visit.failures:
            return visit
        if visit.type == "Choice":
            return None
    return None


def _chain(trace: Trace, event_id: int) -> list[Visit]:
    """Give the visits along the chain of events before this one, nearest first, each once."""
    found: dict[int, Visit] = {}
    seen: set[int] = set()
    while event_id and event_id not in seen and event_id in trace.events:
        seen.add(event_id)
        visit = trace.owners.get(event_id)
        if visit is not None:
            found.setdefault(visit.entered_id, visit)
        event_id = trace.events[event_id].previous_id
    return list(found.values())


def _earlier(trace: Trace, visit: Visit) -> list[Visit]:
    return [other for other in reversed(trace.visits) if other.entered_id < visit.entered_id]
