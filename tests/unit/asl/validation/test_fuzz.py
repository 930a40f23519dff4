"""Damaged definitions never raise: they are told about or accepted."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bunsui.asl.validation.answers import refusal, validation_answer
from bunsui.asl.validation.validate import validate

TESTS = Path(__file__).parents[3]
ROUNDS = 5_000
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", "$.a", "$.a[", "{% $x( %}", "{% $states.foo %}", "States.Format(", "${X}", "States.ALL",
    "\u0000", [], {}, [1], {"a": 1}, [[]], {"": None}, {"And": []}, {"Fn::Sub": 1}, 10**30, float("inf"), "arn:aws:states:::x",
)  # fmt: skip
KEYS = (
    "Next", "End", "Type", "Foo", "Retry", "Catch", "Assign", "QueryLanguage", "States", "Choices", "Items", "ItemReader", "",
    "Condition", "ProcessorConfig", "Comment",
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, (*path, key))


def damage(definition: Any, chance: random.Random) -> Any:
    path = chance.choice(list(places(definition)))
    if not path:
        return copy.deepcopy(chance.choice(VALUES)) if chance.random() < 0.1 else definition
    holder = definition
    for step in path[:-1]:
        holder = holder[step]
    lot = chance.random()
    if lot < 0.3:
        del holder[path[-1]]
    elif lot < 0.8:
        holder[path[-1]] = copy.deepcopy(chance.choice(VALUES))
    elif isinstance(holder, dict):
        holder[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
    else:
        holder.append(copy.deepcopy(chance.choice(VALUES)))
    return definition


def test_damaged_definitions_never_raise() -> None:
    sources = [json.loads(path.read_text()) for path in sorted((TESTS / "asl_corpus").glob("*.json"))]
    recorded = sorted((TESTS / "conformance" / "cases").rglob("*.json"))
    sources += [json.loads(path.read_text())["definition"] for path in recorded[::4]]
    chance = random.Random(20260102)
    refused = 0
    for _ in range(ROUNDS):
        definition = copy.deepcopy(chance.choice(sources))
        for _ in range(chance.randint(1, 6)):
            definition = damage(definition, chance)
        findings = validate(definition, kind=chance.choice(("STANDARD", "EXPRESS")))
        answer = validation_answer(findings)
        assert (refusal(findings) is None) == (answer["result"] == "OK")
        assert all(finding.pointer.startswith("/") or not finding.path for finding in findings)
        refused += answer["result"] == "FAIL"
    assert refused > ROUNDS / 2


def test_damaged_texts_never_raise() -> None:
    chance = random.Random(7)
    texts = [path.read_text() for path in sorted((TESTS / "asl_corpus").glob("*.json"))][:20]
    for _ in range(500):
        text = chance.choice(texts)
        at = chance.randrange(len(text))
        validation_answer(
            validate(text[:at] + chance.choice(("", ",", "}", "x", '"', "\\")) + text[at + chance.randrange(4) :])
        )
