"""What kind of failure an error is, by who raised it first, by its name second."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.sessions.failures.job_reports import JobReport, report_of
from bunsui.sessions.failures.names import named, says_forbidden, says_gone, says_no_memory
from bunsui.sessions.failures.origins import REFUSED, Raised, raiser_of
from bunsui.sessions.snapshot import ErrorClass, Raiser
from bunsui.sessions.tracebacks import error_of, message_of

_CALL_IN_CODE = re.compile(r"^An error occurred \((?P<code>[\w.]+)\) when calling the \w+ operation")
"""How botocore words that a call which the author's code made was refused."""
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
        (ErrorClass.TIMEOUT, r"^States\.(?:Heartbeat)?Timeout$"),
        (ErrorClass.PERMISSION, r"^States\.Permissions$|^States\.Http\.StatusCode\.40[13]$"),
        (ErrorClass.PAYLOAD, r"DataLimitExceeded"),
        (ErrorClass.INFRASTRUCTURE, r"^States\.(?:ServiceRestart|Http\.(?:Socket|StatusCode\.5\d\d))$"),
        (ErrorClass.THROTTLING, r"^States\.Http\.StatusCode\.429$"),
        (ErrorClass.CONFIGURATION, r"^States\.Http\.StatusCode\.404$"),
    )
)
_OWN_DATA = re.compile(r"^Bunsui\.|CheckFailed$")
_JOBS = ("ecs", "batch", "lambda", "codebuild", "eks", "elasticmapreduce", "glue", "sagemaker", "states")
"""Services to which a parameter that is invalid is how the work was set up, not what it works on."""
_TOO_MUCH = re.compile(r"maximum number of history events|maximum number of running|quota|Rate exceeded", re.IGNORECASE)
_TOO_LARGE = re.compile(
    r"exceeding the maximum number of bytes|Item size has exceeded|longer than 262144|too large", re.IGNORECASE
)
_SLOWER = re.compile(r"reduce your request rate|Rate exceeded|Too many requests", re.IGNORECASE)
_NOT_OURS_TO_WAIT_FOR = (ErrorClass.QUOTA, ErrorClass.CONFIGURATION)
"""Lambda answers with a status of 502 where a network or a key that it was given does not do."""
_UNREACHED = re.compile(r"UnknownHost|Name or service not known|nodename nor servname")


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
    report = report_of(raised.payload) if raiser is Raiser.SERVICE else None
    if report is not None and report.is_code:
        raiser = Raiser.CODE
    elif report is not None and report.is_container and report.error_class is ErrorClass.MEMORY:
        raiser = Raiser.RUNTIME
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
    refused = _CALL_IN_CODE.match(message)
    if refused is not None:
        return _of_refused_call(refused["code"], message)
    return ErrorClass.MEMORY if error == "MemoryError" else ErrorClass.CODE


def _of_refused_call(code: str, message: str) -> ErrorClass:
    """Return the class of a call that the author's code made, which the service refused."""
    if code in ("404", "NoSuchKey"):
        return ErrorClass.DATA
    if code in ("403", "401") or says_forbidden(message):
        return ErrorClass.PERMISSION
    return named(code) or ErrorClass.CODE


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
    by_name = named(raised.error.rpartition(".")[2].removesuffix("Exception")) or named(raised.error) or named(code)
    if "SdkClient" in raised.error:
        return ErrorClass.CONFIGURATION if _UNREACHED.search(raised.cause) else ErrorClass.INFRASTRUCTURE
    if by_name is ErrorClass.THROTTLING or status == 429 or _SLOWER.search(raised.cause):
        return ErrorClass.THROTTLING
    if by_name is ErrorClass.PERMISSION or status in (401, 403) or says_forbidden(raised.cause):
        return ErrorClass.PERMISSION
    if status >= 500 and by_name not in _NOT_OURS_TO_WAIT_FOR:
        return ErrorClass.INFRASTRUCTURE
    if by_name is ErrorClass.PAYLOAD or _TOO_LARGE.search(raised.cause):
        return ErrorClass.PAYLOAD
    service = raised.service.removeprefix("aws-sdk:")
    if by_name is ErrorClass.DATA and (service in _JOBS or raised.error.startswith("ECS.")) and "Invalid" in raised.error:
        return ErrorClass.CONFIGURATION
    if by_name is not None and by_name is not ErrorClass.INFRASTRUCTURE:
        named_code = named(code)
        gone = by_name is ErrorClass.DATA and named_code is ErrorClass.CONFIGURATION
        return ErrorClass.CONFIGURATION if gone else by_name
    if says_gone(raised.cause) and (status in (0, 400, 404)):
        return ErrorClass.CONFIGURATION
    if by_name is ErrorClass.INFRASTRUCTURE and not 400 <= status < 500:
        return ErrorClass.INFRASTRUCTURE
    if raised.error == "States.TaskFailed" and not status:
        return ErrorClass.TIMEOUT if "timed out" in raised.cause.lower() else ErrorClass.CODE
    return named(code) or (ErrorClass.DATA if 400 <= status < 500 else ErrorClass.INFRASTRUCTURE)
