"""Makes tests out of sessions that ran: what went in, what each task answered, what came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bunsui.errors import InvalidInput, Missing
from bunsui.model.json import Json
from bunsui.model.pipeline_test import Expectation, PipelineTest
from bunsui.model.references import scalars
from bunsui.model.session import HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import ExecutionClient, MapRunReader
from bunsui.ports.session_rows import SessionQuery, SessionRepository
from bunsui.services.testing.machine_under_test import MachineUnderTest
from bunsui.services.testing.pipeline_tests import run_machine, run_test
from bunsui.services.testing.recorded_items import ItemReader, MapItems, default_answers
from bunsui.services.testing.recorded_objects import make_objects
from bunsui.services.testing.recorded_tries import Try, read_tries
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, job_of
from bunsui.sessions.trace import Trace, parsed, read_trace, text_of, with_end
from bunsui.testing.redaction import redact_value, without
from bunsui.testing.verdict import Verdict, VerdictProblem

_STATUSES: Mapping[SessionStatus, str] = {
    SessionStatus.SUCCEEDED: "succeeded",
    SessionStatus.FAILED: "failed",
    SessionStatus.TIMED_OUT: "timed_out",
}
_SESSION_FIELDS = ("attempt", "slot", "date", "scheduled_at")
"""What a test keeps of the session; who started it is nobody's business."""
ITEMS_APART = "items-apart"
"""The code of the refusal to record a session whose items ran in executions of their own, which do not tell enough."""
_WRAPPED = ("Payload", "Output")
"""Where services put the result into their answers."""


def record(
    machine: MachineUnderTest, session: Session, execution: ExecutionClient, map_runs: MapRunReader | None = None
) -> PipelineTest:
    """Return a test of the session's last attempt, as it was: nothing redacted yet. Of a distributed foreach so many items are
    read, and the test's name says of how many.

    Raises:
        InvalidInput: the session goes on, was stopped, or Step Functions has forgotten it; or its items ran apart and do not
            tell what they were.

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
        past = MachineUnderTest(name=machine.name, definition=definition, order=machine.order)
        trace = read_trace(events)
        items = tuple(ItemReader(execution, map_runs).items_of(past, trace)) if map_runs is not None else ()
    except Missing as error:
        raise InvalidInput(
            "history-gone",
            "Step Functions no longer has the session's history",
            hint="It keeps histories for 90 days; choose a later session.",
            session=session.id,
        ) from error
    if map_runs is None and any(visit.map_run_arn for visit in trace.visits):
        raise _items_apart(session)
    return _with_objects(_test(machine, past, session, events, items), machine, past, session, items)


def _with_objects(
    test: PipelineTest, machine: MachineUnderTest, past: MachineUnderTest, session: Session, items: Sequence[MapItems]
) -> PipelineTest:
    if not items:
        return test
    raw = replace(past, pipeline=machine.pipeline, answering=machine.answering, kind=machine.kind)
    objects = make_objects(past.definition, items, lambda asked: run_machine(raw, test, objects=asked))
    if objects is None:
        raise _items_apart(session)
    found = replace(test, objects=objects)
    if any(one.is_cut for one in items) and not run_test(raw, found).passed:
        raise _items_apart(session)
    return found


def _items_apart(session: Session) -> InvalidInput:
    return InvalidInput(
        ITEMS_APART,
        "the items of a distributed foreach ran apart, and what can be read of them makes no test that ends as the session did",
        hint="Write its test by hand: `bunsui test --init JOB` prints the mocks to fill in.",
        session=session.id,
    )


def redacted_suite(test: PipelineTest) -> dict[str, Json]:
    """Return the test as the content of a `*.test.yaml` file, without what looks sensitive."""
    entry: dict[str, Json] = {"name": test.name}
    parts = {
        "input": test.input,
        "session": test.session,
        "resume": test.resume,
        "mocks": test.mocks,
        "objects": test.objects,
    }
    entry |= {name: redact_value(part) for name, part in parts.items() if part}
    entry["expect"] = {expectation.name: redact_value(expectation.value) for expectation in test.expect}
    return {"version": 1, "pipeline": test.pipeline, "tests": [without(entry, test.hidden)]}


def replay(
    machine: MachineUnderTest,
    sessions: SessionRepository,
    execution: ExecutionClient,
    map_runs: MapRunReader | None = None,
    *,
    count: int,
) -> Iterator[Verdict]:
    """Run the inputs and results of the latest sessions against today's machine, newest first.

    Tasks that there are no longer are left out; a task that is new has no answer, which its verdict says.
    """
    found = sessions.find(SessionQuery(pipeline=machine.name, limit=max(count * 5, 20)))
    for session in [session for session in found if session.status in _STATUSES][:count]:
        try:
            test = record(machine, session, execution, map_runs)
        except InvalidInput as error:
            if error.code == ITEMS_APART:
                problem = VerdictProblem(summary=error.summary, hint=error.hint, code=error.code)
                yield Verdict(test=PipelineTest(name=f"session {session.id}", pipeline=machine.name), problem=problem)
            continue  # forgotten by Step Functions: older ones are too, and there is nothing to compare
        there = {name: mock for name, mock in test.mocks.items() if name in machine.tasks}
        yield run_test(machine, replace(test, name=f"session {session.id}", mocks=there))


def _test(
    machine: MachineUnderTest,
    past: MachineUnderTest,
    session: Session,
    events: Sequence[HistoryEvent],
    items: Sequence[MapItems],
) -> PipelineTest:
    trace = read_trace(events)
    whole = trace.input if isinstance(trace.input, Mapping) else {}
    given = whole if past.shape.is_raw else _mapping(whole.get("params"))
    about = {} if past.shape.is_raw else _mapping(whole.get("session"))
    tries = (*read_tries(past, trace, events), *(one for told in items for one in told.tries))
    cut = ", ".join(
        f"{job_of(one.state) or one.state}: {len(one.inputs)} of {one.total:,} items" for one in items if one.is_cut
    )
    expected = [one for one in _expectations(past, trace, session, events) if not cut or one.name != "output"]
    return PipelineTest(
        name=f"as on {session.date}: {_STATUSES[session.status]}" + (f" ({cut})" if cut else ""),
        pipeline=machine.name,
        input=given,
        session={name: about[name] for name in _SESSION_FIELDS if name in about},
        resume={} if past.shape.is_raw else _mapping(whole.get("resume")),
        mocks=_mocks(machine, tries, default_answers(items)),
        expect=tuple(expected),
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


def _mocks(machine: MachineUnderTest, tries: Iterable[Try], defaults: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    by_state: dict[str, dict[tuple[int, ...], list[Mapping[str, Json]]]] = {}
    for one in tries:
        answer = _as_result(machine, one.state, one.answer)
        by_state.setdefault(one.state, {}).setdefault(one.item, []).append(answer)
    found = {state: _mock(items) for state, items in by_state.items()}
    for state, answer in defaults.items():
        told = found[state]
        found[state] = [*(told if isinstance(told, list) else [told]), _as_result(machine, state, answer)]
    return found


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
