"""Numbers with their ranges, fields that exclude each other, and timestamps.

Source: states-language.net, sections of each state type; service quotas for the greatest values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard

from bunsui.asl.validation.finding import Finding, Path, error
from bunsui.asl.validation.views import StateView, is_opaque

_YEARS = 99_999_999
_EXCLUSIVE = (
    ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
    ("ItemSelector", "Parameters"),
)
_RANGES: Mapping[str, tuple[int, float | None, bool]] = {
    "TimeoutSeconds": (1, _YEARS, True),
    "HeartbeatSeconds": (1, _YEARS, True),
    "Seconds": (0, _YEARS, True),
    "MaxConcurrency": (0, None, True),
    "ToleratedFailureCount": (0, None, True),
    "ToleratedFailurePercentage": (0, 100, False),
}
"""Field -> least, greatest, and whether it must be whole."""
_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)


def numbers(state: StateView) -> Iterator[Finding]:
    """Check the numbers of a state."""
    for name, (least, greatest, whole) in _RANGES.items():
        if name not in state.fields:
            continue
        value, path = state.fields[name], (*state.path, name)
        if is_opaque(value) or (state.language == "JSONata" and is_code(value)):
            continue
        yield from in_range(value, path, least=least, greatest=greatest, whole=whole)
    timeout, beat = state.fields.get("TimeoutSeconds"), state.fields.get("HeartbeatSeconds")
    if is_number(timeout) and is_number(beat) and beat >= timeout:
        yield error("ASL005", (*state.path, "HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")


def in_range(value: Any, path: Path, *, least: float, greatest: float | None, whole: bool) -> Iterator[Finding]:
    """Check one number."""
    if not is_number(value) or (whole and isinstance(value, float) and not value.is_integer()):
        kind = "INTEGER" if whole else "NUMBER"
        shown = "a whole number" if whole else "a number"
        yield error("ASL004", path, f"{path[-1]} must be {shown}", aws=f"Expected value of type [{kind}]")
    elif value < least:
        yield error("ASL005", path, f"{path[-1]} must be at least {least:g}", aws=f"Minimum value is {least:g}")
    elif greatest is not None and value > greatest:
        yield error("ASL005", path, f"{path[-1]} must be at most {greatest:g}", aws=f"Maximum value is {greatest:g}")


def is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether the value is a number; booleans are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_code(value: Any) -> bool:
    """Tell whether the value is a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def exclusive(state: StateView) -> Iterator[Finding]:
    """Check that fields which exclude each other do not stand side by side, and that a Wait knows how long."""
    for group in _EXCLUSIVE:
        given = [name for name in group if name in state.fields]
        if len(given) > 1:
            words = f"A state should have only one of the following fields: [{', '.join(group)}]"
            message = f"{' and '.join(given)} exclude each other"
            yield error("ASL006", (*state.path, given[1]), message, aws=words, at=state.path, on_key=True)
    waits = _EXCLUSIVE[0] if state.language == "JSONPath" else ("Seconds", "Timestamp")
    if state.type == "Wait" and not any(name in state.fields for name in _EXCLUSIVE[0]):
        words = f"A state should have one of the following fields: [{', '.join(waits)}]"
        message = f"the Wait state {state.name} does not say how long"
        yield error("ASL002", state.path, message, aws=words, hint="Give it Seconds or Timestamp.", on_key=True)


def wait_timestamp(state: StateView) -> Iterator[Finding]:
    """Check the fixed Timestamp of a Wait."""
    if state.type == "Wait" and "Timestamp" in state.fields:
        value, path = state.fields["Timestamp"], (*state.path, "Timestamp")
        if not is_opaque(value) and not (state.language == "JSONata" and is_code(value)):
            yield from timestamp(value, path)


def timestamp(value: Any, path: Path) -> Iterator[Finding]:
    """Check one timestamp: RFC 3339 with capital T and Z."""
    if not isinstance(value, str):
        yield error("ASL004", path, f"{path[-1]} must be a string", aws="Expected value of type [STRING]")
    elif not is_timestamp(value):
        hint = "Such as 2026-03-14T01:59:00Z."
        yield error(
            "ASL070", path, f"{value[:60]} is no RFC 3339 timestamp", aws="String does not match RFC3339 timestamp", hint=hint
        )


def is_timestamp(text: str) -> bool:
    """Tell whether the text is a timestamp that exists."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return False
    try:
        datetime.strptime(found.group(1), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - only whether it exists
    except ValueError:
        return False
    return True
