"""The numbers of a state, with their ranges.

Source: states-language.net, sections of each state type; service quotas for the greatest values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from bunsui.asl.validation.finding import DefinitionFinding, Path, error
from bunsui.asl.validation.views import StateView, is_opaque

_YEARS = 99_999_999
_RANGES: Mapping[str, tuple[int, float | None, bool]] = {
    "TimeoutSeconds": (1, _YEARS, True),
    "HeartbeatSeconds": (1, _YEARS, True),
    "Seconds": (0, _YEARS, True),
    "MaxConcurrency": (0, None, True),
    "ToleratedFailureCount": (0, None, True),
    "ToleratedFailurePercentage": (0, 100, False),
}
"""Field -> least, greatest, and whether it must be whole."""


def numbers(state: StateView) -> Iterator[DefinitionFinding]:
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


def in_range(value: Any, path: Path, *, least: float, greatest: float | None, whole: bool) -> Iterator[DefinitionFinding]:
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
