"""Calls of a job's operations, try by try, from the history of an execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, JobStatus
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import TRIES, FailedTry, StateVisit, Trace, parsed, text_of
from bunsui.sessions.tracebacks import error_of, message_of, payload_of

ANSWERED = ("TaskSucceeded", "LambdaFunctionSucceeded", "ActivitySucceeded")
"""With one of these a try has its answer."""
_METADATA = ("SdkHttpMetadata", "SdkResponseMetadata")
"""Of the call and not of the work: headers, ids of requests."""
_WORK = frozenset({"Task", "Wait", "Fail"})
"""Types of states that do what an operation says; others of a job only lead to them, and are told when they fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTry:
    """One try of an operation."""

    started_at: datetime
    stopped_at: datetime | None
    """None while it is at work."""
    error: str = ""
    """The function's own error behind what the integration made of it; empty for a try that did not fail."""
    message: str = ""
    """The line of the cause that says why."""
    cause: str = ""
    """The cause's whole text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRun:
    """One time that an operation of a job ran: several for the items of a foreach, and for one that polls."""

    state: str
    item: str = ""
    """The label of the item of a foreach; empty outside of one."""
    status: JobStatus
    calls: str = ""
    """Service and action, such as `lambda:invoke`; empty for what calls nothing."""
    target: str = ""
    """The function, machine or activity that it names; empty where it names none."""
    started_at: datetime
    stopped_at: datetime | None = None
    input: Json = None
    """What it was called with, its expressions resolved; None where nothing was called."""
    output: Json = None
    """What it was answered; None without an answer."""
    tries: tuple[OperationTry, ...] = ()
    child_arn: str = ""
    """The child execution that it started."""


def operation_runs(shape: MachineShape, trace: Trace, job: str) -> tuple[OperationRun, ...]:
    """Return the runs of a job's operations, in the order in which they began; `job` empty: of all states, for an execution of
    an item, which runs a part of its machine."""
    own: dict[int, list[HistoryEvent]] = {}
    for number in sorted(trace.events):
        owner = trace.owners.get(number)
        if owner is not None:
            own.setdefault(owner.entered_id, []).append(trace.events[number])
    return tuple(
        _run(visit, own.get(visit.entered_id, ()), trace)
        for visit in trace.visits
        if _belongs(visit, shape, job) and (visit.type in _WORK or visit.failures)
    )


def _belongs(visit: StateVisit, shape: MachineShape, job: str) -> bool:
    state = shape.states.get(visit.state)
    return not job or (state is not None and state.job == job)


def _run(visit: StateVisit, events: Sequence[HistoryEvent], trace: Trace) -> OperationRun:
    reader = _RunReader(visit)
    for event in events:
        reader.take(event)
    ended_at = trace.end.at if trace.end is not None else None
    return OperationRun(
        state=visit.state,
        item=visit.item,
        status=_status(visit, is_over=trace.end is not None),
        calls=reader.calls,
        target=reader.target,
        started_at=visit.entered_at,
        stopped_at=visit.exited_at or ended_at,
        input=reader.given,
        output=reader.answer,
        tries=tuple(reader.tries_until(ended_at)),
        child_arn=reader.child_arn,
    )


def _status(visit: StateVisit, *, is_over: bool) -> JobStatus:
    if visit.is_failing and (visit.exited_at is not None or is_over):
        return JobStatus.FAILED
    if visit.exited_at is not None:
        return JobStatus.SUCCEEDED
    return JobStatus.STOPPED if is_over else JobStatus.RUNNING


@dataclass(slots=True)
class _RunReader:
    """Reads the events of one visit."""

    visit: StateVisit
    calls: str = ""
    target: str = ""
    given: Json = None
    answer: Json = None
    child_arn: str = ""
    _tries: list[OperationTry] = field(default_factory=list)
    _is_open: bool = False

    def take(self, event: HistoryEvent) -> None:
        if event.type in TRIES:
            self._begin(event)
        elif event.type == "TaskSubmitted":
            self._note_child(parsed(text_of(event, "output")))
        elif event.type in ANSWERED:
            told = parsed(text_of(event, "output"))
            self._note_child(told)
            self.answer = result_in(told)
            self._end(event)
        elif (failure := next((one for one in self.visit.failures if one.event_id == event.id), None)) is not None:
            self._note_child(parsed(failure.cause))
            self._fail(failure)

    def tries_until(self, ended_at: datetime | None) -> list[OperationTry]:
        """Return the tries; one that the end of the execution cut short ends there."""
        if self._is_open and ended_at is not None:
            return [*self._tries[:-1], replace(self._tries[-1], stopped_at=ended_at)]
        return self._tries

    def _begin(self, event: HistoryEvent) -> None:
        self._tries.append(OperationTry(started_at=event.at, stopped_at=None))
        self._is_open = True
        if event.type == "TaskScheduled":
            self.calls = f"{text_of(event, 'resourceType')}:{text_of(event, 'resource')}"
            self.target, self.given = call_in(parsed(text_of(event, "parameters")))
            return
        self.calls = "lambda:invoke" if event.type.startswith("Lambda") else "activity"
        self.target, self.given = text_of(event, "resource"), parsed(text_of(event, "input"))

    def _end(self, event: HistoryEvent) -> None:
        if self._is_open:
            self._tries[-1] = replace(self._tries[-1], stopped_at=event.at)
            self._is_open = False

    def _fail(self, failure: FailedTry) -> None:
        error, message = _words_of(failure)
        if not self._tries:  # it failed before anything was called, as its arguments were made
            self._tries.append(OperationTry(started_at=self.visit.entered_at, stopped_at=failure.at))
        last = self._tries[-1]
        self._tries[-1] = replace(
            last, stopped_at=failure.at if self._is_open else last.stopped_at, error=error, message=message, cause=failure.cause
        )
        self._is_open = False

    def _note_child(self, told: Json) -> None:
        arn = told.get("ExecutionArn") if isinstance(told, Mapping) else None
        if isinstance(arn, str) and self.calls.startswith("states:startExecution"):
            self.child_arn = arn


def _words_of(failure: FailedTry) -> tuple[str, str]:
    """Return the error's name and what happened, behind what the integration made of them; of a child execution its own."""
    child = payload_of(failure.cause)
    error, cause = failure.error, failure.cause
    if isinstance(child.get("ExecutionArn"), str):
        own, why = child.get("Error"), child.get("Cause")
        error = own if isinstance(own, str) and own else error
        cause = why if isinstance(why, str) and why else cause
    error = error_of(cause, error)
    return error, message_of(cause, error)


def call_in(parameters: Json) -> tuple[str, Json]:
    """Return what a call names as its target, and what it hands over: the payload alone where there is nothing else to say."""
    if not isinstance(parameters, Mapping):
        return "", parameters
    for name, payload in (("FunctionName", "Payload"), ("StateMachineArn", "Input")):
        target = parameters.get(name)
        if isinstance(target, str):
            rest = {key: value for key, value in parameters.items() if key not in (name, payload)}
            return target, parameters.get(payload) if not rest else {payload: parameters.get(payload), **rest}
    return "", parameters


def result_in(answer: Json) -> Json:
    """Return what the work gave, without what is told of the call."""
    if not isinstance(answer, Mapping):
        return answer
    if "Payload" in answer and "ExecutedVersion" in answer:
        return answer["Payload"]
    if "ExecutionArn" in answer and "Output" in answer:
        return answer["Output"]
    return {name: value for name, value in answer.items() if name not in _METADATA}
