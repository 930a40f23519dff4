"""Work that is only told: what each try of a Task state answers, for tests and simulations.

Two forms are read. The list form, one entry a try: `state`, `path` (`[[Map, index], ...]`), `result` (`{kind: succeed, output}`,
`{kind: fail, at, error, cause}` or `{kind: timeout}`, which never answers), `submitted`. And the form of `tests:` in pipelines: a
state's name to one answer or a sequence of them, `{return: ...}` or `{error: ..., cause: ...}`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bunsui.engine.clock import EngineClock, after
from bunsui.engine.failures import TASK_FAILED
from bunsui.engine.paths import compact
from bunsui.engine.tasks import (
    TaskFailed,
    TaskReport,
    TaskRequest,
    TaskSubmitted,
    TaskSucceeded,
    TaskTaken,
)
from bunsui.errors import InvalidInput
from bunsui.model.values import Json

__all__ = ["Answer", "MockRunner", "from_list", "from_tests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one try answers."""

    last: TaskSucceeded | TaskFailed | None
    """None: it never answers."""
    submitted: TaskSubmitted | None = None
    after_seconds: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The answers of a state, in order."""

    answers: deque[Answer]
    repeat_last: bool
    """The last answer goes on for all later tries."""

    def next(self) -> Answer | None:
        if not self.answers:
            return None
        return self.answers[0] if self.repeat_last and len(self.answers) == 1 else self.answers.popleft()


@dataclass(slots=True, kw_only=True)
class MockRunner:
    """Gives the answers that it was told; a try that nobody told of fails."""

    clock: EngineClock
    lines: Mapping[tuple[str, tuple[tuple[str, int], ...]], _Line]
    """Answers by state and Map iterations."""
    anywhere: Mapping[str, _Line] = field(default_factory=dict)
    """Answers by state, for every iteration that has none of its own."""
    requests: list[TaskRequest] = field(default_factory=list)
    """What was asked, in order."""

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer as told."""
        self.requests.append(request)
        line = self.lines.get((request.state, request.path)) or self.anywhere.get(request.state)
        answer = line.next() if line is not None else None
        if answer is None:
            at = "" if not request.path else " in " + ", ".join(f"{name}[{index}]" for name, index in request.path)
            answer = Answer(last=TaskFailed(error=TASK_FAILED, cause=f"No mock is left for the state '{request.state}'{at}"))
        if ":activity:" in request.resource:
            report(TaskTaken())
        if answer.submitted is not None:
            report(answer.submitted)
        last = answer.last
        if last is None:
            return _nothing
        if answer.after_seconds <= 0:
            report(last)
            return _nothing
        return after(self.clock, answer.after_seconds, lambda: report(last)).cancel


def _nothing() -> None:
    """Nothing is to be stopped."""


def from_list(mocks: Sequence[Mapping[str, Any]], clock: EngineClock) -> MockRunner:
    """Read the list form. Raises InvalidInput."""
    lines: dict[tuple[str, tuple[tuple[str, int], ...]], _Line] = {}
    for mock in mocks:
        path = tuple((str(name), int(index)) for name, index in mock.get("path", []))
        line = lines.setdefault((_name(mock), path), _Line(answers=deque(), repeat_last=False))
        line.answers.append(_listed(mock))
    return MockRunner(clock=clock, lines=lines)


def _name(mock: Mapping[str, Any]) -> str:
    state = mock.get("state")
    if not isinstance(state, str):
        raise InvalidInput("mock-invalid", "A mock names no state", mock=compact(dict(mock)))
    return state


def _listed(mock: Mapping[str, Any]) -> Answer:
    result = mock.get("result", {})
    submitted = TaskSubmitted(output=mock["submitted"]) if "submitted" in mock else None
    match result.get("kind"):
        case "succeed":
            return Answer(last=TaskSucceeded(output=result.get("output")), submitted=submitted)
        case "fail":
            failed = TaskFailed(error=_text(result.get("error")), cause=_text(result.get("cause")), at=result.get("at", ""))
            return Answer(last=failed, submitted=submitted)
        case "timeout":
            return Answer(last=None, submitted=submitted)
        case kind:
            raise InvalidInput("mock-invalid", "A mock's result is of no known kind", state=_name(mock), kind=kind)


def from_tests(mocks: Mapping[str, Any], clock: EngineClock) -> MockRunner:
    """Read the form of `tests:`; a single answer is given to every try, a sequence once each. Raises InvalidInput."""
    anywhere: dict[str, _Line] = {}
    for state, told in mocks.items():
        several = isinstance(told, Sequence) and not isinstance(told, str)
        answers = deque(_tested(state, answer) for answer in (told if several else [told]))
        anywhere[state] = _Line(answers=answers, repeat_last=not several)
    return MockRunner(clock=clock, lines={}, anywhere=anywhere)


def _tested(state: str, told: Any) -> Answer:
    if not isinstance(told, Mapping) or len({"return", "error", "never"} & set(told)) != 1:
        raise InvalidInput(
            "mock-invalid", "A mock says exactly one of return, error and never", state=state, hint="Write {return: ...}."
        )
    seconds = told.get("after", 0)
    if "return" in told:
        return Answer(last=TaskSucceeded(output=told["return"]), after_seconds=seconds)
    if "never" in told:
        return Answer(last=None)
    failed = TaskFailed(error=_text(told["error"]), cause=_text(told.get("cause", "")))
    return Answer(last=failed, after_seconds=seconds)


def _text(value: Json) -> str | None:
    return value if value is None or isinstance(value, str) else compact(value)
