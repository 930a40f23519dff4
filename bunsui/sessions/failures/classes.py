"""What kind of failure an error is, by who raised it first, by its name second."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.model.failures import ErrorClass
from bunsui.sessions.failures.job_reports import JobReport, report_of
from bunsui.sessions.failures.names import is_vague, named
from bunsui.sessions.failures.origins import REFUSED, Raised, raiser_of
from bunsui.sessions.failures.sdk_errors import class_of_own, class_of_refused, refused_call
from bunsui.sessions.failures.service_words import class_of_words, says_forbidden, says_gone, says_no_memory
from bunsui.sessions.snapshot import Raiser
from bunsui.sessions.tracebacks import error_of, message_of

_RUNTIME: tuple[tuple[ErrorClass, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ErrorClass.TIMEOUT, r"^Sandbox\.Timedout$"),
        (ErrorClass.PAYLOAD, r"ResponseSizeTooLarge"),
        (ErrorClass.CONFIGURATION, r"^Runtime\.Invalid|^Extension\."),
    )
)
_STEP_FUNCTIONS: tuple[tuple[ErrorClass, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        # States.Http.Socket: an HTTP request that was not answered within 60 seconds.
        (ErrorClass.TIMEOUT, r"^States\.(?:(?:Heartbeat)?Timeout|Http\.Socket)$"),
        (ErrorClass.PERMISSION, r"^States\.Permissions$|^States\.Http\.StatusCode\.40[13]$"),
        (ErrorClass.PAYLOAD, r"DataLimitExceeded"),
        (ErrorClass.INFRASTRUCTURE, r"^States\.(?:ServiceRestart|Http\.StatusCode\.5\d\d)$"),
        (ErrorClass.THROTTLING, r"^States\.Http\.StatusCode\.429$"),
        (ErrorClass.CONFIGURATION, r"^States\.Http\.StatusCode\.404$"),
    )
)
_OWN_DATA = re.compile(r"^Bunsui\.|CheckFailed$")
_JOBS = ("ecs", "batch", "lambda", "codebuild", "eks", "elasticmapreduce", "glue", "sagemaker", "states")
"""Services to which a parameter that is invalid is how the work was set up, not what it works on."""
_TOO_MUCH = re.compile(r"maximum number of history events|maximum number of running|quota|Rate exceeded", re.IGNORECASE)
_STANDING_LIMIT = re.compile(r"reached (?:the|your) (?:\w+ )*(?:limit|quota) (?:on|of|for)", re.IGNORECASE)
"""What some services say under the name of a throttled request: as much as the account may have at once is there."""
_SERVICES_WORDS = re.compile(r"\s*\(Service: .*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureVerdict:
    """What kind of failure an error is."""

    raised: Raised
    raiser: Raiser
    error_class: ErrorClass
    error: str
    """Its own name, behind what the integration made of it."""
    message: str
    """The one line that says what happened."""
    report: JobReport | None = None
    """What the service says of the job that failed."""


def judge(raised: Raised) -> FailureVerdict:
    """Return what kind of failure it is."""
    raiser = raiser_of(raised)
    error = error_of(raised.cause, raised.error) if raised.is_function else raised.error
    # A Fail of `ecs_task` raises the task's end again, under the name that its exit code or its stop has.
    report = report_of(raised.payload) if raiser is Raiser.SERVICE or raised.state_type == "Fail" else None
    if report is not None:
        raiser = report.raiser
    return FailureVerdict(
        raised=raised,
        raiser=raiser,
        error_class=_class(raised, raiser, error, report),
        error=error,
        message=report.message if report is not None else message_of(raised.cause, error),
        report=report,
    )


def _class(raised: Raised, raiser: Raiser, error: str, report: JobReport | None) -> ErrorClass:
    if report is not None:
        return report.error_class
    match raiser:
        case Raiser.CALLER:
            return ErrorClass.CANCELLED
        case Raiser.CODE:
            return _of_code(raised, error)
        case Raiser.RUNTIME:
            return _of_runtime(raised, error)
        case Raiser.STEP_FUNCTIONS:
            return _of_step_functions(raised)
        case Raiser.SERVICE:
            return _of_service(raised)


def _of_code(raised: Raised, error: str) -> ErrorClass:
    if not raised.is_function:
        # Checks and expressions of bunsui's own end in Fail states or are thrown; nobody else names errors so.
        return ErrorClass.DATA if _OWN_DATA.search(raised.error) else ErrorClass.CODE
    message = message_of(raised.cause, error)
    refused = refused_call(error, message, raised.payload)
    return class_of_refused(refused) if refused is not None else class_of_own(error, message)


def _of_runtime(raised: Raised, error: str) -> ErrorClass:
    found = next((kind for kind, pattern in _RUNTIME if pattern.search(error)), None)
    if found is not None:
        return found
    if says_no_memory(error) or says_no_memory(raised.cause):
        return ErrorClass.MEMORY
    return ErrorClass.TIMEOUT if "Task timed out after" in raised.cause else ErrorClass.CODE


def _of_step_functions(raised: Raised) -> ErrorClass:
    found = next((kind for kind, pattern in _STEP_FUNCTIONS if pattern.search(raised.error)), None)
    if found is not None:
        return found
    if raised.error in ("States.ItemReaderFailed", "States.ResultWriterFailed"):
        if says_forbidden(raised.cause):
            return ErrorClass.PERMISSION
        if says_gone(raised.cause) or named(raised.cause) is ErrorClass.CONFIGURATION:
            return ErrorClass.CONFIGURATION
    return ErrorClass.QUOTA if _TOO_MUCH.search(raised.cause) else ErrorClass.DATA


def _of_service(raised: Raised) -> ErrorClass:
    told = REFUSED.search(raised.cause)
    status = int(told["status"]) if told is not None else 0
    code = (told["code"] or "") if told is not None else ""
    sentence = class_of_words(_SERVICES_WORDS.sub("", raised.cause))
    if "SdkClient" in raised.error:
        return ErrorClass.CONFIGURATION if sentence is ErrorClass.CONFIGURATION else ErrorClass.INFRASTRUCTURE
    by_name = _by_name(raised.error, code, status)
    if by_name is ErrorClass.THROTTLING and _STANDING_LIMIT.search(raised.cause):
        return ErrorClass.QUOTA
    return by_name or _by_status(status, sentence) or _by_sentence(raised, status, sentence)


def _by_name(error: str, code: str, status: int) -> ErrorClass | None:
    """Return the class that the names of an error say; None where they say nothing, or too little."""
    name = error.rpartition(".")[2]
    found = named(name.removesuffix("Exception")) or named(error)
    if found is ErrorClass.DATA and named(code) is ErrorClass.CONFIGURATION:
        return ErrorClass.CONFIGURATION
    if found is ErrorClass.INFRASTRUCTURE and 400 <= status < 500 and named(name.removesuffix("Exception")) is None:
        return named(code)  # `AWSLambdaException` and the like only end like the name of a failing service
    return found or named(code)


def _by_status(status: int, sentence: ErrorClass | None) -> ErrorClass | None:
    if status == 429 or sentence is ErrorClass.THROTTLING:
        return ErrorClass.THROTTLING
    if status in (401, 403) or sentence is ErrorClass.PERMISSION:
        return ErrorClass.PERMISSION
    if 300 <= status < 400:
        return ErrorClass.CONFIGURATION  # it is served elsewhere: another region, another endpoint
    return ErrorClass.INFRASTRUCTURE if status >= 500 else None


def _by_sentence(raised: Raised, status: int, sentence: ErrorClass | None) -> ErrorClass:
    if sentence is not None:
        return sentence
    name = raised.error.rpartition(".")[2]
    if is_vague(name):
        is_work = raised.service.removeprefix("aws-sdk:") in _JOBS or raised.error.startswith("ECS.")
        return ErrorClass.CONFIGURATION if is_work and "Invalid" in name else ErrorClass.DATA
    if raised.error == "States.TaskFailed" and not status:
        return ErrorClass.CODE
    return ErrorClass.DATA if 400 <= status < 500 else ErrorClass.INFRASTRUCTURE
