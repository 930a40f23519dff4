"""Reading the lines of calls: only theirs, the newest never cut, and what is missing said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bunsui.errors import AccessDenied
from bunsui.ports.monitoring import ContainerLog, LogLine
from bunsui.sessions.logs.called_work import CalledWork, Rivals
from bunsui.sessions.logs.calls import CallKind, TaskCall
from bunsui.sessions.logs.task_logs import LogQuery, TaskLogReader, TaskLogs
from bunsui.testkit.logs import MemoryContainerLogs, MemoryLogReader
from tests.unit.sessions.logs.test_invocations import at, begin, end

GROUP = "/aws/lambda/clean"
NOW = at(3600)
DEFINITION = "arn:aws:ecs:eu-west-1:111111111111:task-definition/load:7"


def function_call(request_id: str, started: float, ended: float | None, *, item: str = "", job: str = "load") -> TaskCall:
    return TaskCall(
        job=job,
        state=job,
        item=item,
        kind=CallKind.FUNCTION,
        target="clean",
        started_at=at(started),
        ended_at=None if ended is None else at(ended),
        is_answered=ended is not None,
        request_id=request_id,
    )


def container_call(task: str) -> TaskCall:
    return TaskCall(
        job="load",
        state="load",
        item="",
        kind=CallKind.CONTAINERS,
        target="",
        started_at=at(0),
        ended_at=at(60),
        task_arn=f"arn:aws:ecs:eu-west-1:111111111111:task/etl/{task}",
        definition_arn=DEFINITION,
        containers={"load": f"{task}-runtime"},
    )


def work(*calls: TaskCall, arn: str = "arn:aws:states:eu-west-1:1:execution:m:mine") -> list[CalledWork]:
    return [CalledWork(execution_arn=arn, calls=calls)]


def alone(_work: CalledWork, _start: datetime, _end: datetime) -> Rivals:
    return Rivals()


def read(reader: TaskLogReader, made: Sequence[CalledWork], query: LogQuery | None = None, **more: object) -> TaskLogs:
    wanted = {"now": NOW, "rivals": alone, **more}
    return reader.read(made, query or LogQuery(), **wanted)  # type: ignore[arg-type]


def write(logs: MemoryLogReader, request_id: str, *messages: str, first: float, stream: str, is_ended: bool = True) -> None:
    told = [begin(request_id), *messages, *([end(request_id)] if is_ended else [])]
    step = 0.001
    logs.write(
        GROUP,
        *(LogLine(at=at(first + step * number), message=text, stream=stream) for number, text in enumerate(told)),
    )


def messages(found: TaskLogs) -> list[str]:
    own = ("START", "REPORT")
    return [entry.message for entry in found.entries if not entry.message.startswith(own)]


def test_twenty_sessions_at_once_in_ten_environments_each_get_their_own_lines() -> None:
    logs = MemoryLogReader()
    for number in range(20):
        said = [f"session {number} says {count}" for count in range(50)]
        write(logs, f"id-{number}", *said, first=number % 2, stream=f"environment {number // 2}")
    for number in range(20):
        found = read(TaskLogReader(logs), work(function_call(f"id-{number}", 0, 3)))
        assert messages(found) == [f"session {number} says {count}" for count in range(50)]
        assert (found.others, found.missing_ends, found.is_cut) == (0, 0, False)


def test_the_newest_lines_are_never_the_ones_that_are_cut() -> None:
    logs = MemoryLogReader()
    write(logs, "mine", *(f"progress {number}" for number in range(3000)), "the last line matters", first=0, stream="s")
    write(logs, "next", *["somebody else"] * 100, first=10, stream="s")
    mine = work(function_call("mine", 0, 4))
    found = read(TaskLogReader(logs), mine, LogQuery(limit=5))
    assert [entry.message for entry in found.entries] == [
        "progress 2997",
        "progress 2998",
        "progress 2999",
        "the last line matters",
        end("mine"),
    ]
    assert found.is_cut
    whole = read(TaskLogReader(logs), mine)
    assert (len(whole.entries), whole.is_cut) == (3003, False)


def test_three_thousand_lines_cost_one_search_and_one_page() -> None:
    logs = MemoryLogReader()
    logs.write(GROUP, LogLine(at=at(-1), message="INIT_START Runtime Version: python:3.12", stream="s"))
    write(logs, "mine", *(f"progress {number}" for number in range(3000)), first=0, stream="s")
    assert len(read(TaskLogReader(logs), work(function_call("mine", 0, 4))).entries) == 3003
    assert logs.calls == 2


def test_a_second_look_searches_only_for_what_it_does_not_know_whole() -> None:
    logs = MemoryLogReader()
    write(logs, "first", "a", first=0, stream="s")
    write(logs, "second", "b", first=100, stream="t")
    reader = TaskLogReader(logs)
    made = work(function_call("first", 0, 4), function_call("second", 100, 104))
    assert messages(read(reader, made)) == ["a", "b"]
    logs.calls = 0
    assert messages(read(reader, made, LogQuery(since=at(90)))) == ["b"]
    assert logs.calls == 1


def test_equal_lines_stay() -> None:
    logs = MemoryLogReader()
    moment = LogLine(at=at(1), message="again", stream="s")
    logs.write(GROUP, LogLine(at=at(0), message=begin("mine"), stream="s"), *[moment] * 3)
    assert messages(read(TaskLogReader(logs), work(function_call("mine", 0, 4)))) == ["again"] * 3


def test_what_runs_is_shown_when_it_is_the_only_one() -> None:
    logs = MemoryLogReader()
    write(logs, "unnamed", "second 0", first=0.3, stream="s", is_ended=False)
    found = read(TaskLogReader(logs), work(function_call("", 0, None)))
    assert (messages(found), found.others) == (["second 0"], 0)


def test_two_sessions_that_run_at_once_are_counted_and_never_mixed() -> None:
    logs = MemoryLogReader()
    write(logs, "one", "alice says 0", "alice says 1", first=0.3, stream="s", is_ended=False)
    write(logs, "two", "bob says 0", first=0.4, stream="t", is_ended=False)
    found = read(TaskLogReader(logs), work(function_call("", 0, None)))
    assert (found.entries, found.others, found.other_lines) == ((), 2, 5)


def test_what_others_are_known_to_have_called_is_not_taken_for_ours() -> None:
    logs = MemoryLogReader()
    write(logs, "theirs", "bob says 0", first=0.3, stream="t")
    write(logs, "ours", "alice says 0", first=0.4, stream="s", is_ended=False)
    theirs = Rivals(calls=(function_call("theirs", 0, 1),))
    found = read(TaskLogReader(logs), work(function_call("", 0, None)), rivals=lambda *_: theirs)
    assert (messages(found), found.others) == (["alice says 0"], 0)


def test_with_more_rivals_than_can_be_read_nothing_is_taken() -> None:
    logs = MemoryLogReader()
    write(logs, "somebodys", "who says this", first=0.3, stream="t")
    found = read(TaskLogReader(logs), work(function_call("", 0, None)), rivals=lambda *_: Rivals(is_whole=False))
    assert (messages(found), found.others) == ([], 1)


def test_a_function_that_step_functions_gave_up_goes_on_writing() -> None:
    logs = MemoryLogReader()
    write(logs, "aborted", "second 0", "second 1", first=0.3, stream="s", is_ended=False)
    later = [(40, "second 40"), (41, end("aborted"))]
    logs.write(GROUP, *(LogLine(at=at(seconds), message=text, stream="s") for seconds, text in later))
    aborted = replace(function_call("", 0, 3), is_answered=False)
    assert messages(read(TaskLogReader(logs), work(aborted))) == ["second 0", "second 1", "second 40"]


def test_the_end_of_an_invocation_that_is_not_there_is_told() -> None:
    logs = MemoryLogReader()
    reader, made = TaskLogReader(logs), work(function_call("mine", 0, 4))
    assert read(reader, made, now=at(5)).missing_ends == 1
    write(logs, "mine", "late", first=0, stream="s", is_ended=False)
    found = read(reader, made, now=at(6))
    assert (messages(found), found.missing_ends) == (["late"], 1)
    logs.write(GROUP, LogLine(at=at(4), message=end("mine"), stream="s"))
    assert read(reader, made, now=at(7)).missing_ends == 0


def test_lines_that_name_the_request_are_found_where_lambda_marks_nothing() -> None:
    logs = MemoryLogReader()
    logs.write(
        GROUP,
        LogLine(at=at(1), message='{"requestId": "mine", "message": "hello"}', stream="s"),
        LogLine(at=at(1), message='{"requestId": "other", "message": "hello"}', stream="s"),
    )
    found = read(TaskLogReader(logs), work(function_call("mine", 0, 4)))
    assert [entry.message for entry in found.entries] == ['{"requestId": "mine", "message": "hello"}']


def test_job_and_item_choose_lines() -> None:
    logs = MemoryLogReader()
    for number, name in enumerate(("a", "b", "c")):
        write(logs, name, f"of {name}", first=10 * number, stream=name)
    made = work(
        function_call("a", 0, 4, item="part-1"),
        function_call("b", 10, 14, item="part-2"),
        function_call("c", 20, 24, job="kid/work"),
    )
    assert messages(read(TaskLogReader(logs), made, LogQuery(item="part-2"))) == ["of b"]
    assert messages(read(TaskLogReader(logs), made, LogQuery(job="kid"))) == ["of c"]
    assert messages(read(TaskLogReader(logs), made, LogQuery(job="load"))) == ["of a", "of b"]
    items = {entry.message: entry.item for entry in read(TaskLogReader(logs), made).entries}
    assert items["of a"] == "part-1"


@pytest.mark.parametrize(("prefix", "stream"), [("jobs", "jobs/load/0f3f"), ("", "0f3f-runtime")])
def test_a_container_writes_the_stream_of_its_task(prefix: str, stream: str) -> None:
    logs = MemoryLogReader()
    logs.write("/ecs/etl", LogLine(at=at(1), message="loading", stream=stream), LogLine(at=at(1), message="no", stream="x"))
    containers = MemoryContainerLogs({DEFINITION: [ContainerLog(container="load", group="/ecs/etl", stream_prefix=prefix)]})
    found = read(TaskLogReader(logs, containers), work(container_call("0f3f")))
    assert [(entry.container, entry.function, entry.message) for entry in found.entries] == [("load", "", "loading")]


def test_a_container_whose_log_cannot_be_read_is_named() -> None:
    class Closed(MemoryLogReader):
        def backwards(self, group: str, stream: str, **span: object) -> object:  # type: ignore[override]
            raise AccessDenied("access-denied", "not allowed")

    named = ContainerLog(container="load", group="/ecs/etl", stream_prefix="jobs")
    elsewhere = ContainerLog(container="load", group="", stream_prefix="")
    for logs, log in ((Closed(), named), (MemoryLogReader(), elsewhere)):
        reader = TaskLogReader(logs, MemoryContainerLogs({DEFINITION: [log]}))
        assert read(reader, work(container_call("0f3f"))).unlogged == ("load",)


def test_lines_before_an_instant_are_left_out() -> None:
    logs = MemoryLogReader()
    write(logs, "mine", "early", first=0, stream="s", is_ended=False)
    logs.write(GROUP, LogLine(at=at(30), message="late", stream="s"), LogLine(at=at(31), message=end("mine"), stream="s"))
    found = read(TaskLogReader(logs), work(function_call("mine", 0, 31)), LogQuery(since=at(10)))
    assert messages(found) == ["late"]
    assert at(31) - found.entries[0].at == timedelta(seconds=1)
