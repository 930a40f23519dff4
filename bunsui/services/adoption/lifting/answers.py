"""Services that answer two machines alike."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.engine.clock import VirtualClock
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSubmitted, TaskSucceeded
from bunsui.model.json import Json
from bunsui.services.adoption.lifting.situations import Situation

_INVOKE = ":states:::lambda:invoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCall:
    """A call that reached a service."""

    target: str
    """The function's ARN, or the Resource of the Task."""
    arguments: str
    """As JSON, its keys in order."""

    @property
    def key(self) -> str:
        """What tells it from other calls."""
        return f"{self.target} {self.arguments}"


def call_of_request(request: TaskRequest) -> AskedCall:
    """Return the call of a Task, whichever way it reaches its function."""
    arguments = _without_token(request.arguments, request.token)
    target = request.resource
    if target.endswith(_INVOKE) and isinstance(arguments, Mapping):
        plain = arguments.get("InvocationType", "RequestResponse") == "RequestResponse"
        if plain and set(arguments) <= {"FunctionName", "Payload", "InvocationType"} and "Payload" in arguments:
            target, arguments = str(arguments.get("FunctionName")), arguments["Payload"]
    return AskedCall(target=target, arguments=_in_order(arguments))


def _in_order(value: Json) -> str:
    return compact(_sort_keys(value))


def _sort_keys(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _sort_keys(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sort_keys(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_token(value: Json, token: str | None) -> Json:
    if isinstance(value, Mapping):
        return {key: _without_token(one, token) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_token(one, token) for one in value]
    return "TOKEN" if token is not None and value == token else value


@dataclass(slots=True, kw_only=True)
class SituationRunner:
    """Answers as the situation says, by what is asked and how often it was asked before."""

    clock: VirtualClock
    situation: Situation
    begun: datetime
    log: list[tuple[float, str]] = field(default_factory=list)
    """Seconds since the start, with the call."""
    first_of: dict[str, TaskRequest] = field(default_factory=dict)
    """By call, the first request of it."""
    _times: Counter[str] = field(default_factory=Counter)
    _of_target: Counter[str] = field(default_factory=Counter)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer the request after some seconds, which differ from service to service."""
        call = call_of_request(request)
        self.log.append(((self.clock.now() - self.begun).total_seconds(), call.key))
        self.first_of.setdefault(call.key, request)
        times, self._times[call.key] = self._times[call.key], self._times[call.key] + 1
        of_target, self._of_target[call.target] = self._of_target[call.target], self._of_target[call.target] + 1
        return give(self._answer(request, call, times, of_target), request, report, self.clock)

    def _answer(self, request: TaskRequest, call: AskedCall, times: int, of_target: int) -> MockedAnswer:
        is_late = request.resource.endswith((".sync", ".sync:2", ".waitForTaskToken"))
        submitted = TaskSubmitted(output={}) if is_late else None
        failure = self.situation.failure
        if failure is not None and failure.call == call.key and (failure.always or times == 0):
            last = TaskFailed(error=failure.error, cause="as the situation says") if failure.error else None
            return MockedAnswer(last=last, submitted=submitted, after_seconds=1)
        value = self.situation.value(call.target, of_target, {"from": call.target, "number": of_target})
        if request.resource.endswith(_INVOKE):
            value = {"ExecutedVersion": "$LATEST", "Payload": value, "StatusCode": 200}
        return MockedAnswer(last=TaskSucceeded(output=value), submitted=submitted, after_seconds=_seconds(call.target))


def _seconds(target: str) -> float:
    """Return how long a service takes: the same for the same one, rarely the same for two."""
    return 1 + zlib.crc32(target.encode()) % 97 / 10
