"""The small parts: a clock of time, pages, threads, constraints."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.asl.sdk_names import java_name
from bunsui.emulator.stepfunctions.api.constraints import check
from bunsui.emulator.stepfunctions.api.paging import page
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.runtime.event_loop import EngineThread
from bunsui.emulator.stepfunctions.runtime.virtual_clock import ExecutionClock
from bunsui.emulator.stepfunctions.store.arns import Location, check_name, parse_arn
from bunsui.emulator.stepfunctions.store.journal import from_microseconds, microseconds, report_entry, report_of
from bunsui.emulator.stepfunctions.tasks.pool import Pool
from bunsui.engine.tasks import TaskBeat, TaskFailed, TaskSubmitted, TaskSucceeded, TaskTaken

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 50), max_size=20), st.lists(st.integers(0, 60), max_size=5))
def test_a_lane_passes_timers_at_their_instants_however_it_is_moved(offsets: list[int], stops: list[int]) -> None:
    def fired(moves: list[int]) -> list[tuple[int, datetime]]:
        clock, seen = ExecutionClock(BEGIN), list[tuple[int, datetime]]()

        def note(number: int) -> None:
            seen.append((number, clock.now()))

        for number, offset in enumerate(offsets):
            clock.call_at(BEGIN + timedelta(seconds=offset), partial(note, number))
        for move in moves:
            clock.advance(BEGIN + timedelta(seconds=move))
        return seen

    assert fired([*sorted(stops), 60]) == fired([60])
    assert [at for _, at in fired([60])] == sorted(BEGIN + timedelta(seconds=offset) for offset in offsets)


def test_a_timer_that_was_cancelled_does_not_fire_and_is_not_due() -> None:
    clock = ExecutionClock(BEGIN)
    clock.call_at(BEGIN + timedelta(seconds=1), lambda: pytest.fail("it fired")).cancel()

    assert clock.due() is None
    clock.advance(BEGIN + timedelta(seconds=2))
    assert clock.now() == BEGIN + timedelta(seconds=2)


def test_a_lane_stops_after_so_many_timers() -> None:
    clock, count = ExecutionClock(BEGIN), list[int]()

    def again() -> None:
        count.append(1)
        clock.call_at(clock.now(), again)

    again()
    clock.advance(BEGIN + timedelta(seconds=1), most=10)

    assert len(count) == 11
    assert clock.due() is not None


@given(st.sets(st.integers(0, 1000)), st.integers(1, 20), st.sets(st.integers(0, 1000)))
def test_pages_give_all_that_was_there_all_the_time_once(items: set[int], size: int, gone: set[int]) -> None:
    """Whatever goes away between two pages, what stays is given exactly once, in order."""
    given_, token, shown = sorted(items), None, list[int]()
    while True:
        request = {"maxResults": size, **({"nextToken": token} if token else {})}
        found, token = page(given_, request, about=("numbers",), key=lambda item: (item,))
        shown += found
        given_ = [item for item in given_ if item not in gone]
        if token is None:
            break

    assert shown == sorted(set(shown))
    assert set(shown) >= items - gone


@pytest.mark.parametrize(
    "report",
    [
        TaskTaken(worker="w"),
        TaskSubmitted(output={"a": [1]}),
        TaskBeat(),
        TaskSucceeded(output=None),
        TaskFailed(error=None, cause="c", at="TaskSubmitFailed"),
    ],
)
def test_a_report_comes_out_of_the_journal_as_it_went_in(report: object) -> None:
    entry = report_entry(BEGIN, 7, report)  # type: ignore[arg-type] # one of the closed union, as the list says

    assert report_of(entry) == (7, report)


@given(st.integers(6 * 10**14, 5 * 10**15).map(from_microseconds))
def test_an_instant_comes_out_of_the_journal_exactly(at: datetime) -> None:
    assert from_microseconds(microseconds(at)) == at


def test_the_thread_does_one_thing_after_the_other_and_what_is_due_in_between() -> None:
    thread, seen = EngineThread(), list[str]()
    thread.post(lambda: thread.call_at(time.time() + 0.05, lambda: seen.append("due")))

    def fail() -> None:
        raise ValueError("as the test wants it")

    thread.post(fail)
    thread.start()

    assert thread.submit(lambda: "asked").result(timeout=5) == "asked"
    time.sleep(0.2)
    thread.stop()
    assert seen == ["due"]


def test_a_pool_is_bounded_and_forgets_what_was_cancelled() -> None:
    pool, release, seen = Pool(2, "test"), threading.Event(), list[int]()

    def wait(number: int) -> None:
        release.wait(5)
        seen.append(number)

    for number in range(2):
        pool.do(partial(wait, number))
    cancel = pool.do(lambda: seen.append(2))
    pool.do(lambda: seen.append(3))
    cancel()

    assert pool.drain(0.05) is False
    release.set()
    assert pool.drain(5)
    assert sorted(seen) == [0, 1, 3]


def test_every_broken_constraint_is_named() -> None:
    with pytest.raises(ApiError) as refusal:
        check("CreateStateMachine", {"name": "", "definition": 3, "tags": [{"key": "a" * 129}]})

    assert refusal.value.code == "ValidationException"
    assert refusal.value.message.startswith("4 validation errors detected: ")
    assert "Value '' at 'name'" in refusal.value.message
    assert "'tags.1.member.key'" in refusal.value.message
    assert "Value null at 'roleArn'" in refusal.value.message


def test_what_is_secret_is_not_repeated() -> None:
    with pytest.raises(ApiError) as refusal:
        check("StartExecution", {"stateMachineArn": "arn", "input": "s" * 300_000})

    assert "sss" not in refusal.value.message


@pytest.mark.parametrize("name", ["a b", "a*", "a:b", "a\u0085", "", "a\\", "a\tb"])
def test_names_hold_no_characters_that_mean_something(name: str) -> None:
    with pytest.raises(ApiError, match="InvalidName"):
        check_name(name)


def test_an_arn_knows_its_place() -> None:
    arn = parse_arn("arn:aws-cn:states:cn-north-1:111111111111:execution:m:one", "execution")

    assert (arn.location, arn.names) == (Location("111111111111", "cn-north-1"), ("m", "one"))
    assert arn.location.execution("m", "one") == arn.text


@pytest.mark.parametrize(
    ("name", "java"),
    [
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ETag", "ETag"),
        ("tableARN", "TableArn"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("DynamoDB", "DynamoDb"),
        ("S3", "S3"),
        ("SFN", "Sfn"),
        ("logGroupName", "LogGroupName"),
    ],
)
def test_names_are_written_as_the_sdk_for_java_has_them(name: str, java: str) -> None:
    assert java_name(name) == java
