"""A function's own words about a failure, as errors and logs hold them: each form with all that is read of it."""

from __future__ import annotations

import json

import pytest

from bunsui.model.json import Json
from bunsui.sessions.tracebacks import error_of, logged_traceback, message_of, payload_of, stack_of

ID = "8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e"


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        ({"errorMessage": "a", "StoppedReason": "b", "Cause": "c", "message": "d", "Message": "e"}, "a"),
        ({"StoppedReason": "b", "Cause": "c", "message": "d", "Message": "e"}, "b"),
        ({"errorMessage": "", "Cause": "c", "message": "d", "Message": "e"}, "c"),
        ({"errorMessage": 3, "message": "d", "Message": "e"}, "d"),
        ({"Message": "e"}, "e"),
        ({"errorMessage": f"RequestId: {ID} Error: it ended"}, "it ended"),
        ({"errorMessage": f"x RequestId: {ID} Error: it ended"}, f"x RequestId: {ID} Error: it ended"),
        ({}, "{}"),
        ([1], "[1]"),
    ],
)
def test_the_part_of_a_cause_that_says_what_happened(cause: Json, message: str) -> None:
    assert message_of(json.dumps(cause), "E") == message


def test_a_text_is_its_own_message_and_without_one_the_errors_name_is() -> None:
    assert [message_of(cause, "E") for cause in ("  plain \n", "", " ")] == ["plain", "E", "E"]
    assert [payload_of(cause) for cause in ("plain", "[1]", '"x"', '{"a": 1}')] == [{}, {}, {}, {"a": 1}]


@pytest.mark.parametrize(
    ("cause", "error"), [('{"errorType": "Own"}', "Own"), ('{"errorType": ""}', "E"), ('{"errorType": 3}', "E"), ("x", "E")]
)
def test_an_errors_own_name_goes_before_that_of_the_integration(cause: str, error: str) -> None:
    assert error_of(cause, "E") == error


@pytest.mark.parametrize(
    ("payload", "stack"),
    [
        ({"stackTrace": ["a\n  b\n", "c"], "errorType": "E", "errorMessage": "no"}, ("a", "  b", "c", "E: no")),
        ({"trace": ["a"], "errorType": "E", "errorMessage": "no"}, ("a", "E: no")),
        ({"stackTrace": ["a"], "trace": ["b"], "errorType": "E", "errorMessage": "no"}, ("a", "E: no")),
        ({"stackTrace": [], "trace": ["b"], "errorType": "E", "errorMessage": "no"}, ("b", "E: no")),
        ({"stackTrace": ["a"], "errorMessage": "no"}, ("a",)),
        ({"stackTrace": [3], "errorType": "E", "errorMessage": "no"}, ()),
        ({"stackTrace": [3, "a"], "errorType": "E", "errorMessage": "no"}, ("a", "E: no")),
        ({"stackTrace": "a", "errorType": "E"}, ()),
        ({"stackTrace": {"a": 1}, "errorType": "E"}, ()),
        ({"errorType": "E", "errorMessage": "no"}, ()),
    ],
)
def test_a_stack_ends_with_the_error_itself(payload: Json, stack: tuple[str, ...]) -> None:
    assert stack_of(json.dumps(payload)) == stack


HEAD = "Traceback (most recent call last):"
LAMBDA = f"[ERROR] ValueError: no\r{HEAD}\r\xa0\xa0File x\r\xa0\xa0\xa0\xa0raise\r"
FRAME = '  File "a.py", line 1, in f'


@pytest.mark.parametrize(
    ("messages", "message", "trace"),
    [
        ([], "", ()),
        ([HEAD, FRAME, "ValueError: no"], "", (FRAME, "ValueError: no")),
        ([HEAD, FRAME, "ValueError"], "", (FRAME, "ValueError")),
        ([f"prefix {HEAD}", FRAME, "", "ValueError: no", "after"], "", (FRAME, "ValueError: no")),
        ([HEAD, FRAME, "no error of python", "ValueError: no"], "", (FRAME,)),
        ([HEAD, FRAME, "1Error: no"], "", (FRAME,)),
        ([LAMBDA], "", ("  File x", "    raise", "ValueError: no")),
        ([f"[ERROR] {HEAD}", FRAME], "", (FRAME,)),
        (["ValueError: no", HEAD, FRAME], "", (FRAME,)),
        (["[ERROR] not one", HEAD, FRAME], "", (FRAME,)),
        ([f"{HEAD}\n{FRAME}\nA: one", f"{HEAD}\n{FRAME}\nB: two"], "", (FRAME, "B: two")),
        ([f"{HEAD}\n{FRAME}\nA: one", f"{HEAD}\n{FRAME}\nB: two"], "one", (FRAME, "A: one")),
        ([f"{HEAD}\n{FRAME}\nA: one", f"{HEAD}\n{FRAME}\nB: two"], "one\nmore", (FRAME, "A: one")),
        ([f"{HEAD}\n{FRAME}\nA: one", f"{HEAD}\n{FRAME}\nB: two"], "three", (FRAME, "B: two")),
        ([f"{HEAD}\n  one\nA: x", f"{HEAD}\n{FRAME}\nB: two"], "one", (FRAME, "B: two")),
        ([f"{HEAD}\n{FRAME}\nA: one", f"{HEAD}\n{FRAME}\nB: one", HEAD], "one", (FRAME, "B: one")),
        ([f"{HEAD}\r\n{FRAME}\r\nA: one\r\n"], "", (FRAME, "A: one")),
    ],
)  # fmt: skip
def test_of_logged_tracebacks_the_last_is_taken_or_that_which_ends_in_the_message(
    messages: list[str], message: str, trace: tuple[str, ...]
) -> None:
    assert logged_traceback(messages, message) == trace
