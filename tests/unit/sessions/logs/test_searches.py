"""Which stretch of a log is searched for which calls, and what of it counts: each bound by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bunsui.ports.monitoring import ContainerLog, LogLine
from bunsui.sessions.logs.called_work import CalledWork, Rivals
from bunsui.sessions.logs.calls import CallKind
from bunsui.sessions.logs.invocations import (
    SKEW,
    LoggedInvocation,
    invocations_in,
    latest_start,
    marks_of,
    match_invocations,
    owned_lines,
)
from bunsui.sessions.logs.task_logs import LONGEST_FUNCTION, LogQuery, TaskLogReader, _windows
from bunsui.testkit.logs import MemoryContainerLogs, MemoryLogReader
from tests.unit.sessions.logs.test_invocations import at, begin, call, end, lines, seen
from tests.unit.sessions.logs.test_task_logs import (
    DEFINITION,
    GROUP,
    NOW,
    alone,
    container_call,
    function_call,
    messages,
    read,
    work,
    write,
)
from tests.unit.sessions.logs.test_what_is_asked_of_logs import SKEWED, Asked


@pytest.mark.parametrize(("start", "windows"), [(0, 1), (74, 1), (75, 2), (900, 2)])
def test_calls_a_minute_apart_are_looked_for_at_once(start: float, windows: int) -> None:
    calls = [function_call("a", 0, 10), function_call("b", start, start + 1)]
    assert len(list(_windows(calls, NOW))) == windows


def test_a_window_reaches_to_the_end_of_its_longest_call() -> None:
    calls = [function_call("late", 5, 6), function_call("long", 0, 50), function_call("runs", 100, None)]
    assert [(first, last, [one.request_id for one in inside]) for first, last, inside in _windows(calls, NOW)] == [
        (at(-2), NOW + SKEW, ["long", "late", "runs"])
    ]
    assert list(_windows([], NOW)) == []


def test_beginnings_and_ends_are_looked_for_by_the_ids_that_are_known() -> None:
    logs = Asked()
    write(logs, "a", "of a", first=100, stream="s")
    read(TaskLogReader(logs), work(function_call("a", 100, 101)))
    assert logs.searches == [(98, 103, 4)]
    assert marks_of(["a", "b"]) == (
        "START RequestId: a",
        "REPORT RequestId: a",
        "START RequestId: b",
        "REPORT RequestId: b",
        '"platform.start"',
        '"platform.report"',
    )


@pytest.mark.parametrize(("now", "until"), [(100, 100), (2000, 60 + LONGEST_FUNCTION.total_seconds()), (1020, 1020)])
def test_an_unnamed_call_is_looked_for_as_long_as_a_function_may_take(now: float, until: float) -> None:
    logs = Asked()
    read(TaskLogReader(logs), work(function_call("", 0, None)), now=at(now))
    assert logs.searches == [(-SKEWED, until, 4)]


def test_an_unnamed_calls_invocation_began_before_it_can_have_been_given_up() -> None:
    logs = MemoryLogReader()
    write(logs, "late", "later", first=61, stream="s", is_ended=False)
    found = read(TaskLogReader(logs), work(function_call("", 0, None)))
    assert (found.entries, found.others) == ((), 0)
    given_up = replace(function_call("", 0, 10), is_answered=False)
    assert (latest_start(given_up), latest_start(function_call("", 0, None))) == (at(12), at(60))


@pytest.mark.parametrize("query", [LogQuery(), LogQuery(limit=1), LogQuery(since=at(500))])
def test_lines_that_may_be_others_are_all_counted_however_few_are_wanted(query: LogQuery) -> None:
    logs = MemoryLogReader()
    write(logs, "one", "alice says 0", "alice says 1", first=0.3, stream="s", is_ended=False)
    write(logs, "two", "bob says 0", first=0.4, stream="t", is_ended=False)
    found = read(TaskLogReader(logs), work(function_call("", 0, None)), query)
    assert (found.entries, found.others, found.other_lines, found.is_cut) == ((), 2, 5, False)


def test_unnamed_calls_of_unwanted_jobs_are_not_looked_for() -> None:
    logs = Asked()
    made = work(function_call("a", 0, 4), function_call("", 0, None, job="other"))
    write(logs, "a", "of a", first=0, stream="s")
    read(TaskLogReader(logs), made, LogQuery(job="load"))
    assert len(logs.searches) == 1
    found = read(TaskLogReader(logs), made, LogQuery(job="other"))
    assert (found.entries, found.others, len(logs.searches)) == ((), 0, 2), "of the named call it is known whose it is"


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [
        (function_call("", 0, None), []),
        (replace(function_call("", 0, None), was_refused=True), ["who says this"]),
        (replace(function_call("", 0, None), target="other"), ["who says this"]),
        (function_call("another", 0, 1), ["who says this"]),
        (function_call("somebodys", 0, 1), []),
    ],
)
def test_a_rival_is_an_unnamed_call_of_the_same_function(theirs: object, shown: list[str]) -> None:
    logs = MemoryLogReader()
    write(logs, "somebodys", "who says this", first=0.3, stream="t", is_ended=False)
    rivals = Rivals(calls=(theirs,))  # type: ignore[arg-type]
    found = read(TaskLogReader(logs), work(function_call("", 0, None)), rivals=lambda *_: rivals)
    assert messages(found) == shown


def test_with_unknown_rivals_only_what_fits_the_time_is_doubtful() -> None:
    logs = MemoryLogReader()
    write(logs, "fits", "who says this", first=0.3, stream="t")
    write(logs, "before", "and this", first=-2.5, stream="u")
    made = work(replace(function_call("", 0, 9), is_answered=False))
    found = read(TaskLogReader(logs), made, rivals=lambda *_: Rivals(is_whole=False))
    assert (found.entries, found.others, found.other_lines) == ((), 1, 3)


def test_that_earlier_lines_are_cut_is_said_whichever_stream_has_them() -> None:
    logs = MemoryLogReader()
    write(logs, "long", *(f"line {number}" for number in range(9)), first=0, stream="s")
    write(logs, "short", "late", first=100, stream="t")
    both = work(function_call("long", 0, 4), function_call("short", 100, 104))
    found = read(TaskLogReader(logs), both, LogQuery(limit=3, since=at(99)))
    assert (len(found.entries), found.is_cut) == (3, False)
    assert read(TaskLogReader(logs), both, LogQuery(limit=4)).is_cut


def test_that_a_containers_earlier_lines_are_cut_is_said_though_another_has_few() -> None:
    logs = MemoryLogReader()
    for name, count in (("load", 3), ("side", 1)):
        logs.write("etl", *(LogLine(at=at(9), message=str(n), stream=f"ecs/{name}/t1") for n in range(count)))
    named = [ContainerLog(container=name, group="etl", stream_prefix="ecs") for name in ("load", "side")]
    reader = TaskLogReader(logs, MemoryContainerLogs({DEFINITION: named}))
    both = read(reader, work(container_call("t1")), LogQuery(limit=2))
    assert (len(both.entries), both.is_cut) == (2, True)


def test_what_only_names_the_request_is_read_since_when_it_is_wanted() -> None:
    logs = Asked()
    for seconds in (1, 3):
        logs.write(GROUP, LogLine(at=at(seconds), message=f'{{"requestId": "mine", "n": {seconds}}}', stream="s"))
    mine = work(function_call("mine", 0, 4))
    assert len(read(TaskLogReader(logs), mine).entries) == 2
    logs.searches.clear()
    assert [one.at for one in read(TaskLogReader(logs), mine, LogQuery(since=at(2))).entries] == [at(3)]
    assert logs.searches == [(-2, 6, 4), (2, 6, 1)]
    logs.searches.clear()
    read(TaskLogReader(logs), mine, LogQuery(since=at(-9)))
    assert [start for start, _, _ in logs.searches] == [-2, -2]
    assert read(TaskLogReader(logs), mine, now=at(19)).entries == (), "lines may still come that say where it began"


def test_an_entry_is_told_whole() -> None:
    logs = MemoryLogReader()
    logs.write(GROUP, LogLine(at=at(1), message=begin("a"), stream="s"))
    (entry,) = read(TaskLogReader(logs), work(function_call("a", 0, 4, item="north"))).entries
    assert (entry.at, entry.job, entry.function, entry.stream) == (at(1), "load", "clean", "s")
    assert (entry.message, entry.item, entry.container) == (begin("a"), "north", "")
    jobless = [replace(function_call("a", 0, 4), job="", state="gone")]
    (told,) = read(TaskLogReader(logs), [CalledWork(execution_arn="e", calls=tuple(jobless))]).entries
    assert told.job == "gone"


def test_only_tasks_that_were_submitted_are_read_as_containers() -> None:
    logs = Asked()
    reader = TaskLogReader(logs, MemoryContainerLogs({}))
    child = replace(container_call("t1"), kind=CallKind.EXECUTION)
    assert read(reader, work(child), rivals=alone).entries == ()
    assert (logs.streams, logs.searches) == ([], [])


def test_a_stream_without_limits_is_read_until_the_end_of_an_invocation_that_goes_on() -> None:
    logs = Asked()
    write(logs, "a", "one", first=100, stream="s")
    write(logs, "b", "two", first=200, stream="s", is_ended=False)
    read(TaskLogReader(logs), work(function_call("a", 100, 101), function_call("b", 200, None)))
    assert logs.streams == [("s", 85.0, 3600 + SKEWED, 10_000)]


@pytest.mark.parametrize(
    ("started", "ended", "fits"),
    [(8, None, True), (7.9, None, False), (70, None, True), (70.1, None, False), (8, 5, True)],
)
def test_an_invocation_fits_a_call_that_goes_on_by_when_it_began(started: float, ended: float | None, fits: bool) -> None:
    assert match_invocations([call(10)], [], [seen(started, ended)])[0] == ([seen(started, ended)] if fits else [])


@pytest.mark.parametrize(
    ("started", "ended", "fits"), [(10, 22, True), (10, 22.1, False), (10, None, False), (22, 22, True), (22.1, 22.1, False)]
)
def test_an_invocation_fits_a_call_that_was_answered_by_when_it_ended(started: float, ended: float | None, fits: bool) -> None:
    answered = call(10, 20, is_answered=True)
    assert match_invocations([answered], [], [seen(started, ended)])[0] == ([seen(started, ended)] if fits else [])


def test_as_many_invocations_as_calls_are_theirs() -> None:
    both = [seen(10.2), seen(10.3, name="b")]
    assert match_invocations([call(10), call(10)], [], both) == (both, [])
    assert match_invocations([call(10), call(300)], [], both) == (both, [])


@pytest.mark.parametrize(("first", "owner"), [(4.9, ""), (5, "a"), (9, "a"), (10, "b"), (12, "b"), (12.1, ""), (99, "c")])
def test_a_line_whose_beginning_was_cut_off_is_of_the_latest_that_was_at_work(first: float, owner: str) -> None:
    known = {
        "a": LoggedInvocation(request_id="a", stream="s", started_at=at(5), ended_at=at(12)),
        "b": LoggedInvocation(request_id="b", stream="s", started_at=at(10), ended_at=at(12)),
        "c": LoggedInvocation(request_id="c", stream="s", started_at=at(50), ended_at=None),
    }
    found = owned_lines(lines("x", first=first), known, is_cut=True)
    assert [name for name, _ in found] == ([owner] if owner else [])
    assert owned_lines([], known, is_cut=True) == owned_lines(lines("x", first=first), known, is_cut=False) == []


@pytest.mark.parametrize(
    "message",
    [
        "{",
        '{"platform.": ',
        '["platform.start"]',
        '{"type": "platform.other", "record": {"requestId": "a"}}',
        '{"type": "platform.start"}',
        '{"type": "platform.start", "record": "a"}',
        "START of something",
        "START RequestId: ",
    ],
)
def test_what_is_no_whole_mark_begins_no_invocation(message: str) -> None:
    assert set(invocations_in(lines(message))) <= {""}


def test_the_initialisation_of_another_environment_ends_what_was_before() -> None:
    init = json.dumps({"type": "platform.initStart", "record": {}})
    stream = lines(begin("a"), "of a", init, "loading", begin("b"), "of b")
    known = invocations_in(stream)
    assert [line.message for _, line in owned_lines(stream, {"a": known["a"]}, is_cut=False)] == [begin("a"), "of a"]
    assert [name for name, _ in owned_lines(stream, known, is_cut=False)] == ["a", "a", "b", "b", "b", "b"]
    assert end("a").startswith("REPORT")
    assert timedelta(seconds=2) == SKEW
