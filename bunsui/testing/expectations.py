"""Holds what came out against what was expected; each thing that differs is one mismatch, compared place by place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Position
from bunsui.diff.generic import Change, WhenUnknown, changes
from bunsui.model.durations import parse_duration
from bunsui.model.json import Json
from bunsui.model.pipeline_test import Expectation
from bunsui.testing.facts import RunFacts

SUCCEEDED = Expectation(name="status", value="succeeded")
"""What a test expects that says nothing of the status."""

_COMPARISON = re.compile(r"^\s*([<>]=?)?\s*(.+?)\s*$")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "": lambda left, right: abs(left - right) < 0.5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One expectation that was not met."""

    name: str
    """Which: status, path, jobs, output, error, cause, retries or duration."""
    expected: Json
    actual: Json
    differences: tuple[Change, ...] = ()
    """Place by place, expected before, actual after; empty where the two values say it all."""
    position: Position | None = None


def judge_expectations(expectations: Sequence[Expectation], facts: RunFacts) -> tuple[Mismatch, ...]:
    """Return what is not as expected, in the order of the test. A test that names neither status nor error expects success.
    Raises ValueError for a duration that cannot be read."""
    names = {expectation.name for expectation in expectations}
    implied = () if names & {"status", "error", "cause"} else (SUCCEEDED,)
    found = [_judge(expectation, facts) for expectation in (*implied, *expectations)]
    return tuple(mismatch for mismatch in found if mismatch is not None)


def _judge(expectation: Expectation, facts: RunFacts) -> Mismatch | None:
    value = expectation.value
    match expectation.name:
        case "status":
            return _same(expectation, facts.status)
        case "error":
            return _same(expectation, facts.error or None)
        case "cause":
            return None if isinstance(value, str) and value in facts.cause else _mismatch(expectation, facts.cause)
        case "path":
            wanted = [str(name) for name in value] if isinstance(value, (list, tuple)) else []
            return None if _same_path(wanted, facts) else _mismatch(expectation, list(facts.path))
        case "jobs":
            return _same(expectation, _jobs(value, facts))
        case "output":
            return _same(expectation, alike(value, facts.output))
        case "retries":
            return _same(expectation, _retries(value, facts))
        case "duration":
            return _duration(expectation, facts.seconds)
        case _:
            raise ValueError(f"there is no expectation {expectation.name}")


def alike(expected: Json, actual: Json) -> Json:
    """Return the actual value without what the expected one does not ask for: keys of objects, at any depth."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return {key: alike(expected.get(key), item) for key, item in actual.items() if key in expected}
    both = isinstance(expected, (list, tuple)) and isinstance(actual, (list, tuple))
    if both and isinstance(expected, (list, tuple)) and isinstance(actual, (list, tuple)):
        return [alike(expected[index], item) if index < len(expected) else item for index, item in enumerate(actual)]
    return actual


def _same(expectation: Expectation, actual: Json) -> Mismatch | None:
    found = changes(expectation.value, actual, WhenUnknown.DIFFERENT)
    return _mismatch(expectation, actual, found) if found else None


def _mismatch(expectation: Expectation, actual: Json, differences: tuple[Change, ...] = ()) -> Mismatch:
    return Mismatch(
        name=expectation.name,
        expected=expectation.value,
        actual=actual,
        differences=tuple(change for change in differences if change.path),
        position=expectation.position,
    )


def _same_path(expected: Sequence[str], facts: RunFacts) -> bool:
    """Tell whether the jobs are the same and stand in an order in which they may have run."""
    if sorted(expected) != sorted(facts.path):
        return False
    if len(set(expected)) != len(expected):
        return list(expected) == list(facts.path)
    place = {job: index for index, job in enumerate(facts.path)}
    return all(
        place[before] < place[after] or frozenset((before, after)) in facts.side_by_side
        for index, before in enumerate(expected)
        for after in expected[index + 1 :]
    )


def _jobs(expected: Json, facts: RunFacts) -> Json:
    actual = {job.name: job.status.value for job in facts.jobs}
    return {name: status for name, status in actual.items() if isinstance(expected, Mapping) and name in expected}


def _retries(expected: Json, facts: RunFacts) -> Json:
    if not isinstance(expected, Mapping):
        return sum(facts.retries.values())
    return {name: _retries_of(name, facts) for name in expected}


def _retries_of(name: str, facts: RunFacts) -> int:
    """Count the retries of a state, or of all states of a job or operation."""
    if name in facts.retries:
        return facts.retries[name]
    return sum(count for state, count in facts.retries.items() if state.startswith(f"{name}."))


def _duration(expectation: Expectation, seconds: float) -> Mismatch | None:
    found = _COMPARISON.match(str(expectation.value))
    assert found is not None, "the pattern takes any text that is not empty"
    sign, limit = found.group(1) or "", parse_duration(found.group(2))
    return None if _COMPARISONS[sign](seconds, limit) else _mismatch(expectation, f"{seconds:g}s")
