"""`poll`: compiled, and run on a virtual clock with answers as tests tell them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.polling import most_polls, variable_of
from bunsui.diagnostics import Severity
from bunsui.engine.clock import VirtualClock
from bunsui.engine.run import ExecutionResult
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline, Poll, Retry
from bunsui.model.values import Expression
from bunsui.operations.choice import Case, ChoiceParams
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.facts import RunFacts
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.executing import SCOPE

UNTIL = Expression("$result.done")
WAITING = {"return": {"Payload": {"done": False}}}
DONE = {"return": {"Payload": {"done": True, "rows": 3}}}


def asks(poll: Poll | None, *, name: str = "ask", **more: Any) -> Operation:
    return Operation(id=name, type="lambda", params=LambdaParams(function=f"{name}:1"), poll=poll, **more)


def job(*operations: Operation, name: str = "a", **more: Any) -> Job:
    outputs = more.pop("outputs", {"rows": Expression("$result.rows")})
    return Job(name=name, operations=operations, outputs=outputs, **more)


@dataclass(kw_only=True)
class Ran:
    """What a run did, and when each task was asked."""

    result: ExecutionResult
    facts: RunFacts
    asked: list[float] = field(default_factory=list)
    """Seconds after the start, in order."""

    @property
    def end(self) -> tuple[str, str]:
        return str(self.result.status), self.result.error or ""


def machine_of(*jobs: Job) -> MachineUnderTest:
    compiled = compile_pipeline(Pipeline(name="p", path="p.yaml", jobs=jobs), scope=SCOPE, registry=builtin_registry())
    assert not [found.summary for found in compiled.diagnostics]
    definition: Any = shown(compiled.definition)
    return MachineUnderTest(name="p", definition=definition, order=tuple(job.name for job in jobs))


def run(*jobs: Job, **mocks: Any) -> Ran:
    machine, clock = machine_of(*jobs), VirtualClock(START)
    answers = machine.by_state(read_mocks({name.replace("__", "."): mock for name, mock in mocks.items()}))
    runner = MockedTasks(clock=clock, answers=answers)
    result = machine.run({}, runner=runner, clock=clock)
    assert runner.unmet == []
    asked = [(event["timestamp"] - START).total_seconds() for event in result.events if event["type"] == "TaskScheduled"]
    return Ran(result=result, facts=machine.facts(result), asked=asked)


def test_it_asks_until_the_answer_is_there_and_the_answer_is_the_result() -> None:
    found = run(job(asks(Poll(until=UNTIL))), a=[WAITING, WAITING, DONE])
    assert (found.result.output, found.asked) == ({"a": {"rows": 3}}, [0, 30, 60])


def test_the_last_question_comes_when_the_time_is_up() -> None:
    found = run(job(asks(Poll(until=UNTIL, every_seconds=40, timeout_seconds=100))), a=WAITING)
    assert (found.end, found.asked) == (("FAILED", "Bunsui.PollTimedOut"), [0, 40, 80, 100])


def test_an_answer_to_the_last_question_is_good_enough() -> None:
    found = run(job(asks(Poll(until=UNTIL, timeout_seconds=40))), a=[WAITING, WAITING, DONE])
    assert (found.end, found.asked) == (("SUCCEEDED", ""), [0, 30, 40])


def test_the_time_of_the_answers_counts_towards_the_timeout() -> None:
    slow = {**WAITING, "after": 45}
    found = run(job(asks(Poll(until=UNTIL, timeout_seconds=60))), a=slow)
    assert found.asked == [0, 60]


def test_waits_grow_by_the_backoff_up_to_the_longest() -> None:
    poll = Poll(until=UNTIL, every_seconds=10, backoff=2, max_delay_seconds=50)
    found = run(job(asks(poll)), a=[WAITING] * 5 + [DONE])
    assert found.asked == [0, 10, 30, 70, 120, 170]


def test_a_wait_of_no_whole_number_of_seconds_is_rounded_up() -> None:
    found = run(job(asks(Poll(until=UNTIL, every_seconds=3, backoff=1.5))), a=[WAITING, WAITING, WAITING, DONE])
    assert found.asked == [0, 3, 8, 15]


def test_a_timeout_tells_how_often_it_asked_and_what_it_heard_last() -> None:
    found = run(job(asks(Poll(until=UNTIL, every_seconds=40, timeout_seconds=60))), a=WAITING)
    assert found.result.cause == 'until of a did not hold within 1m after 3 polls; the last answer: {"done":false}'


def test_fail_if_ends_it_at_once_even_where_until_holds_too() -> None:
    poll = Poll(until=UNTIL, fail_if=Expression("$result.rows = 3"))
    found = run(job(asks(poll)), a=[WAITING, DONE])
    assert (found.end, found.asked) == (("FAILED", "Bunsui.PollFailed"), [0, 30])


def test_a_field_that_is_not_there_yet_compares_as_false_and_is_no_condition_by_itself() -> None:
    compared = Poll(until=Expression("$result.done = true"))
    assert run(job(asks(compared)), a=[{"return": {"Payload": {}}}, DONE]).end == ("SUCCEEDED", "")
    found = run(job(asks(Poll(until=UNTIL))), a=[{"return": {"Payload": {}}}, DONE])
    assert found.end == ("FAILED", "Bunsui.ConditionNotBoolean")
    assert found.result.cause == ("until of a must be true or false, and gave nothing after 1 poll; the last answer: {}")


@pytest.mark.parametrize("key", ["until", "fail_if"])
def test_a_condition_that_is_none_fails_rather_than_asking_for_ever(key: str) -> None:
    wrong, right = Expression("$result.rows"), Expression("$result.rows > 9")
    poll = Poll(until=wrong) if key == "until" else Poll(until=right, fail_if=wrong)
    found = run(job(asks(poll)), a=DONE)
    assert found.end == ("FAILED", "Bunsui.ConditionNotBoolean")
    assert (found.result.cause or "").startswith(f"{key} of a must be true or false, and is of the type number")


def test_a_failing_question_fails_the_job_with_its_own_error() -> None:
    assert run(job(asks(Poll(until=UNTIL))), a=[WAITING, {"error": "Gone"}]).end == ("FAILED", "Gone")


def test_retries_hold_for_each_question() -> None:
    retry = Retry(attempts=2, delay_seconds=1, jitter=False, errors=("Slow",))
    slow = {"error": "Slow"}
    found = run(job(asks(Poll(until=UNTIL), retry=retry)), a=[slow, WAITING, slow, DONE])
    assert (found.end, found.asked, found.facts.retries) == (("SUCCEEDED", ""), [0, 1, 31, 32], {"a.poll": 2})


@pytest.mark.parametrize(
    ("answers", "error"), [(WAITING, "Bunsui.PollTimedOut"), ({"return": {"Payload": {"bad": True}}}, "Bunsui.PollFailed")]
)
def test_a_failure_of_an_isolated_job_is_caught(answers: Any, error: str) -> None:
    poll = Poll(until=Expression("$result.done = true"), fail_if=Expression("$result.bad = true"))
    found = run(job(asks(poll), isolate=True), job(asks(None), name="b"), a=answers, b=DONE)
    assert [(one.name, one.status.value, one.error) for one in found.facts.jobs] == [
        ("a", "failed", error),
        ("b", "succeeded", ""),
    ]


def test_each_item_polls_for_itself() -> None:
    each = Foreach(items=(1, 2, 3), max_concurrency=1)
    mocks = [WAITING, {**DONE, "item": 1}, DONE]
    found = run(job(asks(Poll(until=UNTIL)), foreach=each, outputs={"n": Expression("$result.output.rows")}), a=mocks)
    assert (found.result.output, found.asked) == ({"a": {"n": [3, 3, 3]}}, [0, 30, 30, 30, 60])


def test_an_item_that_polls_in_vain_is_tolerated() -> None:
    each = Foreach(items=(1, 2), tolerate_count=1)
    outputs = {"all": Expression("$result.[status, error.Error]")}
    found = run(job(asks(Poll(until=UNTIL)), foreach=each, outputs=outputs), a=[{**WAITING, "item": 0}, {**DONE, "item": 1}])
    assert found.result.output == {"a": {"all": [["failed", "Bunsui.PollTimedOut"], ["succeeded"]]}}


def test_operations_after_it_read_its_answer_and_those_before() -> None:
    last = Operation(id="last", type="lambda", params=LambdaParams(function="l:1", payload={"n": Expression("$result.rows")}))
    outputs = {"rows": Expression("$ops.ask.rows + $ops.first.rows")}
    found = run(job(asks(None, name="first"), asks(Poll(until=UNTIL)), last, outputs=outputs),
                a__first=DONE, a__ask__poll=[WAITING, DONE], a__last=DONE)  # fmt: skip
    assert found.result.output == {"a": {"rows": 6}}


def test_a_choice_is_polled_as_a_whole_and_may_poll_inside() -> None:
    inner = asks(Poll(until=UNTIL, every_seconds=5))
    outer = Operation(
        id="pick",
        type="choice",
        params=ChoiceParams(cases=[Case(when=Expression("true"), operations=(inner,))]),
        poll=Poll(until=Expression("$result.rows > 3"), every_seconds=60),
    )
    more = {"return": {"Payload": {"done": True, "rows": 4}}}
    found = run(job(outer), a=[WAITING, DONE, WAITING, more])
    assert (found.result.output, found.asked) == ({"a": {"rows": 4}}, [0, 5, 65, 70])


def test_jobs_that_poll_after_and_beside_each_other_do_not_meet() -> None:
    first = job(asks(Poll(until=UNTIL)), name="first")
    beside = [job(asks(Poll(until=UNTIL)), name=name, depends_on=("first",)) for name in ("left", "right")]
    found = run(first, *beside, first=[WAITING, DONE], left=[WAITING, DONE], right=[WAITING, WAITING, DONE])
    assert (found.result.output, found.facts.seconds) == ({"left": {"rows": 3}, "right": {"rows": 3}}, 90)


def test_a_job_is_shown_once_with_the_number_of_its_questions() -> None:
    found = run(job(asks(Poll(until=UNTIL))), job(asks(None), name="b"), a=[WAITING, WAITING, DONE], b=DONE)
    assert [(one.name, one.polls, one.tries) for one in found.facts.jobs] == [("a", 3, 1), ("b", 0, 1)]
    assert sorted(found.facts.path) == ["a", "b"]


def test_items_that_poll_have_no_number_of_questions() -> None:
    found = run(job(asks(Poll(until=UNTIL)), foreach=Foreach(items=(1, 2))), a=[WAITING, DONE])
    assert [one.polls for one in found.facts.jobs] == [0]


@given(
    every=st.integers(1, 50),
    backoff=st.sampled_from([1, 1.2, 2, 10]),
    longest=st.none() | st.integers(50, 120),
    timeout=st.integers(51, 900),
)
@settings(max_examples=15, deadline=None)
def test_it_never_asks_more_often_than_is_counted(every: int, backoff: float, longest: int | None, timeout: int) -> None:
    poll = Poll(until=UNTIL, every_seconds=every, backoff=backoff, max_delay_seconds=longest, timeout_seconds=timeout)
    found = run(job(asks(poll)), a=WAITING)
    assert len(found.asked) == most_polls(poll)
    assert found.asked[-1] == timeout


@pytest.mark.parametrize("backoff", [1.0, 1.0000001])
def test_the_count_of_a_long_poll_takes_no_time(backoff: float) -> None:
    poll = Poll(until=UNTIL, every_seconds=1, backoff=backoff, timeout_seconds=366 * 86_400)
    assert 25_000 < most_polls(poll) <= 366 * 86_400 + 1


@pytest.mark.parametrize(("timeout", "expected"), [(3600, None), (2_500 * 10, Severity.WARNING), (3_000 * 10, Severity.ERROR)])
def test_questions_count_towards_the_events_of_one_execution(timeout: int, expected: Severity | None) -> None:
    poll = Poll(until=UNTIL, every_seconds=10, timeout_seconds=timeout)
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(job(asks(poll)),))
    found = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry()).diagnostics
    assert [(one.code, one.severity) for one in found] == ([] if expected is None else [("BS424", expected)])
    assert all(one.hint == "Raise every or backoff of the poll in a, or lower its timeout." for one in found)


def test_the_remedy_is_about_the_job_to_which_most_events_are_due() -> None:
    each = Foreach(items=Expression("$params.x"), max_items=9_000)
    jobs = (job(asks(Poll(until=UNTIL)), name="polls"), job(asks(None), name="goes", foreach=each, outputs={}))
    found = compile_pipeline(Pipeline(name="p", path="p.yaml", jobs=jobs), scope=SCOPE, registry=builtin_registry())
    assert [one.hint for one in found.diagnostics] == [
        "Write mode: distributed in the foreach of goes, so that each item has a history of its own, or lower max_items."
    ]


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,30}(\.[A-Za-z][A-Za-z0-9_-]{0,30})?", fullmatch=True), unique=True))
@settings(max_examples=30, deadline=None)
def test_no_two_states_share_the_variable_of_a_poll(states: list[str]) -> None:
    names = [variable_of(state) for state in states]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and len(name) <= 80 for name in names)


def test_the_clock_begins_with_the_first_question_not_with_the_session() -> None:
    late = job(asks(Poll(until=UNTIL, every_seconds=20, timeout_seconds=30)), name="late", depends_on=("a",))
    found = run(job(asks(None)), late, a={**DONE, "after": 100}, late=WAITING)
    assert found.asked == [0, 100, 120, 130]
    assert datetime(2026, 1, 1, 0, 2, 10, tzinfo=UTC) == found.result.events[-1]["timestamp"]
