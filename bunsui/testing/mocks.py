"""What tasks answer in tests: by state, by try and by item of a Map.

A mock is one answer, for every try, or a list of them. In a list, entries with `attempt` or `item` answer these whenever they
come; the others answer one try after the other, each item of a Map beginning at the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.engine.clock import EngineClock
from bunsui.engine.failures import TASK_FAILED
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSubmitted, TaskSucceeded
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.model.json import Json

__all__ = ["MockedTasks", "Mocks", "read_mocks"]

_SAYS = frozenset({"return", "answer", "error", "never"})
_KEYS = frozenset({"return", "answer", "error", "cause", "never", "after", "attempt", "item"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAnswer:
    """One answer, as a test tells it."""

    result: Json = None
    is_whole: bool = False
    """True when the result is the service's own answer rather than the operation's result."""
    error: str | None = None
    """None: the try succeeds with the result, or never answers."""
    cause: str = ""
    never: bool = False
    after_seconds: float = 0
    attempt: int | None = None
    """The only try that it answers, 1 being the first; the questions of a poll are counted on. None for any."""
    item: tuple[int, ...] | None = None
    """The only item that it answers, outermost Map first; None for any."""

    @property
    def is_result(self) -> bool:
        """True for an answer that tells the operation's result."""
        return self.error is None and not self.never and not self.is_whole

    @property
    def is_rule(self) -> bool:
        """True for an answer to certain tries only."""
        return self.attempt is not None or self.item is not None

    def fits(self, request: TaskRequest, attempt: int) -> bool:
        """Tell whether this answers the try, which is number `attempt` of its state and item."""
        item = tuple(index for _, index in request.path)
        return self.attempt in (None, attempt) and self.item in (None, item, item[-1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAnswers:
    """The answers of one state."""

    rules: tuple[ToldAnswer, ...]
    sequence: tuple[ToldAnswer, ...]
    repeats: bool
    """True when the one answer that there is goes for every try."""

    @property
    def later(self) -> ToldAnswers:
        """What answers a further call of the operation: the results, since its first call had the errors."""
        return ToldAnswers(
            rules=tuple(told for told in self.rules if told.is_result),
            sequence=tuple(told for told in self.sequence if told.is_result),
            repeats=self.repeats,
        )

    def answer(self, request: TaskRequest, number: int, *, attempt: int) -> ToldAnswer | None:
        """Return what the try answers; `number` counts the tries of this state and item that no rule answered, `attempt` all of
        them, this one included."""
        for rule in self.rules:
            if rule.fits(request, attempt):
                return rule
        if self.repeats and self.sequence:
            return self.sequence[0]
        return self.sequence[number] if number < len(self.sequence) else None


Mocks = Mapping[str, ToldAnswers]
"""By what the test calls the task: a state, a job, or an operation."""


def read_mocks(told: Mapping[str, Json]) -> dict[str, ToldAnswers]:
    """Read the form of `tests:`. Raises InvalidInput, naming the mock."""
    return {name: _answers(name, value) for name, value in told.items()}


def _answers(name: str, value: Json) -> ToldAnswers:
    is_list = isinstance(value, (list, tuple))
    entries: Sequence[Json] = value if isinstance(value, (list, tuple)) else (value,)
    answers = [_answer(name, entry) for entry in entries]
    plain = tuple(answer for answer in answers if not answer.is_rule)
    rules = tuple(answer for answer in answers if answer.is_rule)
    # One plain answer behind rules is for all the rest.
    return ToldAnswers(rules=rules, sequence=plain, repeats=not is_list or (len(plain) == 1 and bool(rules)))


def _answer(name: str, entry: Json) -> ToldAnswer:
    if not isinstance(entry, Mapping) or len(_SAYS & set(entry)) != 1 or set(entry) - _KEYS:
        raise InvalidInput(
            "mock-invalid",
            "a mock says exactly one of return, answer, error and never",
            hint=f"Write {name}: {{return: …}} or {name}: {{error: NAME, cause: …}}.",
            mock=name,
            found=compact(entry),
        )
    cause, item, attempt = entry.get("cause", ""), entry.get("item"), entry.get("attempt")
    return ToldAnswer(
        result=entry.get("answer", entry.get("return")),
        is_whole="answer" in entry,
        error=str(entry["error"]) if "error" in entry else None,
        cause=cause if isinstance(cause, str) else compact(cause),
        never="never" in entry,
        after_seconds=_seconds(name, entry.get("after", 0)),
        attempt=attempt if isinstance(attempt, int) else None,
        item=None if item is None else _path(item),
    )


def _path(item: Json) -> tuple[int, ...]:
    parts = item if isinstance(item, (list, tuple)) else (item,)
    return tuple(part for part in parts if isinstance(part, int))


def _seconds(name: str, value: Json) -> float:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise InvalidInput("mock-invalid", str(error), mock=name, hint="Write after: 30s.") from error
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


@dataclass(slots=True, kw_only=True)
class MockedTasks:
    """The task runner of tests: nothing is ever called."""

    clock: EngineClock
    answers: Mapping[str, ToldAnswers]
    """By state."""
    shaped: Callable[[TaskRequest, Json], Json] = lambda request, result: result
    """(request, told result) -> what the service answers to it."""
    unmet: list[TaskRequest] = field(default_factory=list)
    """Tries that no mock answers; they fail."""
    met: set[str] = field(default_factory=set)
    """States whose mocks were used."""
    _tries: Counter[tuple[str, tuple[tuple[str, int], ...]]] = field(default_factory=Counter)
    """Of each state and item, those that no rule answered."""
    _all_tries: Counter[tuple[str, tuple[tuple[str, int], ...]]] = field(default_factory=Counter)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer as told."""
        told = self._told_answer(request)
        if told is None:
            self.unmet.append(request)
            told = ToldAnswer(error=TASK_FAILED, cause="no mock answers this try")
        return give(self._answer(told, request), request, report, self.clock)

    def _told_answer(self, request: TaskRequest) -> ToldAnswer | None:
        answers = self.answers.get(request.state)
        if answers is None:
            return None
        self.met.add(request.state)
        place = (request.state, request.path)
        self._all_tries[place] += 1
        found = answers.answer(request, self._tries[place], attempt=self._all_tries[place])
        if found is not None and not found.is_rule:
            self._tries[place] += 1
        return found

    def _answer(self, told: ToldAnswer, request: TaskRequest) -> MockedAnswer:
        waits = request.resource.endswith((".sync", ".sync:2", ".waitForTaskToken"))
        submitted = TaskSubmitted(output={}) if waits else None
        if told.never:
            return MockedAnswer(last=None, submitted=submitted)
        if told.error is not None:
            failed = TaskFailed(error=told.error, cause=told.cause)
            return MockedAnswer(last=failed, submitted=submitted, after_seconds=told.after_seconds)
        succeeded = TaskSucceeded(output=told.result if told.is_whole else self.shaped(request, told.result))
        return MockedAnswer(last=succeeded, submitted=submitted, after_seconds=told.after_seconds)
