"""Compares what the engine did with what was recorded on AWS.

The recordings lost some things: strings that held JSON objects became objects, generated values became `<placeholders>`, and
some texts became words such as "date". Both sides are brought to the same form before they are compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Verdict", "judge", "same", "sequence"]

_PLACEHOLDER = re.compile(r"<[^<>\n]{1,60}>")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a case went."""

    name: str
    area: str
    result: bool
    """Status, output and error are AWS's."""
    cause: bool
    events: bool | None
    """The sequence of event types and state names is AWS's; None when no history was recorded."""


def judge(case: Mapping[str, Any], line: Mapping[str, Any]) -> Verdict:
    """Compare a line of the runner with the case."""
    expected = case["expected"]
    wild = frozenset(case["wildcards"])
    status = expected["status"] == line["status"]
    if expected["status"] == "SUCCEEDED":
        result, cause = status and same(expected["output"], line["output"], wild), status
    else:
        result = status and _same_text(expected.get("error"), line["error"], wild)
        cause = status and _same_text(expected.get("cause"), line["cause"], wild)
    events = None if expected["events"] is None else _same_events(expected, line["events"])
    return Verdict(name=case["name"], area=case["area"], result=result, cause=cause, events=events)


def _same_text(expected: Any, actual: str | None, wild: frozenset[str]) -> bool:
    return not actual if expected is None else same(expected, actual, wild)


def same(expected: Any, actual: Any, wild: frozenset[str] = frozenset()) -> bool:
    """Tell whether the recorded value allows the actual one."""
    expected, actual = _unfolded(expected), _unfolded(actual)
    if isinstance(expected, str):
        return expected in wild or _same_string(expected, actual)
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(same(value, actual[key], wild) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(same(one, other, wild) for one, other in zip(expected, actual, strict=True))
        )
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    return bool(expected == actual)


def _unfolded(value: Any) -> Any:
    """Return the object that a text holds; other values as they are."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _same_string(expected: str, actual: Any) -> bool:
    text = actual if isinstance(actual, str) else json.dumps(actual, separators=(",", ":"))
    for candidate in (text, _INSTANT.sub("date", text)):
        if candidate == expected:
            return True
        pieces = [re.escape(piece) for piece in _PLACEHOLDER.split(expected)]
        if len(pieces) > 1 and re.fullmatch(".*".join(pieces), candidate, re.DOTALL):
            return True
    return False


def sequence(events: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """Return the types of the events, with the state or the iteration that each is about, in order."""
    return [(event["type"], _about(event)) for event in sorted(events, key=lambda event: int(event["id"]))]


def _about(event: Mapping[str, Any]) -> str | None:
    for key, details in event.items():
        if key in {"stateEnteredEventDetails", "stateExitedEventDetails"}:
            return str(details.get("name"))
        if key.startswith("mapIteration"):
            return f"{details.get('name')}#{details.get('index')}"
    return None


def _same_events(expected: Mapping[str, Any], actual: Sequence[Mapping[str, Any]]) -> bool:
    recorded, found = sequence(expected["events"]), sequence(actual)
    if expected["order"] == "total":
        return recorded == found
    lost = {"ParallelStateSucceeded"} if expected["order"] == "multiset" else set()
    return Counter(one for one in recorded if one[0] not in lost) == Counter(one for one in found if one[0] not in lost)
