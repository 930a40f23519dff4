"""Whose the lines of a log group are: by the marks that Lambda writes, and never by guessing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bunsui.ports.monitoring import LogLine
from bunsui.sessions.logs.calls import CallKind, TaskCall
from bunsui.sessions.logs.invocations import LoggedInvocation, invocations_in, match_invocations, owned_lines

START = datetime(2026, 1, 31, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def lines(*messages: str, stream: str = "s", first: float = 0, step: float = 1) -> list[LogLine]:
    return [LogLine(at=at(first + step * number), message=message, stream=stream) for number, message in enumerate(messages)]


def begin(request_id: str) -> str:
    return f"START RequestId: {request_id} Version: 7"


def end(request_id: str) -> str:
    return f"REPORT RequestId: {request_id}\tDuration: 12.00 ms"


def mine(found: Sequence[tuple[str, LogLine]]) -> list[str]:
    return [line.message for _, line in found]


def test_a_stream_belongs_to_one_invocation_after_the_other() -> None:
    stream = lines(begin("a"), "of a", "END RequestId: a", end("a"), begin("b"), "of b", end("b"))
    known = invocations_in(stream)
    assert [(one.request_id, one.started_at, one.ended_at) for one in known.values()] == [
        ("a", at(0), at(3)),
        ("b", at(4), at(6)),
    ]
    assert mine(owned_lines(stream, {"b": known["b"]}, is_cut=False)) == [begin("b"), "of b", end("b")]


def test_what_an_environment_writes_while_it_starts_belongs_to_its_first_invocation() -> None:
    stream = lines("INIT_START Runtime Version: python:3.12.v1", "loading", begin("a"), "of a", end("a"), begin("b"), end("b"))
    known = invocations_in(stream)
    assert mine(owned_lines(stream, {"a": known["a"]}, is_cut=False))[:2] == [
        "INIT_START Runtime Version: python:3.12.v1",
        "loading",
    ]
    assert mine(owned_lines(stream, {"b": known["b"]}, is_cut=False)) == [begin("b"), end("b")]


def test_what_stands_after_the_report_is_still_of_that_invocation() -> None:
    told = "2026-01-31T00:00:03.000Z a Task timed out after 3.00 seconds"
    stream = lines(begin("a"), end("a"), told, begin("b"))
    assert mine(owned_lines(stream, {"a": invocations_in(stream)["a"]}, is_cut=False)) == [begin("a"), end("a"), told]


def test_a_line_that_quotes_a_mark_is_no_mark() -> None:
    stream = lines(begin("a"), "I saw START RequestId: b Version: 7", end("a"))
    assert set(invocations_in(stream)) == {"a"}
    assert len(owned_lines(stream, invocations_in(stream), is_cut=False)) == 3


def test_marks_are_read_in_the_log_format_json_too() -> None:
    def event(kind: str, **record: str) -> str:
        return json.dumps({"time": "2026-01-31T00:00:00Z", "type": kind, "record": record})

    stream = lines(
        event("platform.initStart"),
        event("platform.start", requestId="a", version="7"),
        '{"message": "of a"}',
        event("platform.report", requestId="a", status="success"),
        event("platform.start", requestId="b"),
        '{"message": "of b"}',
    )
    known = invocations_in(stream)
    assert (known["a"].ended_at, known["b"].ended_at) == (at(3), None)
    assert len(owned_lines(stream, {"a": known["a"]}, is_cut=False)) == 4


def test_lines_whose_beginning_was_cut_off_are_known_by_time() -> None:
    known = LoggedInvocation(request_id="a", stream="s", started_at=at(0), ended_at=at(12))
    stream = lines("of a", "more of a", end("a"), begin("b"), "of b", first=10)
    assert mine(owned_lines(stream, {"a": known}, is_cut=True)) == ["of a", "more of a", end("a")]
    later = LoggedInvocation(request_id="c", stream="s", started_at=at(40), ended_at=None)
    assert owned_lines(stream, {"c": later}, is_cut=True) == []


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 4)), max_size=8), st.integers(0, 40))
def test_no_line_of_another_invocation_is_ever_taken(work: list[tuple[str, int]], cut: int) -> None:
    messages: list[str] = []
    for number, (who, count) in enumerate(work):
        request_id = f"{who}{number}"
        messages += [begin(request_id), *[f"of {request_id}"] * count, end(request_id)]
    stream = lines(*messages)
    known = {key: one for key, one in invocations_in(stream).items() if key.startswith("a")}
    for request_id, line in owned_lines(stream[cut:], known, is_cut=cut > 0):
        assert request_id in line.message
    assert len(owned_lines(stream, known, is_cut=False)) == sum(count + 2 for who, count in work if who == "a")


def call(started: float, ended: float | None = None, *, is_answered: bool = False) -> TaskCall:
    return TaskCall(
        job="j",
        state="j",
        item="",
        kind=CallKind.FUNCTION,
        target="f",
        started_at=at(started),
        ended_at=None if ended is None else at(ended),
        is_answered=is_answered,
    )


def seen(started: float, ended: float | None = None, name: str = "a") -> LoggedInvocation:
    return LoggedInvocation(request_id=name, stream=name, started_at=at(started), ended_at=None if ended is None else at(ended))


def test_the_only_invocation_at_the_time_of_an_unnamed_call_is_its_own() -> None:
    assert match_invocations([call(10)], [], [seen(10.4), seen(3, 5, "before"), seen(200, name="after")]) == ([seen(10.4)], [])


def test_more_invocations_than_calls_cannot_be_told_apart() -> None:
    assert match_invocations([call(10)], [], [seen(10.2), seen(10.3, name="b")]) == ([], [seen(10.2), seen(10.3, name="b")])


def test_somebody_elses_unnamed_call_makes_the_only_one_doubtful() -> None:
    assert match_invocations([call(10)], [call(10.1)], [seen(10.2)]) == ([], [seen(10.2)])
    assert match_invocations([call(10)], [call(300)], [seen(10.2)]) == ([seen(10.2)], [])


def test_a_call_that_was_answered_has_an_invocation_that_had_ended_by_then() -> None:
    answered = call(10, 20, is_answered=True)
    assert match_invocations([answered], [], [seen(10.1, 19.9)]) == ([seen(10.1, 19.9)], [])
    assert match_invocations([answered], [], [seen(10.1, 40), seen(10.1)]) == ([], [])


def test_a_call_that_was_given_up_may_go_on() -> None:
    assert match_invocations([call(10, 13)], [], [seen(10.1, 300)])[0] == [seen(10.1, 300)]
