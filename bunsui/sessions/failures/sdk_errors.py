"""Failed calls to AWS of the author's own code, as the SDKs of its language word them.

botocore says it in a sentence or raises an error of its own about the endpoint; the SDK for Java names its classes by package
and tells the service behind; the SDK for JavaScript throws the service's name with its own modules in the stack; the one for Go
wraps it as `operation error`, the one for .NET names its namespace. An exception that has none of these marks is the author's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.sessions.failures.names import is_vague, named
from bunsui.sessions.failures.service_words import class_of_words

_BOTOCORE = re.compile(r"^An error occurred \((?P<code>[\w.]+)\) when calling the \w+ operation(?: \([^)]*\))?: ?")
_BOTOCORE_ENDPOINT = re.compile(
    r"^(?:Could not connect to the endpoint|Connect timeout on endpoint|Read timeout on endpoint) URL"
)
_JAVA = re.compile(r"^(?:com\.amazonaws|software\.amazon\.awssdk)\.[\w.]+\.(?P<code>\w+)$")
_JAVA_TOLD = re.compile(r"\(Service: [^;,)]+[;,]\s*Status Code: (?P<status>\d+)(?:[;,]\s*Error Code: (?P<code>[\w.]+))?")
_GO = re.compile(r"^operation error [\w ]+: \w+, .*?StatusCode: (?P<status>\d+).*?, (?:api error )?(?P<code>\w+): ")
_DOTNET = re.compile(r"^Amazon\.\w+\.(?:Model\.)?(?P<code>\w+)$")
_JAVASCRIPT = re.compile(r"/(?:@aws-sdk|@smithy|aws-sdk)/")

_MEMORY = frozenset(
    ("MemoryError", "java.lang.OutOfMemoryError", "OutOfMemoryError", "System.OutOfMemoryException", "NoMemoryError")
)
"""What the languages themselves raise when their memory is used up."""
_FULL_DISK = re.compile(r"No space left on device|\bENOSPC\b")
_DENIED_STATUS = ("401", "403")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCall:
    """A call of the author's code that AWS refused, or that did not reach it."""

    code: str
    """The service's name for it; empty where no service answered."""
    status: str
    """The HTTP status; empty where the SDK does not tell it."""
    message: str


def refused_call(error: str, message: str, payload: Mapping[str, Json]) -> RefusedCall | None:
    """Return the call that failed; None for an exception that is the author's own."""
    for pattern in (_BOTOCORE, _GO):
        worded = pattern.match(message)
        if worded is not None:
            status = worded.groupdict().get("status") or ""
            return RefusedCall(code=worded["code"], status=status, message=message[worded.end() :])
    if _BOTOCORE_ENDPOINT.match(message):
        return RefusedCall(code="", status="", message=message)
    packaged = _JAVA.match(error) or _DOTNET.match(error)
    if packaged is not None:
        told = _JAVA_TOLD.search(message)
        code = (told["code"] if told is not None else "") or packaged["code"]
        return RefusedCall(code=code, status=told["status"] if told is not None else "", message=message)
    if any(_JAVASCRIPT.search(str(line)) for line in _stack(payload)):
        return RefusedCall(code=error, status="", message=message)
    return None


def class_of_refused(call: RefusedCall) -> ErrorClass:
    """Return the class of such a call."""
    if call.code in ("404", "NoSuchKey"):
        return ErrorClass.DATA
    if call.code in _DENIED_STATUS or call.status in _DENIED_STATUS:
        return ErrorClass.PERMISSION
    told, by_name = class_of_words(call.message), named(call.code)
    if told is ErrorClass.PERMISSION:
        return told
    # A name such as ValidationException only says that something in the request is wrong; the sentence says what.
    return by_name or told or (ErrorClass.DATA if is_vague(call.code) else ErrorClass.CODE)


def class_of_own(error: str, message: str) -> ErrorClass:
    """Return the class of an exception that no call to AWS raised: code, except where the language says that it had no room."""
    if error in _MEMORY or "JavaScript heap out of memory" in message:
        return ErrorClass.MEMORY
    return ErrorClass.QUOTA if _FULL_DISK.search(message) else ErrorClass.CODE


def _stack(payload: Mapping[str, Json]) -> list[Json]:
    for name in ("trace", "stackTrace"):
        lines = payload.get(name)
        if isinstance(lines, list):
            return lines
    return []
