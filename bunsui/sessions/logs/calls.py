"""What a history says of the work that was called outside of Step Functions: which function under which request id, which task
of ECS, which child execution.

Step Functions keeps a service's answer whole, whatever the state makes of it. `lambda:invoke` answers with the id of the
invocation (`SdkResponseMetadata.RequestId`), an exception names it in its cause, and so does Lambda's message of a function
that ran into its own timeout or whose process ended. Of a function that runs, that Step Functions gave up, or that a state
calls by its bare ARN, no event names it.
Sources: developer guide of Step Functions, "Invoke Lambda", "Manage Amazon ECS"; recordings of AWS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.sessions.functions import function_name
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import StateVisit, Trace, parsed, text_of

_BARE = "LambdaFunction"
_SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled")
_ANSWERS = frozenset({"TaskSucceeded", "TaskFailed", "LambdaFunctionSucceeded", "LambdaFunctionFailed"})
_GIVEN_UP = frozenset({"TaskTimedOut", "LambdaFunctionTimedOut"})
_NOT_CALLED = frozenset({"TaskStartFailed", "TaskSubmitFailed", "LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed"})
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_IN_MESSAGE = re.compile(rf"RequestId: ({_UUID})\b|\b({_UUID}) Task timed out|\b({_UUID}) Process exited")
_REFUSED = re.compile(r"\(Service: (?:AWS)?Lambda")
"""In the cause of a call that Lambda's API refused: nothing was invoked, and the id in it is that of the request."""


class CallKind(Enum):
    """What was called, as far as it has a log of its own."""

    FUNCTION = "function"
    CONTAINERS = "containers"
    EXECUTION = "execution"


@dataclass(slots=True, kw_only=True)
class TaskCall:
    """One call of a Task state. Filled while the history is read, then left alone."""

    job: str
    state: str
    item: str
    kind: CallKind
    target: str
    """The function's name or ARN; empty for other kinds."""
    started_at: datetime
    ended_at: datetime | None = None
    is_answered: bool = False
    """True when the service told how the work ended: then nothing of it is still at work."""
    was_refused: bool = False
    """True when the service took no work up."""
    request_id: str = ""
    """Of the invocation; empty when no event names it."""
    task_arn: str = ""
    definition_arn: str = ""
    containers: Mapping[str, str] = field(default_factory=dict)
    """Name of a container -> the id that its host gave it; empty where that is not known."""
    child_arn: str = ""

    @property
    def function(self) -> str:
        """The function's name; empty for other kinds."""
        return function_name(self.target)


def calls_of(shape: MachineShape, trace: Trace) -> tuple[TaskCall, ...]:
    """Return the calls in the order in which they were made; of retries each one."""
    reader = _CallReader(shape, trace)
    for number in sorted(trace.events):
        reader.take(trace.events[number])
    return tuple(reader.calls)


def map_runs_of(shape: MachineShape, trace: Trace) -> tuple[tuple[str, str], ...]:
    """Return the runs of distributed Maps as pairs of job and ARN: their items called in histories of their own."""
    return tuple(
        (shape.states[visit.state].job if visit.state in shape.states else "", visit.map_run_arn)
        for visit in trace.visits
        if visit.map_run_arn
    )


class _CallReader:
    """Reads events one by one and remembers which call each belongs to."""

    def __init__(self, shape: MachineShape, trace: Trace) -> None:
        self.calls: list[TaskCall] = []
        self._shape = shape
        self._trace = trace
        self._by_event: dict[int, TaskCall] = {}
        self._by_visit: dict[int, TaskCall] = {}

    def take(self, event: HistoryEvent) -> None:
        visit = self._trace.owners.get(event.id)
        if event.type in _SCHEDULED:
            call = self._call(event, visit)
            if call is None:
                return
            self.calls.append(call)
        elif event.type.startswith(("Task", _BARE)) and not event.type.startswith("TaskState"):
            call = self._by_event.get(event.previous_id)
            if call is None and visit is not None and not self._trace.is_chained:
                call = self._by_visit.get(visit.entered_id)
            if call is None:
                return
            _note(call, event)
        else:
            return
        self._by_event[event.id] = call
        if visit is not None:
            self._by_visit[visit.entered_id] = call

    def _call(self, event: HistoryEvent, visit: StateVisit | None) -> TaskCall | None:
        state = self._shape.states.get(visit.state) if visit is not None else None
        kind, target = _called_function(event, state.resource if state is not None else "")
        if kind is None or visit is None:
            return None
        return TaskCall(
            job=state.job if state is not None else "",
            state=visit.state,
            item=visit.item,
            kind=kind,
            target=target,
            started_at=event.at,
            ended_at=self._trace.end.at if self._trace.end is not None else None,
        )


def _called_function(event: HistoryEvent, resource: str) -> tuple[CallKind | None, str]:
    if event.type == "LambdaFunctionScheduled":
        return CallKind.FUNCTION, text_of(event, "resource") or resource
    action = text_of(event, "resource")
    match text_of(event, "resourceType"):
        case "lambda" | "aws-sdk:lambda":
            named = _mapping(parsed(text_of(event, "parameters"))).get("FunctionName")
            kind = CallKind.FUNCTION if action.startswith("invoke") else None
            return kind, named if isinstance(named, str) else resource
        case "ecs" if action.startswith("runTask"):
            return CallKind.CONTAINERS, ""
        case "states" if action.startswith("startExecution"):
            return CallKind.EXECUTION, ""
        case _:
            return None, ""


def _note(call: TaskCall, event: HistoryEvent) -> None:
    if event.type in ("TaskStarted", "LambdaFunctionStarted"):
        call.started_at = event.at
    elif event.type in _NOT_CALLED:
        call.ended_at, call.is_answered, call.was_refused = event.at, True, True
    elif event.type in _GIVEN_UP:
        call.ended_at = event.at
    elif event.type in _ANSWERS:
        call.ended_at, call.is_answered = event.at, True
    if event.type in ("TaskSubmitted", "TaskSucceeded"):
        _note_answer(call, _mapping(parsed(text_of(event, "output"))))
    elif event.type in ("TaskFailed", "LambdaFunctionFailed"):
        _note_failure(call, text_of(event, "cause"))


def _note_answer(call: TaskCall, answer: Mapping[str, Json]) -> None:
    match call.kind:
        case CallKind.FUNCTION:
            metadata = _mapping(answer.get("SdkResponseMetadata"))
            call.request_id = _text(metadata.get("RequestId")) or call.request_id
        case CallKind.EXECUTION:
            call.child_arn = _text(answer.get("ExecutionArn")) or call.child_arn
        case CallKind.CONTAINERS:
            tasks = answer.get("Tasks")
            _note_task(call, _mapping(tasks[0]) if isinstance(tasks, list) and tasks else answer)


def _note_failure(call: TaskCall, cause: str) -> None:
    told = _mapping(parsed(cause))
    match call.kind:
        case CallKind.FUNCTION:
            call.was_refused = not told and _REFUSED.search(cause) is not None
            call.request_id = "" if call.was_refused else request_id_in(cause)
        case CallKind.EXECUTION:
            call.child_arn = _text(told.get("ExecutionArn")) or call.child_arn
        case CallKind.CONTAINERS:
            _note_task(call, told)


def request_id_in(cause: str) -> str:
    """Return the id of the invocation that a function's error names; empty when it names none."""
    told = _mapping(parsed(cause))
    found = _IN_MESSAGE.search(_text(told.get("errorMessage")) or cause)
    return _text(told.get("requestId")) or (next(filter(None, found.groups()), "") if found else "")


def _note_task(call: TaskCall, task: Mapping[str, Json]) -> None:
    call.task_arn = _text(task.get("TaskArn")) or call.task_arn
    call.definition_arn = _text(task.get("TaskDefinitionArn")) or call.definition_arn
    containers = task.get("Containers")
    if isinstance(containers, list):
        told = [_mapping(container) for container in containers]
        call.containers = {_text(one.get("Name")): _text(one.get("RuntimeId")) for one in told if _text(one.get("Name"))}


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
