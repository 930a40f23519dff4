"""Work that is only told: what each try of a Task state answers, as a list, one entry a try.

An entry has `state`, `path` (`[[Map, index], ...]`), `result` (`{kind: succeed, output}`, `{kind: fail, at, error, cause}` or
`{kind: timeout}`, which never answers), `submitted`, and `events`: without
`ActivityStarted` among them no worker took the work.
The form of `tests:` in pipelines is read in `bunsui.testing`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bunsui.engine.clock import EngineClock, after
from bunsui.engine.failures import TASK_FAILED
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.tasks import (
    TaskFailed,
    TaskReport,
    TaskRequest,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
)
from bunsui.errors import InvalidInput
from bunsui.model.json import Json

__all__ = ["MockRunner", "MockedAnswer", "from_list", "give", "no_answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockedAnswer:
    """What one try answers."""

    last: TaskSucceeded | TaskFailed | None
    """None: it never answers."""
    submitted: TaskSubmitted | None = None
    after_seconds: float = 0
    taken: bool = True
    """False when no worker took the work from its activity."""


@dataclass(slots=True, kw_only=True)
class MockRunner:
    """Returns the answers that it was told; a try that nobody told of fails."""

    clock: EngineClock
    lines: Mapping[tuple[str, tuple[tuple[str, int], ...]], deque[MockedAnswer]]
    """Answers by state and Map iterations, in order."""
    unmet: list[TaskRequest] = field(default_factory=list)
    """What was asked and had no answer."""

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer as told."""
        line = self.lines.get((request.state, request.path))
        if not line:
            self.unmet.append(request)
            return give(no_answer(request), request, report, self.clock)
        return give(line.popleft(), request, report, self.clock)


def no_answer(request: TaskRequest) -> MockedAnswer:
    """Return the failure of a try that nobody told of."""
    at = "" if not request.path else " in " + ", ".join(f"{name}[{index}]" for name, index in request.path)
    return MockedAnswer(last=TaskFailed(error=TASK_FAILED, cause=f"No mock is left for the state '{request.state}'{at}"))


def give(
    answer: MockedAnswer, request: TaskRequest, report: Callable[[TaskReport], None], clock: EngineClock
) -> Callable[[], None]:
    """Report the answer, now or after its seconds; give what takes it back."""
    if answer.taken and ":activity:" in request.resource:
        report(TaskTaken())
    if answer.submitted is not None:
        report(answer.submitted)
    last = answer.last
    if last is None:
        return _nothing
    if answer.after_seconds <= 0:
        report(last)
        return _nothing
    return after(clock, answer.after_seconds, lambda: report(last)).cancel


def _nothing() -> None:
    """Nothing is to be stopped."""


def from_list(mocks: Sequence[Mapping[str, Any]], clock: EngineClock) -> MockRunner:
    """Read the list form. Raises InvalidInput."""
    lines: dict[tuple[str, tuple[tuple[str, int], ...]], deque[MockedAnswer]] = {}
    for mock in mocks:
        path = _path(mock)
        lines.setdefault((_name(mock), path), deque()).append(_read_listed(mock))
    return MockRunner(clock=clock, lines=lines)


def _path(mock: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    try:
        return tuple((str(name), int(index)) for name, index in mock.get("path", []))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            "mock-invalid", "A mock's path is a list of pairs [MAP, INDEX]", state=_name(mock), path=compact(mock["path"])
        ) from error


def _name(mock: Mapping[str, Any]) -> str:
    state = mock.get("state")
    if not isinstance(state, str):
        raise InvalidInput("mock-invalid", "A mock names no state", mock=compact(dict(mock)))
    return state


def _read_listed(mock: Mapping[str, Any]) -> MockedAnswer:
    told = mock.get("result")
    result: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    submitted = TaskSubmitted(output=mock["submitted"]) if "submitted" in mock else None
    taken = "ActivityStarted" in mock.get("events", ["ActivityStarted"])
    match result.get("kind"):
        case "succeed":
            return MockedAnswer(last=TaskSucceeded(output=result.get("output")), submitted=submitted, taken=taken)
        case "fail":
            failed = TaskFailed(error=_text(result.get("error")), cause=_text(result.get("cause")), at=result.get("at", ""))
            return MockedAnswer(last=failed, submitted=submitted, taken=taken)
        case "timeout":
            return MockedAnswer(last=None, submitted=submitted, taken=taken)
        case kind:
            raise InvalidInput("mock-invalid", "A mock's result is of no known kind", state=_name(mock), kind=kind)


def _text(value: Json) -> str | None:
    return value if value is None or isinstance(value, str) else compact(value)
