"""The error about a task that no mock answers, with the mock to write."""

from __future__ import annotations

import json
import re

from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.tasks import TaskRequest
from bunsui.errors import InvalidInput

_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*")


def missing_mock(request: TaskRequest) -> InvalidInput:
    """Return the error about a try that no mock answers: it names the state and shows the mock to write."""
    place = ", ".join(f"{name}[{index}]" for name, index in request.path)
    return InvalidInput(
        "mock-missing",
        "a task has no mock, and real code is never run here",
        hint=f"Add a mock, with what the task answers:\nmocks:\n  {yaml_key(request.state)}: {{return: …}}",
        state=f"{request.state} in {place}" if place else request.state,
        **{"try": request.attempt + 1},
        asked=compact(request.arguments)[:500],
    )


def yaml_key(name: str) -> str:
    """Return a name as a key of YAML, in quotes where it needs them."""
    return name if _PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)
