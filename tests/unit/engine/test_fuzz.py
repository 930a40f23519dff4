"""Whatever a definition looks like, it is refused or it runs to an end: never a traceback, never for ever."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bunsui.engine.execution import Status
from bunsui.errors import InvalidInput
from tests.scripted import played

CASES = sorted((Path(__file__).parents[2] / "conformance" / "cases").rglob("*.json"))
VALUES: list[Any] = [
    *[None, True, 0, -1, 1.5, 10**12, "", [], {}, [1, 2], {"a": 1}, {"a.$": "$.b"}, [{"ErrorEquals": ["States.ALL"]}]],
    *["$", "$.x", "$.a[0]", "$$", "$$.Task.Token", "$[?(@.a > 1)]", "States.Format('{}', $.a)", "2026-01-01T00:00:00Z"],
    *["{% $states.input %}", "{% $x %}", "{% $number('x') %}", "{% function($x){$x} %}", "{% $states.context %}"],
]
FIELDS = [
    *["Output", "Assign", "Arguments", "Parameters", "ResultPath", "OutputPath", "InputPath", "Retry", "Catch", "Next", "End"],
    *["TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "Items", "ItemSelector", "ItemsPath", "ResultSelector"],
    *["Seconds", "SecondsPath", "QueryLanguage", "Credentials", "ItemReader", "ResultWriter", "ItemBatcher", "Label"],
    *["ToleratedFailureCount", "Result", "Error", "ErrorPath", "Choices", "Default", "Type", "Branches", "ItemProcessor"],
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


def mutated(definition: Any, source: random.Random) -> Any:
    definition = copy.deepcopy(definition)
    for _ in range(source.randint(1, 3)):
        found = places(definition)
        if not found:
            break
        *outer, last = source.choice(found)
        holder = definition
        for key in outer:
            holder = holder[key]
        match source.randrange(4):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, dict):
                holder[source.choice(FIELDS)] = copy.deepcopy(source.choice(VALUES))
            case _:
                holder[last] = copy.deepcopy(source.choice(VALUES))
    return definition


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_definition_is_refused_or_ends(seed: int) -> None:
    source = random.Random(seed)
    texts = [file.read_text(encoding="utf-8") for file in source.sample(CASES, 40)]
    for text in texts:
        definition = mutated(json.loads(text)["definition"], source)
        payload = source.choice([{}, {"items": [1, 2], "a": 1, "b": "x"}, [1, 2], "x", None, 3])
        try:
            run = played(definition, payload)
        except InvalidInput:
            continue
        assert run.status in {Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT}, definition
        json.dumps([{**event, "timestamp": ""} for event in run.execution.events])
