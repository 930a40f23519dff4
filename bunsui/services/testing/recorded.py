"""Makes tests out of sessions that ran: what went in, what each task answered, what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.errors import InvalidInput, Missing
from bunsui.model.durations import format_duration
from bunsui.model.json import Json
from bunsui.model.pipeline_test import Expectation, PipelineTest
from bunsui.model.references import scalars
from bunsui.model.session import HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.session_rows import SessionQuery, SessionRepository
from bunsui.services.testing.machine_under_test import MachineUnderTest
from bunsui.services.testing.pipeline_tests import run_test
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import StateVisit, Trace, parsed, read_trace, text_of, with_end
from bunsui.testing.redaction import redact_value, without
from bunsui.testing.verdict import Verdict, VerdictProblem

_STATUSES: Mapping[SessionStatus, str] = {
    SessionStatus.SUCCEEDED: "succeeded",
    SessionStatus.FAILED: "failed",
    SessionStatus.TIMED_OUT: "timed_out",
}
_SESSION_FIELDS = ("attempt", "slot", "date", "scheduled_at")
"""What a test keeps of the session; who started it is nobody's business."""
_PASSING = frozenset({"stackTrace", "trace", "requestId"})
"""Fields of a function's error that say where and when, not what."""
ITEMS_APART = "items-apart"
"""The code of the refusal to record a session whose items ran in executions of their own."""
_WRAPPED = ("Payload", "Output")
"""Where services put the result into their answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One answer of a task."""

    state: str
    item: tuple[int, ...]
    answer: Mapping[str, Json]


def record(machine: MachineUnderTest, session: Session, execution: ExecutionClient) -> PipelineTest:
    """Return a test of the session's last attempt, as it was: nothing redacted yet.

    Raises:
        InvalidInput: the session goes on, was stopped, or Step Functions has forgotten it; or its items ran apart.

    """
    attempt = session.latest
    if attempt is None or session.status not in _STATUSES:
        raise InvalidInput(
            "not-recordable",
            "only a session that succeeded, failed or timed out can be recorded",
            hint="Choose another one:\n  bunsui sessions",
            session=session.id,
            status=session.status.value,
        )
    try:
        events = with_end(execution.history(attempt.execution_arn), attempt)
        definition = execution.definition(attempt.execution_arn)
    except Missing as error:
        raise InvalidInput(
            "history-gone",
            "Step Functions no longer has the session's history",
            hint="It keeps histories for 90 days; choose a later session.",
            session=session.id,
        ) from error
    if any(visit.map_run_arn for visit in read_trace(events).visits):
        raise InvalidInput(
            ITEMS_APART,
            "what the items of a distributed foreach were answered is not in the session's history",
            hint="Write its test by hand: `bunsui test --init JOB` prints the mocks to fill in.",
            session=session.id,
        )
    past = MachineUnderTest(name=machine.name, definition=definition, order=machine.order)
    return _test(machine, past, session, events)


def redacted_suite(test: PipelineTest) -> dict[str, Json]:
    """Return the test as the content of a `*.test.yaml` file, without what looks sensitive."""
    entry: dict[str, Json] = {"name": test.name}
    parts = {"input": test.input, "session": test.session, "resume": test.resume, "mocks": test.mocks}
    entry |= {name: redact_value(part) for name, part in parts.items() if part}
    entry["expect"] = {expectation.name: redact_value(expectation.value) for expectation in test.expect}
    return {"version": 1, "pipeline": test.pipeline, "tests": [without(entry, test.hidden)]}


def replay(
    machine: MachineUnderTest, sessions: SessionRepository, execution: ExecutionClient, *, count: int
) -> Iterator[Verdict]:
    """Run the inputs and results of the latest sessions against today's machine, newest first.

    Tasks that there are no longer are left out; a task that is new has no answer, which its verdict says.
    """
    found = sessions.find(SessionQuery(pipeline=machine.name, limit=max(count * 5, 20)))
    for session in [session for session in found if session.status in _STATUSES][:count]:
        try:
            test = record(machine, session, execution)
        except InvalidInput as error:
            if error.code == ITEMS_APART:
                problem = VerdictProblem(summary=error.summary, hint=error.hint, code=error.code)
                yield Verdict(test=PipelineTest(name=f"session {session.id}", pipeline=machine.name), problem=problem)
            continue  # forgotten by Step Functions: older ones are too, and there is nothing to compare
        there = {name: mock for name, mock in test.mocks.items() if name in machine.tasks}
        yield run_test(machine, replace(test, name=f"session {session.id}", mocks=there))


def _test(machine: MachineUnderTest, past: MachineUnderTest, session: Session, events: Sequence[HistoryEvent]) -> PipelineTest:
    trace = read_trace(events)
    whole = trace.input if isinstance(trace.input, Mapping) else {}
    given = whole if past.shape.is_raw else _mapping(whole.get("params"))
    about = {} if past.shape.is_raw else _mapping(whole.get("session"))
    return PipelineTest(
        name=f"as on {session.date}: {_STATUSES[session.status]}",
        pipeline=machine.name,
        input=given,
        session={name: about[name] for name in _SESSION_FIELDS if name in about},
        resume={} if past.shape.is_raw else _mapping(whole.get("resume")),
        mocks=_mocks(machine, _tries(past, trace, events)),
        expect=tuple(_expectations(past, trace, session, events)),
        hidden=frozenset(_hidden_values(past.shape, events)),
    )


def _hidden_values(shape: MachineShape, events: Sequence[HistoryEvent]) -> Iterator[str | int | float]:
    """Return the values of sensitive outputs, which stand in what tasks answered, too."""
    for job in job_progress(shape, events, order=()) if shape.sensitive else ():
        outputs = _mapping(job.output)
        for name in shape.sensitive.get(job.name, frozenset()) & outputs.keys():
            yield from scalars(outputs[name])


def _expectations(
    past: MachineUnderTest, trace: Trace, session: Session, events: Sequence[HistoryEvent]
) -> Iterator[Expectation]:
    yield Expectation(name="status", value=_STATUSES[session.status])
    yield Expectation(name="path", value=list(past.path(events)))
    if session.status is SessionStatus.SUCCEEDED:
        yield Expectation(name="output", value=parsed(text_of(trace.end, "output")) if trace.end else None)
    elif error := (text_of(trace.end, "error") if trace.end else ""):
        yield Expectation(name="error", value=error)


def _tries(past: MachineUnderTest, trace: Trace, events: Sequence[HistoryEvent]) -> Iterator[_Try]:
    """Return what tasks answered, in the order in which they were asked."""
    own: dict[int, list[HistoryEvent]] = {}
    for event in events:
        owner = trace.owners.get(event.id)
        if owner is not None:
            own.setdefault(owner.entered_id, []).append(event)
    for visit in trace.visits:
        state = past.shape.states.get(visit.state)
        if state is None or state.type != "Task":
            continue
        item = _item(past, trace, visit)
        asked: HistoryEvent | None = None
        is_waiting = True
        for event in own.get(visit.entered_id, ()):
            if event.type.endswith("Scheduled"):
                asked, is_waiting = event, True
            elif asked is not None and (answer := _answer(event)) is not None:
                seconds = round((event.at - asked.at).total_seconds())
                timed = {**answer, "after": format_duration(seconds)} if seconds and "never" not in answer else answer
                yield _Try(state=visit.state, item=item, answer=timed)
                asked, is_waiting = None, False
        if is_waiting:  # at work when something else ended the execution
            yield _Try(state=visit.state, item=item, answer={"never": True})


def _answer(event: HistoryEvent) -> dict[str, Json] | None:
    if event.type.endswith("Succeeded"):
        return {"answer": parsed(text_of(event, "output"))}
    if event.type.endswith("TimedOut"):
        return {"never": True}
    if event.type.endswith("Failed"):
        cause = _cause(text_of(event, "cause"))
        told: dict[str, Json] = {"error": text_of(event, "error") or "States.TaskFailed"}
        return {**told, "cause": cause} if cause else told
    return None


def _cause(text: str) -> Json:
    """Return the cause as a person would write it: as JSON where it is an object, without what differs from run to run."""
    value = parsed(text)
    return {key: item for key, item in value.items() if key not in _PASSING} if isinstance(value, Mapping) else text


def _item(past: MachineUnderTest, trace: Trace, visit: StateVisit) -> tuple[int, ...]:
    """Return the iterations around a visit, outermost Map first: an iteration's events lead back to its start, and from there
    to the iteration before it, so that the nearest one of each Map counts."""
    nearest: dict[str, int] = {}
    event = trace.events.get(visit.entered_id)
    while event is not None and event.previous_id:
        event = trace.events.get(event.previous_id)
        if event is not None and event.type == "MapIterationStarted":
            index = event.details.get("index", 0)
            nearest.setdefault(str(event.details.get("name")), index if isinstance(index, int) else 0)
    maps = [name for name in past.shape.states[visit.state].containers if past.shape.states[name].type == "Map"]
    return tuple(nearest[name] for name in maps if name in nearest)


def _mocks(machine: MachineUnderTest, tries: Iterator[_Try]) -> dict[str, Json]:
    by_state: dict[str, dict[tuple[int, ...], list[Mapping[str, Json]]]] = {}
    for one in tries:
        answer = _as_result(machine, one.state, one.answer)
        by_state.setdefault(one.state, {}).setdefault(one.item, []).append(answer)
    return {state: _mock(items) for state, items in by_state.items()}


def _mock(items: Mapping[tuple[int, ...], list[Mapping[str, Json]]]) -> Json:
    if list(items) == [()]:
        answers = items[()]
        return answers[0] if len(answers) == 1 else list(answers)
    found: list[Json] = []
    for item, answers in items.items():
        place: Json = item[0] if len(item) == 1 else list(item)
        for number, answer in enumerate(answers, start=1):
            found.append({"item": place, **({"attempt": number} if len(answers) > 1 else {}), **answer})
    return found


def _as_result(machine: MachineUnderTest, state: str, answer: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the answer as the operation's result, where the type's test double makes the same out of it again."""
    told = answer.get("answer")
    for name in _WRAPPED if isinstance(told, Mapping) else ():
        result = told.get(name) if isinstance(told, Mapping) else None
        made = machine.shaped(state, result) if isinstance(told, Mapping) and name in told else None
        if isinstance(made, Mapping) and made.get(name) == result and set(made) - {name}:
            return {"return": result, **{key: value for key, value in answer.items() if key != "answer"}}
    return answer


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
