"""The rules of a session that only an unusual history shows: each test names the one that it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bunsui.errors import Unsupported
from bunsui.model.json import Json
from bunsui.model.names import EXECUTION_NAME_LIMIT
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline, SlotOffset
from bunsui.model.session import OUTSIDE, HistoryEvent, JobStatus, SessionStatus
from bunsui.model.values import Sensitive, Unknown
from bunsui.operations.registry import builtin_registry
from bunsui.ports.execution import Execution
from bunsui.sessions.adoption import adopted_row, kind_of
from bunsui.sessions.analysis import Origin, origin_of
from bunsui.sessions.applied import differing_jobs
from bunsui.sessions.ids import derived_id, execution_name, session_of
from bunsui.sessions.inputs import read_parameters, read_value
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.payload import kept_output, read_input
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.slots import business_date
from bunsui.sessions.trace import read_trace
from bunsui.sessions.truth import with_execution

START = datetime(2026, 1, 31, tzinfo=UTC)
ID = derived_id(START, "x")


def history(*listed: tuple[int, str, dict[str, Any]]) -> list[HistoryEvent]:
    """Return events, one second apart, each with the number of the one before it."""
    return [
        HistoryEvent(id=number, previous_id=previous, type=kind, at=START + timedelta(seconds=number), details=details)
        for number, (previous, kind, details) in enumerate(listed, start=1)
    ]


def raw(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def caught_then(*between: tuple[str, str]) -> list[HistoryEvent]:
    """Return a history in which Work fails and is caught, the states between are passed, and Stop fails the execution."""
    listed: list[tuple[str, dict[str, Any]]] = [
        ("TaskStateEntered", {"name": "Work"}),
        ("TaskFailed", {"error": "WorkError"}),
        ("TaskStateExited", {"name": "Work"}),
    ]
    for kind, name in between:
        listed += [(f"{kind}StateEntered", {"name": name}), (f"{kind}StateExited", {"name": name})]
    listed += [("FailStateEntered", {"name": "Stop"}), ("ExecutionFailed", {"error": "Stopped", "cause": "by rule"})]
    return history(*((number, kind, details) for number, (kind, details) in enumerate(listed)))


def unchained(events: list[HistoryEvent]) -> list[HistoryEvent]:
    return [HistoryEvent(id=one.id, previous_id=0, type=one.type, at=one.at, details=one.details) for one in events]


STOPPING = raw(Work={"Type": "Task"}, Tell={"Type": "Pass"}, Decide={"Type": "Choice"}, Stop={"Type": "Fail"})


def told(origin: Origin) -> tuple[str, str]:
    return origin.state, origin.error


@pytest.mark.parametrize("known", [list, unchained], ids=["chained", "unchained"])
def test_a_fail_belongs_to_the_caught_failure_unless_a_choice_stands_between(known: Any) -> None:
    shape = machine_shape(STOPPING)
    behind_pass, behind_choice = caught_then(("Pass", "Tell")), caught_then(("Pass", "Tell"), ("Choice", "Decide"))
    assert told(origin_of(shape, read_trace(known(behind_pass)))) == ("Work", "WorkError")
    assert told(origin_of(shape, read_trace(known(behind_choice)))) == ("Stop", "Stopped")
    before = caught_then(("Choice", "Decide"), ("Pass", "Tell"))
    assert told(origin_of(shape, read_trace(known(before)))) == ("Stop", "Stopped")


def test_of_two_branches_that_fail_the_one_that_ended_the_execution_is_the_origin() -> None:
    branches = [raw(first={"Type": "Task"}), raw(second={"Type": "Task"})]
    definition = raw(_start={"Type": "Pass"}, both={"Type": "Parallel", "Branches": branches})
    events = history(
        (0, "ParallelStateEntered", {"name": "both"}),
        (1, "ParallelStateStarted", {}),
        (2, "TaskStateEntered", {"name": "first"}),
        (2, "TaskStateEntered", {"name": "second"}),
        (4, "TaskFailed", {"error": "SecondError"}),
        (3, "TaskFailed", {"error": "FirstError"}),
        (6, "ParallelStateFailed", {}),
        (7, "ExecutionFailed", {"error": "FirstError"}),
    )
    origin = origin_of(machine_shape(definition), read_trace(events))
    assert (origin.job, origin.error) == ("first", "FirstError")


def test_a_container_that_failed_for_itself_hides_which_job_it_was() -> None:
    definition = raw(_start={"Type": "Pass"}, _par={"Type": "Parallel"}, own={"Type": "Map"})
    for state, kind, job in (("_par", "Parallel", ""), ("own", "Map", "own")):
        events = history((0, f"{kind}StateEntered", {"name": state}), (1, f"{kind}StateFailed", {}), (2, "ExecutionFailed", {}))
        origin = origin_of(machine_shape(definition), read_trace(events), error="E", cause="c")
        assert (origin.state, origin.job, origin.error, origin.cause) == (state, job, "E", "c")


def test_what_no_machine_knows_has_an_origin_without_job_and_resource() -> None:
    events = history((0, "TaskStateEntered", {"name": "gone"}), (1, "TaskFailed", {"error": "E"}), (2, "ExecutionFailed", {}))
    origin = origin_of(machine_shape(raw(_start={"Type": "Pass"})), read_trace(events))
    assert (origin.state, origin.job, origin.resource, origin.error) == ("gone", "", "", "E")


@pytest.mark.parametrize(
    ("end", "state", "error"),
    [
        ("ExecutionTimedOut", "slow", "States.Timeout"),
        ("ExecutionAborted", "slow", "Execution.Aborted"),
        ("ExecutionFailed", "", ""),
    ],
)
def test_an_end_without_words_is_told_by_what_was_at_work(end: str, state: str, error: str) -> None:
    events = history((0, "TaskStateEntered", {"name": "slow"}), (1, end, {}))
    origin = origin_of(machine_shape(raw(slow={"Type": "Task"})), read_trace(events))
    assert (origin.state, origin.error) == (state, error)


def test_nothing_after_the_end_is_taken_for_a_visit() -> None:
    events = history(
        (0, "TaskStateEntered", {"name": "a"}),
        (1, "ExecutionAborted", {}),
        (2, "TaskStateExited", {"name": "a", "output": "{}"}),
    )
    assert read_trace(events).visits[0].exited_at is None


def test_inner_work_is_found_behind_a_container_that_shows_it() -> None:
    inner = {"Type": "Parallel", "Branches": [raw(job={"Type": "Task"})]}
    definition = raw(_start={"Type": "Pass"}, _outer={"Type": "Parallel", "Branches": [{"States": {"_inner": inner}}]})
    events = history(
        (0, "ParallelStateEntered", {"name": "_outer"}),
        (1, "ParallelStateStarted", {}),
        (2, "ParallelStateEntered", {"name": "_inner"}),
        (3, "ParallelStateExited", {"name": "_inner"}),
        (4, "ParallelStateExited", {"name": "_outer"}),
    )
    (job,) = job_progress(machine_shape(definition), events)
    assert (job.status, job.coarse, job.started_at) == (JobStatus.SUCCEEDED, True, events[2].at)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("succeeded", JobStatus.RESTORED), ("recovered", JobStatus.RESTORED), ("skipped", JobStatus.SKIPPED)],
)
def test_a_job_that_a_resume_brought_along_is_restored(outcome: str, status: JobStatus) -> None:
    resume = f'{{"resume": {{"jobs": {{}}, "status": {{"load": "{outcome}"}}}}}}'
    out = f'{{"jobs": {{}}, "status": {{"load": "{outcome}"}}}}'
    events = history(
        (0, "ExecutionStarted", {"input": resume}),
        (1, "ChoiceStateEntered", {"name": "load.guard"}),
        (2, "ChoiceStateExited", {"name": "load.guard", "output": out}),
    )
    definition = raw(_start={"Type": "Pass"}, **{"load.guard": {"Type": "Choice"}, "load": {"Type": "Task"}})
    (job,) = job_progress(machine_shape(definition), events)
    assert (job.status, job.polls, job.items_total) == (status, 0, None)


def test_a_raw_machine_polls_nothing_whatever_its_variables_are_called() -> None:
    state = {"Type": "Wait", "Assign": {"poll_x": 1}}
    assert machine_shape(raw(a=state)).states["a"].poll == ""


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("number", "x", "'x' is not a number"),
        ("integer", "x", "'x' is not an integer"),
        ("boolean", "x", "'x' is not true or false"),
        ("array", "{}", "'{}' is not an array written as JSON"),
        ("object", "[]", "'[]' is not an object written as JSON"),
    ],
)
def test_a_value_of_another_type_is_told_what_it_should_be(kind: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("[]", r"\[\]")):
        read_value(Parameter(name="p", type=kind, schema={}), text)


def test_an_object_and_a_boolean_are_read_however_they_are_written() -> None:
    assert read_value(Parameter(name="p", type="object", schema={}), '{"a": 1}') == {"a": 1}
    assert read_value(Parameter(name="p", type="boolean", schema={}), " TRUE ") is True
    assert read_value(Parameter(name="p", type="boolean", schema={}), "False") is False
    for text, value in (("3", int), ("3.0", float), ("3e0", float)):
        assert type(read_value(Parameter(name="p", type="number", schema={}), text)) is value


def test_the_longest_name_that_fits_is_kept_whole_and_one_more_is_cut() -> None:
    room = EXECUTION_NAME_LIMIT - len(ID) - len("--1--")
    assert execution_name("p" * room, ID, 1) == f"{'p' * room}--{ID}--1"
    cut = execution_name("p" * (room + 1), ID, 1)
    assert len(cut) == EXECUTION_NAME_LIMIT
    assert session_of(cut) == (ID, 1)
    assert cut != execution_name("p" * (room + 2), ID, 1)


@pytest.mark.parametrize(
    ("session", "slot"),
    [
        ({"slot": "2026-01-31T00:00:00Z", "scheduled_at": "2026-02-01T00:00:00Z"}, START),
        ({"scheduled_at": "2026-01-31T00:00:00Z"}, START),
        ({"scheduled_at": "2026-01-31T00:01:00Z", "slot_offset_seconds": -60}, START),
        ({"scheduled_at": "2026-01-31T00:00:00Z", "slot_offset_seconds": "60"}, START),
        ({"slot": "x"}, None),
        ("text", None),
    ],
)
def test_a_slot_is_the_one_that_is_written_else_that_of_the_schedule(session: Json, slot: datetime | None) -> None:
    assert read_input({"session": session}).slot == slot


def test_a_raw_machines_input_is_its_parameters() -> None:
    value: Json = {"session": {"id": ID, "schedule": "s", "started_by": "mika"}, "params": {"a": 1}}
    whole, read = read_input(value, is_raw=True), read_input(value)
    assert (whole.session_id, whole.params, whole.started_by, whole.schedule) == ("", value, "", "")
    assert (read.session_id, read.params, read.started_by, read.schedule) == (ID, {"a": 1}, "mika", "s")
    assert read_input([1]).params == read_input({"params": 3}).params == {}


def execution(name: str, session: Json = None, status: SessionStatus = SessionStatus.SUCCEEDED) -> Execution:
    return Execution(
        arn=f"arn:aws:states:eu-west-1:111111111111:execution:m:{name}",
        name=name,
        machine_arn="arn:aws:states:eu-west-1:111111111111:stateMachine:m",
        status=status,
        started_at=START,
        stopped_at=START + timedelta(seconds=9),
        input={"session": session},
        output={"rows": 1},
        error="",
        cause="",
    )


def test_whoever_finds_an_execution_makes_the_same_row() -> None:
    def row(found: Execution) -> Any:
        machine = PipelineMachine(pipeline="daily", arn=found.machine_arn, timezone="Asia/Tokyo")
        return with_execution(adopted_row(found, machine), found, kind=kind_of(found.name))

    by_hand, second = row(execution("by-hand")), row(execution(execution_name("daily", ID, 2)))
    assert (by_hand.started_by, by_hand.date, by_hand.attempts[0].number, by_hand.attempts[0].kind) == (
        OUTSIDE,
        "2026-01-31",
        1,
        "run",
    )
    assert by_hand.id == row(execution("by-hand")).id != row(execution("by-hand-2")).id
    assert (second.id, second.attempts[0].number, second.attempts[0].kind) == (ID, 1, "resume")
    slot: Json = {"slot": "2026-01-30T16:00:00Z", "schedule": "nightly"}
    scheduled = row(execution("one", slot))
    other = row(execution("another", slot))
    assert scheduled.id != other.id
    assert scheduled.intent == other.intent == "daily#nightly#2026-01-30T16:00:00Z"
    assert (by_hand.intent, second.intent) == ("", "")
    assert scheduled.attempts[0].number == 1
    assert (scheduled.started_by, scheduled.date, scheduled.slot.day) == ("schedule nightly", "2026-01-31", 30)
    assert (by_hand.output, row(execution("x", status=SessionStatus.FAILED)).output) == ({"rows": 1}, None)


@pytest.mark.parametrize(("is_raw", "days"), [(False, 1), (True, 0)])
def test_a_start_that_names_no_slot_has_the_one_that_the_machine_takes(is_raw: bool, days: int) -> None:
    found = execution("by-hand")
    machine = PipelineMachine(
        pipeline="daily", arn=found.machine_arn, timezone="Asia/Tokyo", is_raw=is_raw, slot=SlotOffset(days=-1)
    )
    row = adopted_row(found, machine)
    assert row.slot == START - timedelta(days=days)
    assert row.date == business_date(row.slot, "Asia/Tokyo")
    assert adopted_row(execution("x", {"slot": "2026-01-30T16:00:00Z"}), replace(machine, is_raw=False)).slot.day == 30


@pytest.mark.parametrize(
    ("theirs", "differ"),
    [([1, 2], ()), ([1, 3], ("load",)), ([3, 2], ("load",)), ([1], ("load",)), ("12", ("load",)), ({"a": 1}, ("load",))],
)
def test_lists_of_a_state_fit_when_all_their_elements_do(theirs: Json, differ: tuple[str, ...]) -> None:
    def machine(value: Json) -> dict[str, Any]:
        return {"States": {"load": {"Type": "Pass", "Output": value}}}

    assert differing_jobs(machine([1, 2]), machine(theirs)) == differ


def test_what_cannot_run_here_is_named_where_it_stands_nearest_first() -> None:
    registry = builtin_registry()

    def pipeline(name: str, *operations: Operation) -> Pipeline:
        return Pipeline(name=name, path=f"pipelines/{name}.yaml", jobs=(Job(name="work", operations=operations),))

    def starts(name: str) -> Operation:
        return Operation(id=name, type="pipeline", params=SimpleNamespace(pipeline=name))

    here = Operation(id="far", type="ecs_task", params={})
    others = (pipeline("a", here, starts("c")), pipeline("b", here), pipeline("c", here, starts("a")))
    both = {one.name: one for one in others}
    top = pipeline("top", here, starts("a"), starts("b"), starts("gone"))
    with pytest.raises(Unsupported) as refused:
        refuse_what_cannot_run_locally(top, registry, both)
    named = ["operation work.far", "operation a: work.far", "operation b: work.far", "operation c: work.far"]
    assert list(refused.value.facts) == named
    assert "local: {ecs: process}" in refused.value.hint
    nowhere = registry.with_types({"fargate": replace(registry["ecs_task"], name="fargate", local_setting="")})
    with pytest.raises(Unsupported) as refused:
        refuse_what_cannot_run_locally(pipeline("top", replace(here, type="fargate")), nowhere, {})
    assert refused.value.hint.startswith("Validate, plan and apply work here; run the pipeline in an environment")


def test_without_an_end_the_last_open_failure_with_words_is_the_origin() -> None:
    shape = machine_shape(raw(a={"Type": "Task"}, b={"Type": "Task"}, p={"Type": "Parallel"}))
    listed = [
        (0, "TaskStateEntered", {"name": "a"}),
        (1, "TaskFailed", {"error": "A"}),
        (2, "TaskStateExited", {"name": "a"}),
        (3, "TaskStateEntered", {"name": "b"}),
        (4, "TaskFailed", {"error": "B"}),
        (5, "ParallelStateEntered", {"name": "p"}),
        (6, "ParallelStateFailed", {}),
    ]
    assert told(origin_of(shape, read_trace(history(*listed)))) == ("b", "B")
    assert told(origin_of(shape, read_trace(history(*listed[:3])))) == ("", "")


def test_the_end_of_a_machine_that_is_not_told_yet_names_the_first_failure() -> None:
    compiled = raw(_start={"Type": "Pass"}, a={"Type": "Task"}, b={"Type": "Task"}, _failed={"Type": "Fail"})
    listed: list[tuple[int, str, dict[str, Any]]] = []
    for job in ("a", "b"):
        number = len(listed)
        listed += [
            (number, "TaskStateEntered", {"name": job}),
            (number + 1, "TaskFailed", {"error": job.upper()}),
            (number + 2, "TaskStateExited", {"name": job}),
        ]
    events = history(*listed, (6, "FailStateEntered", {"name": "_failed"}))
    assert told(origin_of(machine_shape(compiled), read_trace(events))) == ("a", "A")


def test_a_history_whose_events_name_each_other_is_read_to_an_end() -> None:
    events = history((2, "TaskStateEntered", {"name": "a"}), (1, "TaskStarted", {}), (2, "ExecutionFailed", {"error": "E"}))
    assert told(origin_of(machine_shape(raw(a={"Type": "Task"})), read_trace(events))) == ("", "E")


def test_what_is_never_shown_fits_anything_and_a_tuple_a_list() -> None:
    def machine(value: Any) -> dict[str, Any]:
        return {"States": {"load": {"Type": "Pass", "Output": value}}}

    assert differing_jobs(machine([Sensitive("x"), Unknown()]), machine(("y", "z"))) == ()


def test_an_id_begins_with_the_milliseconds_of_its_time() -> None:
    number = 0
    for letter in derived_id(START + timedelta(milliseconds=7), "x")[:10]:
        number = 32 * number + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert number == START.timestamp() * 1000 + 7


def test_a_job_in_a_silent_container_that_was_well_has_no_error_of_others() -> None:
    branch = raw(job={"Type": "Task"})
    definition = raw(_start={"Type": "Pass"}, _par={"Type": "Parallel", "Branches": [branch]}, late={"Type": "Task"})
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "ParallelStateEntered", {"name": "_par"}),
        (1, "ParallelStateExited", {"name": "_par"}),
        (2, "TaskStateEntered", {"name": "late"}),
        (3, "TaskFailed", {"error": "Late", "cause": "why"}),
        (4, "ExecutionFailed", {"error": "Late", "cause": "why"}),
    ]
    jobs = {one.name: one for one in job_progress(machine_shape(definition), history(*listed))}
    inner, late = jobs["job"], jobs["late"]
    assert (inner.status, inner.error, inner.cause, inner.tries) == (JobStatus.SUCCEEDED, "", "", 1)
    assert (late.status, late.error, late.cause) == (JobStatus.FAILED, "Late", "why")


def test_the_jobs_of_a_raw_machine_are_its_outermost_states() -> None:
    inner = raw(**{"x.y": {"Type": "Task"}})
    shape = machine_shape(raw(m={"Type": "Map", "Iterator": inner}, **{"n.o": {"Type": "Pass"}}))
    assert {name: state.job for name, state in shape.states.items()} == {"m": "m", "x.y": "m", "n.o": "n.o"}
    assert (shape.states["x.y"].containers, shape.jobs, shape.inside("m")) == (("m",), ("m", "n.o"), frozenset({"x.y"}))


def test_a_poll_is_known_by_its_variable() -> None:
    wait = {"Type": "Wait", "Assign": {"other": 1, "poll_load": "x"}}
    shape = machine_shape(raw(_start={"Type": "Pass"}, **{"load.wait": wait, "load": {"Type": "Task"}}))
    assert [shape.states[name].poll for name in ("load.wait", "load")] == ["poll_load", ""]
    events = history((0, "WaitStateEntered", {"name": "load.wait"}), (1, "WaitStateExited", {"name": "load.wait"}))
    assert [job.polls for job in job_progress(shape, events)] == [1]
    assert [job.polls for job in job_progress(shape, events[:1])] == [0]


def test_a_map_that_has_not_begun_has_done_nothing() -> None:
    shape = machine_shape(raw(_start={"Type": "Pass"}, m={"Type": "Map", "ItemProcessor": raw(a={"Type": "Task"})}))
    (job, *_) = job_progress(shape, history((0, "MapStateEntered", {"name": "m"})))
    assert (job.status, job.items_done, job.items_total) == (JobStatus.RUNNING, 0, None)


@pytest.mark.parametrize(("letters", "is_kept"), [(128 * 1024 - 2, True), (128 * 1024 - 1, False)])
def test_a_row_keeps_an_output_of_at_most_128_kib(letters: int, is_kept: bool) -> None:
    assert (kept_output("x" * letters) is not None) is is_kept


def test_a_default_is_filled_in_as_deep_as_it_goes() -> None:
    default: Any = {"a": [1, {"b": None}], "c": "x"}
    parameter = Parameter(name="p", type="object", schema={}, default=default, required=False)
    assert read_parameters(Pipeline(name="p", path="p", parameters=(parameter,)), []) == {"p": default}
