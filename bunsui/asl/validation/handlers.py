"""Error handlers of a state: Retry and Catch.

Source: states-language.net, "Errors"; developer guide, "Handling errors in Step Functions workflows".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.validation.fields import object_field
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, other_language, unsupported_field, warning
from bunsui.asl.validation.numbers import in_range, is_number
from bunsui.asl.validation.views import StateView, is_opaque

PREDEFINED = frozenset(
    {
        "States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout", "States.Http.Socket", "States.IntrinsicFailure", "States.ItemReaderFailed",
        "States.NoChoiceMatched", "States.ParameterPathFailure", "States.Permissions", "States.QueryEvaluationError",
        "States.ResultPathMatchFailure", "States.ResultWriterFailed", "States.Runtime", "States.TaskFailed", "States.Timeout",
    }
)  # fmt: skip
"""Error names that Step Functions gives itself."""

_RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
_CATCHER: Mapping[str, str] = {
    "ErrorEquals": "", "Next": "", "Comment": "", "Assign": "", "ResultPath": "JSONPath", "Output": "JSONata",
}  # fmt: skip
_RANGES: tuple[tuple[str, float, float | None, bool], ...] = (
    ("IntervalSeconds", 1, 99_999_999, True),
    ("MaxAttempts", 0, 99_999_999, True),
    ("BackoffRate", 1, None, False),
    ("MaxDelaySeconds", 1, 31_622_400, True),
)


def handlers(state: StateView) -> Iterator[DefinitionFinding]:
    """Check the Retry and the Catch of a state."""
    for key, check in (("Retry", _retrier), ("Catch", _catcher)):
        entries = state.fields.get(key)
        if not isinstance(entries, list):
            continue
        for index, entry in enumerate(entries):
            path = (*state.path, key, index)
            if is_opaque(entry):
                continue
            if not isinstance(entry, Mapping):
                yield error("ASL004", path, f"an entry of {key} must be an object", aws="Expected value of type [OBJECT]")
                continue
            yield from _error_names(entry, path, last=index == len(entries) - 1)
            yield from check(state, entry, path)


def _error_names(entry: Mapping[str, Any], path: Path, *, last: bool) -> Iterator[DefinitionFinding]:
    names, at = entry.get("ErrorEquals"), (*path, "ErrorEquals")
    if names is None:
        words = "These fields are required: [ErrorEquals]"
        yield error("ASL002", path, "the entry has no ErrorEquals", aws=words)
    elif not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        if not is_opaque(names):
            yield error("ASL004", at, "ErrorEquals must be a list of error names", aws="Expected value of type [ARRAY]")
    elif not names:
        yield error("ASL004", at, "ErrorEquals is empty", aws="Value cannot be empty")
    else:
        if "States.ALL" in names and len(names) > 1:
            yield error("ASL050", at, "States.ALL must stand alone", hint="It takes every error already.")
        elif "States.ALL" in names and not last:
            yield error("ASL050", at, "States.ALL must be in the last entry", hint="Entries after it would never be used.")
        for number, name in enumerate(names):
            if name.startswith("States.") and name not in PREDEFINED and not name.startswith("States.Http.StatusCode."):
                yield warning("ASL051", (*at, number), f"{name} is not an error name that Step Functions gives")


def _retrier(state: StateView, entry: Mapping[str, Any], path: Path) -> Iterator[DefinitionFinding]:
    del state
    for name in map(str, entry):
        if name not in _RETRIER:
            yield unsupported_field(path, name, known=_RETRIER)
    for name, least, greatest, whole in _RANGES:
        if name in entry and not is_opaque(entry[name]):
            yield from in_range(entry[name], (*path, name), least=least, greatest=greatest, whole=whole)
    most, interval = entry.get("MaxDelaySeconds"), entry.get("IntervalSeconds", 1)
    if is_number(most) and is_number(interval) and most <= interval:
        yield error("ASL005", (*path, "MaxDelaySeconds"), "MaxDelaySeconds must be greater than IntervalSeconds")
    jitter = entry.get("JitterStrategy", "NONE")
    if jitter not in ("FULL", "NONE") and not is_opaque(jitter):
        words = "Value should be one of the following: [FULL, NONE]"
        yield error("ASL007", (*path, "JitterStrategy"), "JitterStrategy is FULL or NONE", aws=words)


def _catcher(state: StateView, entry: Mapping[str, Any], path: Path) -> Iterator[DefinitionFinding]:
    for name in map(str, entry):
        if name not in _CATCHER:
            yield unsupported_field(path, name, known=_CATCHER)
        elif _CATCHER[name] not in ("", state.language):
            yield other_language(path, name, used=state.language, only=_CATCHER[name])
    yield from object_field(entry, "Assign", path)
    if "Next" not in entry:
        yield error("ASL002", path, "the catcher does not say which state is Next", aws="These fields are required: [Next]")
    elif not isinstance(entry["Next"], str) and not is_opaque(entry["Next"]):
        yield error("ASL004", (*path, "Next"), "Next must be a string", aws="Expected value of type [STRING]")
