"""How the embedded AWS writes the log of functions, and searches logs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from bunsui.emulator.patches.function_logs import EnvironmentLog, problem_of
from bunsui.emulator.patches.log_events import matcher, page_of

NOW = datetime(2026, 1, 31, 12, 0, 3, 250_000, tzinfo=UTC)
MARK = "\x00bunsui "


def test_the_lines_of_an_environment_stand_between_the_marks_of_its_invocations() -> None:
    written: list[tuple[str, str]] = []
    log = EnvironmentLog(lambda stream, message: written.append((stream, message)), runtime="python:3.12")
    log.begin("a", "7")
    for line in (f"{MARK}init 2026/01/31/[7]0f", "loading", f"{MARK}start", "of a", "", f"unended{MARK}end"):
        log.take(line)
    log.end("", milliseconds=12, memory_mb=128)
    assert {stream for stream, _ in written} == {"2026/01/31/[7]0f"}
    assert [message.split("\t")[0] for _, message in written] == [
        "INIT_START Runtime Version: python:3.12",
        "loading",
        "START RequestId: a Version: 7",
        "of a",
        " ",
        "unended",
        "END RequestId: a",
        "REPORT RequestId: a",
    ]


def test_the_next_invocation_of_an_environment_begins_after_the_end_of_the_one_before() -> None:
    """The emulator gives the worker away as soon as it has answered, before the end of the invocation is written."""
    written: list[str] = []
    log = EnvironmentLog(lambda _, message: written.append(message), runtime="python:3.12")
    log.begin("a", "7")
    log.take(f"{MARK}start")

    def come_next() -> None:
        log.begin("b", "7")
        log.take(f"{MARK}start")
        log.close()
        log.end("", milliseconds=1, memory_mb=128)

    following = threading.Thread(target=come_next)
    following.start()
    following.join(0.1)
    log.close()
    log.end("[ERROR] ValueError: of a", milliseconds=1, memory_mb=128)
    following.join(5)
    assert [message.partition("\t")[0] for message in written] == [
        "START RequestId: a Version: 7",
        "[ERROR] ValueError: of a",
        "END RequestId: a",
        "REPORT RequestId: a",
        "START RequestId: b Version: 7",
        "END RequestId: b",
        "REPORT RequestId: b",
    ]


def test_an_invocation_that_never_began_has_a_beginning_all_the_same() -> None:
    written: list[str] = []
    log = EnvironmentLog(lambda _, message: written.append(message), runtime="python:3.12")
    log.begin("a", "7")
    log.close()
    log.end("[ERROR] Runtime.ImportModuleError: no", milliseconds=1, memory_mb=128)
    assert [message.split(" ")[0] for message in written] == ["START", "[ERROR]", "END", "REPORT"]


def test_a_mark_is_not_given_back_as_a_line_of_the_function() -> None:
    log = EnvironmentLog(lambda _stream, _message: None, runtime="python:3.12")
    assert [log.take(line) for line in ("hello", f"{MARK}start", f"half{MARK}end", "")] == ["hello", None, "half", ""]


@pytest.mark.parametrize(
    ("payload", "logged"),
    [
        (None, ""),
        (
            {"errorType": "ValueError", "errorMessage": "no", "stackTrace": ['  File "a.py", line 1, in f\n    g()\n']},
            '[ERROR] ValueError: no\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n    g()',
        ),
        (
            {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: r Error: Task timed out after 3.00 seconds"},
            "2026-01-31T12:00:03.250Z r Task timed out after 3.00 seconds",
        ),
        (
            {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: r Error: Runtime exited"},
            "RequestId: r Error: Runtime exited",
        ),
    ],
)
def test_what_lambda_logs_of_an_error(payload: object, logged: str) -> None:
    assert problem_of(payload, "r", now=NOW) == logged


@pytest.mark.parametrize(
    ("pattern", "message", "fits"),
    [
        ("", "anything", True),
        ('"START RequestId: a"', "START RequestId: a Version: 1", True),
        ('"START RequestId: a"', "START of RequestId: a", False),
        ("ERROR", "no error here", False),
        ("one two", "two and one", True),
        ("one two", "only one", False),
        ("one -two", "one and two", False),
        ('?"of a" ?"of b"', "of b", True),
        ('?"of a" ?"of b"', "of c", False),
        (r'"say \"hi\""', 'say "hi"', True),
    ],
)
def test_a_pattern_of_terms_is_read_as_cloudwatch_reads_it(pattern: str, message: str, fits: bool) -> None:
    assert matcher(pattern)(message) is fits


def test_events_come_in_pages_of_so_many_and_of_so_many_bytes() -> None:
    events = [{"message": f"event {number}"} for number in range(5)]
    first, after = page_of(events, matcher("event"), begin=0, limit=2)
    assert ([event["message"] for event in first], after) == (["event 0", "event 1"], 2)
    last, end = page_of(events, matcher("event"), begin=4, limit=2)
    assert ([event["message"] for event in last], end) == (["event 4"], 0)
    large = [{"message": "x" * 700_000}] * 2
    assert page_of(large, matcher(""), begin=0, limit=10) == (large[:1], 1)
