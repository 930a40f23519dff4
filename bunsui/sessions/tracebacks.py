"""Read a Lambda function's own words about a failure, from the error that it returned or from its log: message, traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from bunsui.model.json import Json

_HEAD = "Traceback (most recent call last):"
_LAMBDA = "[ERROR] "
_OF_REQUEST = re.compile(r"^RequestId: [0-9a-fA-F-]{36} Error: ")
"""What Lambda puts before what it says of an environment that ended; another one each time."""
_LAST = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$")


def payload_of(cause: str) -> Mapping[str, Json]:
    """Return the cause as an object; empty when it is plain text."""
    try:
        value = json.loads(cause)
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}


def message_of(cause: str, error: str) -> str:
    """Return the part of a cause that says what happened; the error's name when there is nothing else."""
    payload = payload_of(cause)
    for name in ("errorMessage", "StoppedReason", "Cause", "message", "Message"):
        text = payload.get(name)
        if isinstance(text, str) and text:
            return _OF_REQUEST.sub("", text)
    return cause.strip() or error


def error_of(cause: str, error: str) -> str:
    """Return the name of the error: the function's own type behind what the integration made of it."""
    own = payload_of(cause).get("errorType")
    return own if isinstance(own, str) and own else error


def stack_of(cause: str) -> tuple[str, ...]:
    """Return the traceback that Lambda puts into the error, outermost frame first, ended by the error itself."""
    payload = payload_of(cause)
    trace = payload.get("stackTrace") or payload.get("trace")
    if not isinstance(trace, Sequence) or isinstance(trace, str):
        return ()
    frames = [line for entry in trace if isinstance(entry, str) for line in entry.rstrip("\n").split("\n")]
    kind, message = payload.get("errorType"), payload.get("errorMessage")
    return (*frames, f"{kind}: {message}") if frames and kind else tuple(frames)


def logged_traceback(messages: Sequence[str], message: str = "") -> tuple[str, ...]:
    """Return the last traceback among log messages; one that ends in `message` is preferred, so that a handled one is not
    taken.

    Lambda logs `[ERROR] Type: message` and then the frames, as one message whose lines may be parted by carriage returns and
    indented by no-break spaces; others log the usual form line by line.
    """
    lines = [line.replace("\xa0", " ") for text in messages for line in re.split(r"\r\n|\r|\n", text.rstrip("\r\n"))]
    found: list[tuple[str, ...]] = []
    for index, line in enumerate(lines):
        if _HEAD in line:
            trace = _traceback(lines[index + 1 :])
            above = lines[index - 1].partition(_LAMBDA)[2] if index else ""
            found.append((*trace, above) if above and _LAST.match(above) else trace)
    wanted = [trace for trace in found if message and any(message.split("\n")[0] in line for line in trace[-1:])]
    return (wanted or found or [()])[-1]


def _traceback(lines: Sequence[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for line in lines:
        if line.startswith(" ") or not line.strip():
            if line.strip():
                taken.append(line)
            continue
        if _LAST.match(line):
            taken.append(line)
        break
    return tuple(taken)
