"""What each key of a file changes in what is compiled, state by state: `tests/cases/asl/keys.txt`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import unified_diff
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bunsui.compile.pipeline import CompiledPipeline
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference, Unknown, Value
from bunsui.project.compile import compile_project
from tests.unit.document.key_toggles import BASE, PIPELINE_KEYS, PROJECT, PROJECT_KEYS, changed
from tests.unit.document.parameter_toggles import PARAMETERS, WAIT
from tests.unit.document.shown_project import repository_of

EXPECTED = Path(__file__).parents[2] / "cases" / "asl" / "keys.txt"
CHILD = {"version": 1, "parameters": {"m": {"type": "string", "default": "x"}}, "jobs": {"a": {"type": "wait", "for": "1m"}}}
OTHERS = tuple({**CHILD, "name": name} for name in ("q", "r"))


MOST_LINES = 24


def leaves_of(place: str, value: Value) -> Iterator[str]:
    """Return a line for each leaf, behind the keys that lead to it; references by what they refer to."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves_of(f"{place}.{key}", item)
    elif isinstance(value, (list, tuple)) and value:
        for number, item in enumerate(value):
            yield from leaves_of(f"{place}.{number}", item)
    elif isinstance(value, Reference):
        yield f"{place} = {value.attribute} of {value.address}"
    elif isinstance(value, Unknown):
        yield f"{place} = (known after apply)"
    else:
        yield f"{place} = {json.dumps(value, ensure_ascii=False)}"


def states(scope: Mapping[str, Any], place: str) -> Iterator[str]:
    """Return the fields beside the states, then a line for every state, nested ones after their holder."""
    yield from leaves_of(place, {key: value for key, value in scope.items() if key != "States"})
    for name, state in scope.get("States", {}).items():
        inner = {f"Branches {number}": branch for number, branch in enumerate(state.get("Branches", ()))}
        inner |= {"ItemProcessor": state["ItemProcessor"]} if "ItemProcessor" in state else {}
        own = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
        yield from leaves_of(f"{place}/{name}", own)
        for key, one in inner.items():
            yield from states(one, f"{place}/{name}/{key}")


def of_machine(name: str, made: CompiledPipeline) -> Iterator[str]:
    yield from states(made.definition, name)
    yield from (f"{name} is given {role}" for role in sorted(map(str, made.given_roles)))


def of_resource(resource: DesiredResource) -> Iterator[str]:
    yield f"{resource.address} is {resource.physical_name}, after {', '.join(map(str, resource.depends_on)) or 'nothing'}"
    for name, value in resource.attributes.items():
        if name != "definition":
            yield from leaves_of(f"{resource.address} {name}", value)
    if not resource.lifecycle.is_default:
        yield from leaves_of(f"{resource.address} lifecycle", resource.lifecycle.document())
    if resource.code is not None:
        yield f"{resource.address} code: {resource.code}"


def lines(
    pipeline: Mapping[str, Any], project: Mapping[str, Any] = PROJECT, others: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """Return everything that the compiler gives for a project."""
    compiled = compile_project(repository_of(pipeline, project, others), asks_whether_refused=False)
    found = [f"{one.code} {one.severity.value}: {one.summary}" for one in compiled.diagnostics]
    for name, made in compiled.pipelines.items():
        if not any(name == other["name"] for other in others):
            found += of_machine(name, made)
    names = {other["name"] for other in others}
    for resource in compiled.resources:
        if resource.address.pipeline not in names:
            found += of_resource(resource)
    return found


def difference(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the lines that only one has; of very many the first, and a digest of the others."""
    found = [line for line in unified_diff(before, after, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]
    shown, rest = found[:MOST_LINES], found[MOST_LINES:]
    return [*shown, f"and {len(rest)} more: {sha256(repr(rest).encode()).hexdigest()}"] if rest else shown


def with_operation(operation: Mapping[str, Any]) -> dict[str, Any]:
    job = {"operations": [{"id": "op", **operation}], "outputs": {"o": "{% $result %}"}}
    return {"version": 1, "name": "p", "parameters": {"n": {"type": "string", "default": "x"}}, "jobs": {"a": job}}


@cache
def usual(text: str = json.dumps(BASE), *, alone: bool = True) -> tuple[str, ...]:
    """Return the lines of a file as it is compared with; `text` is its JSON."""
    return tuple(lines(json.loads(text), others=() if alone else OTHERS))


def of_operation(operation: Mapping[str, Any]) -> tuple[str, ...]:
    return usual(json.dumps(with_operation(operation)), alone=False)


def beside_a_wait(operation: Mapping[str, Any]) -> list[str]:
    return difference(of_operation(WAIT), of_operation(operation))


def with_key(place: str, value: object) -> list[str]:
    return difference(usual(), lines(changed(BASE, place, value)))


def with_setting(place: str, value: object) -> list[str]:
    return difference(usual(), lines(BASE, changed(PROJECT, place, value)))


def with_parameter(operation: Mapping[str, Any], made: Mapping[str, object]) -> list[str]:
    after = with_operation(operation)
    for place, value in made.items():
        after = changed(after, f"jobs/a/operations/0/{place}", value)
    return difference(of_operation(operation), lines(after, others=OTHERS))


def blocks() -> dict[str, Callable[[], Sequence[str]]]:
    """Return how each block of the recorded file is made, by its heading."""
    found: dict[str, Callable[[], Sequence[str]]] = {"all of the base": usual}
    found |= {f"pipeline {key}": partial(with_key, *toggle) for key, toggle in PIPELINE_KEYS.items()}
    found |= {f"project {key}": partial(with_setting, *toggle) for key, toggle in PROJECT_KEYS.items()}
    for operation, _ in PARAMETERS.values():
        found[f"all of {operation['type']} {json.dumps(operation)}"] = partial(beside_a_wait, operation)
    return found | {f"operation {key}": partial(with_parameter, *toggle) for key, toggle in PARAMETERS.items()}


BLOCKS = blocks()


def recorded() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines() if EXPECTED.exists() else ():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line:
            list(found.values())[-1].append(line)
    return found


RECORDED = recorded()


def test_every_key_is_recorded_once(update_cases: bool) -> None:
    if update_cases:
        text = "".join(f"## {key}\n" + "".join(f"{line}\n" for line in told()) + "\n" for key, told in BLOCKS.items())
        EXPECTED.write_text(text, encoding="utf-8")
    assert list(recorded()) == list(BLOCKS)


@pytest.mark.parametrize("key", BLOCKS)
def test_a_key_changes_what_is_recorded(key: str, update_cases: bool) -> None:
    expected = recorded() if update_cases else RECORDED
    assert list(BLOCKS[key]()) == expected[key]
