"""Where a failure began, behind whatever passed it on.

Pure: from one execution's trace. `bunsui.sessions.explain` follows it into child executions and logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.model.failures import named
from bunsui.model.session import SessionStatus
from bunsui.sessions.failures.origins import Raised
from bunsui.sessions.functions import function_name
from bunsui.sessions.shape import MachineShape, job_of
from bunsui.sessions.trace import FailedTry, StateVisit, Trace, kept_error, parsed, text_of
from bunsui.sessions.tracebacks import payload_of

_CHILD = re.compile(r'"ExecutionArn":"(arn:[^"]+)"')
_INTEGRATION = re.compile(r"^arn:[\w-]+:states:::(?:(aws-sdk:\w+)|(\w+)):(\S+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The state in which a failure began."""

    job: str
    """Empty when no job was at work, or the history does not tell which."""
    state: str
    error: str
    cause: str
    resource: str
    visit: StateVisit | None

    raised: Raised
    """The error with what tells who raised it."""

    @property
    def child_arn(self) -> str:
        """The child execution that failed, when the state had started one; also out of a cause that was cut."""
        arn = payload_of(self.cause).get("ExecutionArn")
        cut = _CHILD.search(self.cause) if not payload_of(self.cause) and self.raised.service == "states" else None
        return arn if isinstance(arn, str) else cut[1] if cut else ""


def origin_of(shape: MachineShape, trace: Trace, *, error: str = "", cause: str = "") -> Origin:
    """Return where the failure began.

    `error` and `cause` are those of the execution, for histories that do not hold their end. Walks back from the end along the
    events' chain, through Parallel, Map and Catch, to the first state whose work really failed.
    """
    end_error = (text_of(trace.end, "error") if trace.end else "") or error or _error_of_end(trace)
    end_cause = (text_of(trace.end, "cause") if trace.end else "") or cause
    end_error, end_cause = named(end_error, end_cause)
    visit = _failing_visit(trace)
    ended = trace.end.type if trace.end is not None else ""
    if visit is None:
        raised = Raised(error=end_error, cause=end_cause, event=ended)
        return Origin(job="", state="", error=end_error, cause=end_cause, resource="", visit=None, raised=raised)
    failure = visit.failures[-1] if visit.is_failing and visit.failures and not _is_cut_short(trace) else None
    kept = _kept(trace, visit, end_cause)
    state = shape.states.get(visit.state)
    hides_job = state is not None and state.type in ("Parallel", "Map") and not state.job
    found = (failure.error, failure.cause) if failure is not None else (kept[0] or end_error, kept[1] or end_cause)
    return Origin(
        job="" if state is None or hides_job else state.job,
        state=visit.state,
        error=found[0],
        cause=found[1],
        resource=state.resource if state is not None else "",
        visit=visit,
        raised=_raised(found, visit, failure, resource=state.resource if state is not None else "", ended=ended),
    )


def _raised(found: tuple[str, str], visit: StateVisit, failure: FailedTry | None, *, resource: str, ended: str) -> Raised:
    event = failure.event if failure is not None else "FailStateEntered" if visit.type == "Fail" else ended
    service, action = (failure.service, failure.action) if failure is not None else ("", "")
    named_service, named_action = called_by(resource)
    return Raised(
        error=found[0],
        cause=found[1],
        event=event,
        service=service or named_service,
        action=action or named_action,
        state_type=visit.type,
    )


def called_by(resource: str) -> tuple[str, str]:
    """Return service and action of a Task's resource, as events name them; empty texts for what is no service."""
    if function_name(resource):
        return "lambda", "invoke"
    found = _INTEGRATION.match(resource)
    return (found[1] or found[2], found[3]) if found is not None else ("", "")


def _is_cut_short(trace: Trace) -> bool:
    """Tell that it was the end of the whole execution that ended the work."""
    return trace.status in (SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


def _error_in(words: str, state: str) -> str:
    """Return the error that the cause of `_failed`, such as `failed: gate (CheckFailed)`, names of a state's job; empty for
    any other."""
    found = re.search(rf"(?:^failed:|,) {re.escape(job_of(state))} \(([^)]*)\)", words)
    return found[1] if found else ""


def _kept(trace: Trace, visit: StateVisit, words: str) -> tuple[str, str]:
    """Return error and cause with which the failure of a state's job came into `_failed`; empty for any other state."""
    named_error = _error_in(words, visit.state)
    if not named_error:
        return "", ""
    fail = _last_failing(trace)
    entered = trace.events.get(fail.entered_id) if fail is not None else None
    data = parsed(text_of(entered, "input")) if entered is not None else None
    return kept_error(data, job_of(visit.state)) or (named_error, "")


def _error_of_end(trace: Trace) -> str:
    match trace.status:
        case SessionStatus.TIMED_OUT:
            return "States.Timeout"
        case SessionStatus.CANCELLED:
            return "Execution.Aborted"
        case _:
            return ""


def _failing_visit(trace: Trace) -> StateVisit | None:
    last = None if _is_cut_short(trace) else _last_failing(trace)
    if last is None:
        still_open = [visit for visit in trace.visits if visit.exited_at is None]
        return still_open[-1] if still_open and trace.status is not SessionStatus.FAILED else None
    if last.type != "Fail":
        return last
    return _behind_fail(trace, last) or last


def _last_failing(trace: Trace) -> StateVisit | None:
    """Return the visit that ended the execution: along the chain from its end, else the last open one that was failing."""
    for visit in _chain(trace, trace.end.previous_id if trace.end else 0):
        if visit.is_failing and (visit.failures or visit.type == "Fail"):
            return visit
    failing = [visit for visit in trace.visits if visit.is_failing and visit.exited_at is None]
    with_words = [visit for visit in failing if visit.failures or visit.type == "Fail"]
    found = with_words or failing
    return found[-1] if found else None


def _behind_fail(trace: Trace, fail: StateVisit) -> StateVisit | None:
    """Return the caught failure that led to a Fail state.

    bunsui's own `_failed` stands at the end of the whole machine and names the jobs that nobody handled. Elsewhere a Fail
    belongs to a failure only when no Choice stands between them: behind a Choice it is a decision of its own.
    """
    if fail.state.startswith("_"):
        words = text_of(trace.end, "cause") if trace.end else ""
        # No event holds the error of a Fail inside of a caught Parallel, as an isolated check is: the cause names the job.
        caught = [visit for visit in trace.visits if visit.is_caught and (visit.failures or _error_in(words, visit.state))]
        told = [visit for visit in caught if f" {job_of(visit.state)} (" in words]
        # The cause names the first failure first, whichever job was entered first.
        return min(told, key=lambda visit: words.index(f" {job_of(visit.state)} ("), default=caught[0] if caught else None)
    entered = trace.events.get(fail.entered_id)
    before = _chain(trace, entered.previous_id if entered else 0) if trace.is_chained else _earlier(trace, fail)
    for visit in before:
        if visit.is_caught and visit.failures:
            return visit
        if visit.type == "Choice":
            return None
    return None


def _chain(trace: Trace, event_id: int) -> list[StateVisit]:
    """Return the visits along the chain of events before this one, nearest first, each once."""
    found: dict[int, StateVisit] = {}
    seen: set[int] = set()
    while event_id and event_id not in seen and event_id in trace.events:
        seen.add(event_id)
        visit = trace.owners.get(event_id)
        if visit is not None:
            found.setdefault(visit.entered_id, visit)
        event_id = trace.events[event_id].previous_id
    return list(found.values())


def _earlier(trace: Trace, visit: StateVisit) -> list[StateVisit]:
    return [other for other in reversed(trace.visits) if other.entered_id < visit.entered_id]
