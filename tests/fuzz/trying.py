"""One damaged definition: through the validator, and through the engine with work that does what it likes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from bunsui.asl.validation.validate import validate
from bunsui.diagnostics import Severity
from bunsui.engine.clock import VirtualClock, after
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.execution import Status
from bunsui.engine.run import run
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSubmitted, TaskSucceeded
from bunsui.errors import InvalidInput
from tests.fuzz.mutation import Mutator

_ENDS = {Status.SUCCEEDED: "ExecutionSucceeded", Status.FAILED: "ExecutionFailed", Status.TIMED_OUT: "ExecutionTimedOut"}
_ERRORS: list[Any] = ["States.Timeout", "States.TaskFailed", "States.Runtime", "Lambda.Unknown", "Error", "", None, "\ud800"]
_OUTPUTS: list[Any] = [None, {}, [], 1, "x", {"Payload": {"a": [1, None]}}, [1, {"b": 2}], "y" * 300_000, 1e300, 2**80]
_BODIES = [
    b"",
    b"[1,2,{}]",
    b"{}",
    b"a,b\n1,2\n\n3",
    b"\xff\xfe",
    b'{"a":1}\n{"b":2}\n',
    b'{"files":[{"key":"k"}]}',
    b"\x1f\x8bno",
]


@dataclass(slots=True)
class Whim:
    """Does the work of tasks as chance will have it; sometimes it never answers."""

    clock: VirtualClock
    chance: random.Random

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer somehow, now or later, or not at all."""
        if self.chance.random() < 0.3:
            report(TaskSubmitted(output=self.chance.choice(_OUTPUTS)))
        answer: TaskReport = TaskSucceeded(output=self.chance.choice([request.arguments, *_OUTPUTS]))
        if self.chance.random() < 0.3:
            answer = TaskFailed(error=self.chance.choice(_ERRORS), cause=self.chance.choice(_ERRORS))
        match self.chance.randrange(4):
            case 0:
                after(self.clock, self.chance.choice([0, 1, 1e6]), lambda: report(answer))
            case 1 if self.chance.random() < 0.3:
                pass
            case _:
                report(answer)
        return lambda: None


def tried(seed: int) -> str:
    """Try the definition of a seed; give "refused", or how it ended. AssertionError when it is neither."""
    mutator = Mutator(seed)
    definition, payload, chance = mutator.definition(), mutator.payload(), mutator.chance
    kind = chance.choice(["STANDARD"] * 4 + ["EXPRESS"])
    text = json.dumps(definition)
    findings = validate(text, kind="EXPRESS" if kind == "EXPRESS" else "STANDARD")
    accepted = not any(finding.severity is Severity.ERROR for finding in findings)
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    objects = MemoryObjects({("bucket", name): chance.choice(_BODIES) for name in ("k", "file.json", "file.csv")})
    try:
        result = run(definition, payload, runner=Whim(clock, chance), clock=clock, kind=kind, seed=seed, objects=objects)
    except InvalidInput as refusal:
        if accepted:
            raise AssertionError(f"the validator accepts what the engine refuses: {dict(refusal.facts)}") from refusal
        return "refused"
    assert result.status in _ENDS, result.status
    assert result.events[-1]["type"] == _ENDS[result.status]
    _check_history(result.events)
    return str(result.status)


def _check_history(events: Any) -> None:
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    assert all(one["timestamp"] <= two["timestamp"] for one, two in pairwise(events))
    json.dumps([{**event, "timestamp": ""} for event in events])
