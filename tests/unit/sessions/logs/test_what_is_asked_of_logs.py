"""What the log service is asked: windows that hold every call and little else, pages that are as large as they need be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import AccessDenied
from bunsui.ports.monitoring import ContainerLog, LogLine
from bunsui.sessions.logs.invocations import SKEW, LoggedInvocation
from bunsui.sessions.logs.task_logs import (
    LATENESS,
    LogQuery,
    TaskLogReader,
    _begins_before,
    _is_settled,
    _owners,
    _page,
    _windows,
)
from bunsui.testkit.logs import MemoryContainerLogs, MemoryLogReader
from tests.unit.sessions.logs.test_invocations import at
from tests.unit.sessions.logs.test_task_logs import (
    DEFINITION,
    GROUP,
    NOW,
    container_call,
    function_call,
    messages,
    read,
    work,
    write,
)

APART = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("limit", "size"), [(None, 10_000), (1, 51), (9_949, 9_999), (9_950, 10_000), (9_951, 10_000)])
def test_a_page_is_somewhat_larger_than_what_is_wanted(limit: int | None, size: int) -> None:
    assert _page(limit) == size


@given(st.lists(st.tuples(st.integers(0, 900), st.none() | st.integers(0, 90)), max_size=8))
def test_every_call_lies_in_one_window_and_windows_lie_apart(times: list[tuple[int, int | None]]) -> None:
    calls = [
        function_call(str(number), start, None if took is None else start + took) for number, (start, took) in enumerate(times)
    ]
    found = list(_windows(calls, NOW))
    assert sorted(call.request_id for _, _, inside in found for call in inside) == sorted(call.request_id for call in calls)
    for start, end, inside in found:
        assert start == min(call.started_at for call in inside) - SKEW
        assert end == max((call.ended_at or NOW) for call in inside) + SKEW
    for (_, end, _), (start, _, _) in pairwise(found):
        assert start > end + APART
    for _, _, inside in found:
        ordered = sorted(inside, key=lambda call: call.started_at)
        reach = ordered[0].ended_at or NOW
        for call in ordered[1:]:
            assert call.started_at - SKEW <= reach + SKEW + APART
            reach = max(reach, call.ended_at or NOW)


class Asked(MemoryLogReader):
    """Keeps what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.searches: list[tuple[float, float, int]] = []
        self.streams: list[tuple[str, float, float, int]] = []

    def containing(
        self, group: str, texts: Sequence[str], *, start: datetime, end: datetime | None = None
    ) -> Sequence[LogLine]:
        assert end is not None
        self.searches.append(((start - at(0)).total_seconds(), (end - at(0)).total_seconds(), len(texts)))
        return super().containing(group, texts, start=start, end=end)

    def backwards(
        self, group: str, stream: str, *, start: datetime, end: datetime | None = None, page: int = 10_000
    ) -> Iterator[Sequence[LogLine]]:
        assert end is not None
        self.streams.append((stream, (start - at(0)).total_seconds(), (end - at(0)).total_seconds(), page))
        yield from super().backwards(group, stream, start=start, end=end, page=page)


SKEWED = SKEW.total_seconds()


def test_a_stream_is_read_from_the_start_of_its_environment_to_the_end_of_the_last_invocation() -> None:
    logs = Asked()
    write(logs, "a", "of a", first=100, stream="s")
    write(logs, "b", "of b", first=200, stream="s")
    found = read(TaskLogReader(logs), work(function_call("a", 100, 101), function_call("b", 200, 201)), LogQuery(limit=9))
    assert [text for text in messages(found) if text.startswith("of")] == ["of a", "of b"]
    [(stream, start, end, page)] = logs.streams
    assert (stream, start, page) == ("s", 85.0, 59)
    assert end == pytest.approx(200.002 + SKEWED)
    late = read(TaskLogReader(logs), work(function_call("a", 100, 101)), LogQuery(since=at(100.001)))
    assert [text for text in messages(late) if text.startswith("of")] == ["of a"]
    assert logs.streams[-1][1] == pytest.approx(100.001)
    count = len(logs.streams)
    assert messages(read(TaskLogReader(logs), work(function_call("a", 100, 101)), LogQuery(since=at(500)))) == []
    assert len(logs.streams) == count, "what ended long before is not asked for"


@pytest.mark.parametrize(("limit", "shown", "is_cut"), [(None, 4, False), (4, 4, False), (3, 3, True), (1, 1, True)])
def test_the_newest_lines_are_shown_and_that_there_are_more_is_said(limit: int | None, shown: int, is_cut: bool) -> None:
    logs = MemoryLogReader()
    write(logs, "a", "one", "two", first=100, stream="s")
    found = read(TaskLogReader(logs), work(function_call("a", 100, 101)), LogQuery(limit=limit))
    assert (len(found.entries), found.is_cut) == (shown, is_cut)
    assert [entry.at for entry in found.entries] == sorted(entry.at for entry in found.entries)


@pytest.mark.parametrize(("limit", "shown", "is_cut"), [(None, 3, False), (3, 3, False), (2, 2, True)])
def test_a_containers_lines_are_cut_alike(limit: int | None, shown: int, is_cut: bool) -> None:
    logs = Asked()
    stream = "ecs/load/t1"
    logs.write("etl", *(LogLine(at=at(number), message=str(number), stream=stream) for number in (1, 2, 3)))
    containers = MemoryContainerLogs({DEFINITION: [ContainerLog(container="load", group="etl", stream_prefix="ecs")]})
    found = read(TaskLogReader(logs, containers), work(container_call("t1")), LogQuery(limit=limit))
    assert (messages(found), found.is_cut) == (["1", "2", "3"][3 - shown :], is_cut)
    assert {(entry.container, entry.function, entry.job) for entry in found.entries} == {("load", "", "load")}
    assert logs.streams == [(stream, -SKEWED, 3600 + SKEWED, 10_000 if limit is None else limit + 50)]
    since = read(TaskLogReader(logs, containers), work(container_call("t1")), LogQuery(since=at(2)))
    assert messages(since) == ["2", "3"]


def test_containers_whose_logs_nobody_can_name_are_told_once() -> None:
    class Forbidding(MemoryLogReader):
        def backwards(self, *args: object, **more: object) -> Iterator[Sequence[LogLine]]:
            raise AccessDenied("denied", "no")

    named = [
        ContainerLog(container="elsewhere", group="", stream_prefix="ecs"),
        ContainerLog(container="load", group="etl", stream_prefix=""),
        ContainerLog(container="unknown", group="etl", stream_prefix=""),
    ]
    both = work(container_call("t1"), container_call("t2"))
    found = read(TaskLogReader(MemoryLogReader(), MemoryContainerLogs({DEFINITION: named})), both)
    assert found.unlogged == ("elsewhere", "unknown")
    found = read(TaskLogReader(Forbidding(), MemoryContainerLogs({DEFINITION: named})), both)
    assert found.unlogged == ("elsewhere", "load", "unknown")
    assert read(TaskLogReader(Forbidding(), MemoryContainerLogs({})), both).unlogged == ()
    assert read(TaskLogReader(Forbidding()), both).unlogged == ()
    nameless = work(replace(container_call("t1"), task_arn=""), replace(container_call("t1"), definition_arn=""))
    assert read(TaskLogReader(Forbidding(), MemoryContainerLogs({DEFINITION: named})), nameless).unlogged == ()


def invocation(name: str, started: float) -> LoggedInvocation:
    return LoggedInvocation(request_id=name, stream="s", started_at=at(started), ended_at=None)


def test_invocations_are_taken_for_the_calls_in_the_order_in_which_they_began() -> None:
    calls = [function_call("", 9, None, item="late"), function_call("", 1, None, item="early")]
    owners = _owners([invocation("b", 10), invocation("a", 2)], calls)
    assert {name: (call.started_at, call.item) for name, call in owners.items()} == {"a": (at(1), ""), "b": (at(9), "")}
    assert {name: call.item for name, call in _owners([invocation("a", 2)], calls[:1]).items()} == {"a": "late"}


def test_a_line_begins_before_an_invocation_or_begins_its_environment() -> None:
    first = invocation("a", 10)
    for seconds, message, expected in (
        (9, "x", True),
        (10, "x", False),
        (11, "INIT_START Runtime", True),
        (11, "x INIT_START ", False),
    ):
        assert _begins_before(LogLine(at=at(seconds), message=message, stream="s"), first) is expected


def test_a_call_is_settled_when_its_last_lines_must_have_shown() -> None:
    call = function_call("a", 0, 100)
    moment = at(100) + LATENESS
    assert [_is_settled(call, one) for one in (moment, moment + SECOND)] == [False, True]
    assert not _is_settled(function_call("a", 0, None), NOW)


@pytest.mark.parametrize(
    ("job", "item", "wanted"),
    [
        ("", "", True),
        ("load", "", True),
        ("loa", "", False),
        ("load/inner", "", False),
        ("", "x", True),
        ("", "y", False),
        ("load", "y", False),
    ],
)
def test_a_query_wants_a_job_with_its_children_and_an_item(job: str, item: str, wanted: bool) -> None:
    call = function_call("a", 0, 1, item="x")
    assert LogQuery(job=job, item=item).wanted(call) is wanted
    inner = replace(call, job="load/inner")
    assert LogQuery(job="load").wanted(inner)
    assert LogQuery(job="load/inner").wanted(inner)
    assert GROUP.endswith(call.function)
