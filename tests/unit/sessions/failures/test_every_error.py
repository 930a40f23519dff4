"""Errors by the names, sentences and places that the rules tell apart, each with each: `tests/cases/failures/judged.txt`.

A line tells who raised it, of what class it is, and the first words of the advice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.sessions.failures.advice import _by_name, _special, advice_of
from bunsui.sessions.failures.classes import judge
from bunsui.sessions.failures.origins import Raised
from tests.unit.sessions.failures.test_error_texts import FOLDER

EXPECTED = FOLDER / "judged.txt"
SHOWN = 44
"""Characters of an advice."""


def refused(status: int, words: str = "no", code: str = "") -> str:
    return f"{words} (Service: Some, Status Code: {status}{f', Error Code: {code}' if code else ''}, Request ID: 1)"


def function(message: str, kind: str = "", **more: Any) -> str:
    return json.dumps({"errorMessage": message, **({"errorType": kind} if kind else {}), **more})


ERRORS = (
    "States.TaskFailed",
    "States.Timeout",
    "States.Runtime",
    "States.ItemReaderFailed",
    "States.Http.StatusCode.503",
    "Lambda.Unknown",
    "Lambda.LambdaException",
    "Lambda.AWSLambdaException",
    "Lambda.ResourceNotReadyException",
    "S3.S3Exception",
    "S3.SdkClientException",
    "ECS.InvalidParameterException",
    "Glue.ConcurrentRunsExceededException",
    "DynamoDB.ConditionalCheckFailedException",
    "Bunsui.PollFailed",
    "Bunsui.TooManyItems",
    "CheckFailed",
    "Runtime.ImportModuleError",
    "MemoryError",
    "ValueError",
)
CAUSES: Mapping[str, str] = {
    "nothing": "",
    "words": "it broke",
    "denied": "access denied",
    "gone": "it does not exist",
    "far": "Could not connect to the endpoint",
    "a limit": "you reached the limit on runs",
    "302": refused(302),
    "400": refused(400),
    "403": refused(403),
    "404 of a name": refused(404, code="ResourceNotFoundException"),
    "429": refused(429),
    "500": refused(500),
    "own": function("no", "ValueError", stackTrace=["x"]),
    "own memory": function("no", "MemoryError", trace=["x"]),
    "own disk": function("No space left on device", "OSError", stackTrace=["x"]),
    "its call": function("An error occurred (AccessDenied) when calling the X operation: no", "ClientError", stackTrace=["x"]),
    "not loaded": function("no module", "Runtime.ImportModuleError", stackTrace=["x"]),
    "its process": function("RequestId: 1 Error: Runtime exited with error: exit status 1", "Runtime.ExitError"),
    "its time": function("2026 1 Task timed out after 3.00 seconds"),
}
PLACES: Mapping[str, dict[str, str]] = {
    "nowhere": {},
    "lambda": {"event": "TaskFailed", "service": "lambda", "action": "invoke", "state_type": "Task"},
    "s3": {"event": "TaskFailed", "service": "aws-sdk:s3", "action": "getObject", "state_type": "Task"},
    "glue": {"event": "TaskFailed", "service": "glue", "action": "startJobRun.sync", "state_type": "Task"},
    "token": {"event": "TaskFailed", "service": "sqs", "action": "sendMessage.waitForTaskToken", "state_type": "Task"},
    "activity": {"event": "ActivityFailed", "state_type": "Task"},
    "fail": {"event": "FailStateEntered", "state_type": "Fail"},
    "evaluation": {"event": "EvaluationFailed", "service": "lambda", "action": "invoke", "state_type": "Task"},
    "given up": {"event": "TaskTimedOut", "service": "glue", "action": "startJobRun.sync", "state_type": "Task"},
    "stopped": {"event": "ExecutionAborted"},
}
WIDE = ("lambda", "s3", "glue")
"""Places at which every error is judged with every cause; at the others a few of each."""
HINTS = {
    "States.TaskFailed": "own: {again}",
    "Glue.ConcurrentRunsExceededException": "own",
    "Lambda.LambdaException": "own",
    "S3.S3Exception": "own",
    "ValueError": "own",
}
SOME_ERRORS = (*ERRORS[:1], *ERRORS[3:4], *ERRORS[5:6], *ERRORS[9:10], *ERRORS[14:])
SOME_CAUSES = ("nothing", "403", "own", "its time")


def judged(error: str, cause: str, about: Mapping[str, str]) -> str:
    verdict = judge(Raised(error=error, cause=cause, **about))
    assert isinstance(_special(verdict), str)
    assert isinstance(_by_name(verdict, HINTS, error), str)
    advice = advice_of(verdict, HINTS, error=error, again="AGAIN")
    own = f" ({verdict.error})" if verdict.error != error else ""
    return f"{verdict.raiser.value}, {verdict.error_class.value}{own}: {advice[:SHOWN].strip()}"


def lines() -> Iterator[str]:
    for place, about in PLACES.items():
        for error in ERRORS if place in WIDE else SOME_ERRORS:
            yield f"## {place}: {error}"
            alike: dict[str, list[str]] = {}
            for cause in CAUSES if place in WIDE else SOME_CAUSES:
                alike.setdefault(judged(error, CAUSES[cause], about), []).append(cause)
            yield from (f"{', '.join(causes)} -> {verdict}" for verdict, causes in alike.items())


def test_each_error_with_each_cause_at_each_place_is_judged_as_recorded(update_cases: bool) -> None:
    found = "\n".join(lines()) + "\n"
    if update_cases:
        EXPECTED.write_text(found, encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8")
