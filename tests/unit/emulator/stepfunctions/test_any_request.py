"""Whatever is asked, the service answers or refuses; it never breaks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from bunsui.aws.service_models import operation_shape, shape
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.server import OPERATIONS
from tests.unit.emulator.stepfunctions.bench import HERE, Bench, passing, running, waiting

LASTING = sorted(set(OPERATIONS) - {"GetActivityTask", "DeleteStateMachine", "DeleteActivity"})
STATES: Sequence[Any] = (
    {"Type": "Task"},
    {"Type": "Task", "Resource": 5, "End": True},
    {"Type": "Map", "End": True},
    {"Type": "Parallel", "Branches": 5, "End": True},
    {"Type": "Choice", "Choices": []},
    {"Type": "Pass", "End": True},
    {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x.y %}", "End": True},
    {"Type": "Wait", "Seconds": 1, "End": True},
    {"Type": "Fail", "ErrorPath": "$.x"},
    {"Type": []},
    {"States": []},
    {"StartAt": 1},
    None,
)
TEXTS = ("{}", "[1]", "{", "null", '{"a": 1}', '{"Task": {}}', '{"Execution": 5}')


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


class Asker:
    """Makes requests of the model's shapes, now and then of others."""

    def __init__(self, seed: int, arns: Sequence[str]) -> None:
        self.chance = random.Random(seed)
        self.arns = arns

    def value(self, member: str, name: str) -> Any:
        """Return something for a member of that shape."""
        spec, chance = shape("stepfunctions", name), self.chance
        if chance.random() < 0.04:
            return chance.choice([5, "x", [], {}, True])
        if member == "definition":
            return json.dumps(chance.choice(STATES))
        if member in ("input", "output", "context", "variables", "result", "mapItemReaderData"):
            return chance.choice(TEXTS)
        if "Arn" in member and spec["type"] == "string":
            return chance.choice(self.arns)
        match spec["type"]:
            case "structure":
                return self.request(name)
            case "list":
                return [self.value(member, spec["member"]["shape"]) for _ in range(chance.randint(0, 2))]
            case "boolean":
                return chance.random() < 0.5
            case "string":
                return chance.choice(spec.get("enum", ["a", "b c", "x" * 100, "", "live", "one", "é"]))
            case _:
                return chance.choice([0, 1, 3, 1000, -1, 50])

    def request(self, name: str) -> dict[str, Any]:
        """Return a structure of that shape, most of its members in it."""
        spec = shape("stepfunctions", name)
        wanted = [m for m in spec["members"] if m in spec.get("required", ()) or self.chance.random() < 0.6]
        return {member: self.value(member, spec["members"][member]["shape"]) for member in wanted}


@pytest.mark.parametrize("seed", range(3))
def test_every_request_is_answered_or_refused(bench: Bench, seed: int) -> None:
    machine, slow = bench.machine("m", passing(1), publish=True), bench.machine("w", waiting())
    arns = [machine, slow, bench.start(slow, name="one"), bench.start(machine), f"{machine}:1", f"{machine}:9", "arn:x", ""]
    arns += [bench.ask("CreateActivity", name="a")["activityArn"], "arn:aws:iam::111111111111:role/any"]
    arns += [
        "arn:aws:states:us-east-1:111111111111:mapRun:m/x:1",
        "arn:aws:states:::",
        "arn:aws:states:us-east-1:1:execution:m",
    ]
    asker = Asker(seed, arns)

    answered = 0
    for _ in range(700):
        operation = asker.chance.choice(LASTING)
        request = asker.request(operation_shape("stepfunctions", operation, "input"))
        try:
            bench.service.answer(HERE, operation, request).result(timeout=20)
        except ApiError:
            continue
        answered += 1

    assert answered > 50
