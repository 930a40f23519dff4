"""Paths that nobody wrote: told only where the shape of a state's input is known for certain.

A Pass with a Result, or Parameters or a ResultSelector that make a new object, fixes which fields exist. Shapes travel along
the transitions; where two meet, a field may exist when it exists in one. Whatever is not certain is unknown, and nothing is
said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.asl import intrinsics, jsonpath
from bunsui.asl.validation.finding import DefinitionFinding, Path, warning
from bunsui.asl.validation.graph import targets
from bunsui.asl.validation.views import MachineView, StateView, is_opaque


@dataclass(frozen=True, slots=True)
class _Fields:
    """An object of which all fields that may exist are known."""

    names: frozenset[str]


_Shape = _Fields | None
"""None means unknown."""
_ROUNDS = 50


def unwritten(machine: MachineView) -> Iterator[DefinitionFinding]:
    """Check the paths that states read from their input, in one machine."""
    states = {state.name: state for state in machine.views()}
    inputs = _inputs(machine, states)
    for name, state in states.items():
        shape = inputs.get(name)
        if shape is None:
            continue
        for text, path in _read_from_input(state):
            missing = [field for field in _first_fields(text) if field not in shape.names]
            for field in missing:
                known = ", ".join(sorted(shape.names)) or "nothing"
                message = f"{text[:80]} reads {field}, which no state before wrote"
                yield warning("ASL090", path, message, hint=f"The input has {known}.")


def _inputs(machine: MachineView, states: Mapping[str, StateView]) -> dict[str, _Shape]:
    start = machine.fields.get("StartAt")
    known: dict[str, _Shape] = {start: None} if isinstance(start, str) else {}
    for _ in range(_ROUNDS):
        before = dict(known)
        for name in list(known):
            if name in states:
                for target, shape in _outcomes(states[name], known[name]):
                    known[target] = _join_shapes(known[target], shape) if target in known else shape
        if known == before:
            return known
    return {}


def _join_shapes(one: _Shape, other: _Shape) -> _Shape:
    return None if one is None or other is None else _Fields(one.names | other.names)


def _outcomes(state: StateView, given: _Shape) -> Iterator[tuple[str, _Shape]]:
    for target, path in targets(state.fields, ()):
        plain = path == ("Next",) or (state.type == "Choice" and state.language == "JSONPath")
        yield target, _output(state, given) if plain else None


def _output(state: StateView, given: _Shape) -> _Shape:
    fields = state.fields
    if state.language == "JSONata":
        if "Output" in fields:
            return _object(fields["Output"])
        return given if state.type in ("Pass", "Wait") else None
    if fields.get("OutputPath", "$") != "$":
        return None
    into = given if fields.get("InputPath", "$") == "$" else None
    if state.type in ("Wait", "Choice"):
        return into
    result = _result(state, into)
    where = fields.get("ResultPath", "$")
    if where is None:
        return into
    if where == "$":
        return result
    if into is None or not isinstance(where, str):
        return None
    first = _first_fields(where)
    return _Fields(into.names | set(first)) if first else None


def _result(state: StateView, into: _Shape) -> _Shape:
    fields = state.fields
    if state.type == "Pass":
        if "Result" in fields:
            return _object(fields["Result"], template=False)
        return _object(fields["Parameters"]) if "Parameters" in fields else into
    return _object(fields["ResultSelector"]) if "ResultSelector" in fields else None


def _object(value: Any, *, template: bool = True) -> _Shape:
    if not isinstance(value, Mapping) or is_opaque(value) or any("${" in str(key) for key in value):
        return None
    return _Fields(frozenset(str(key).removesuffix(".$") if template else str(key) for key in value))


def _read_from_input(state: StateView) -> Iterator[tuple[str, Path]]:
    """Return the paths of a JSONPath state that read its input whatever happens."""
    if state.language != "JSONPath":
        return
    for name in ("InputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "ErrorPath", "CausePath"):
        value = state.fields.get(name)
        if name == "ItemsPath" and "ItemReader" in state.fields:
            continue  # it leads into the file that is read
        if isinstance(value, str) and (name == "InputPath" or state.fields.get("InputPath", "$") == "$"):
            yield value, (*state.path, name)
    if state.fields.get("InputPath", "$") != "$" or "ItemReader" in state.fields:
        return
    template = state.fields.get("Parameters")
    if state.type != "Map" and isinstance(template, Mapping):
        for key, value in template.items():
            if str(key).endswith(".$") and isinstance(value, str):
                yield value, (*state.path, "Parameters", str(key))


def _first_fields(text: str) -> list[str]:
    """Return the fields of the input that a path or a call certainly reads."""
    if is_opaque(text):
        return []
    try:
        parts: list[Any] = [intrinsics.parse(text) if text.startswith("States.") else jsonpath.parse(text)]
    except (intrinsics.IntrinsicSyntaxError, jsonpath.JsonPathSyntaxError):
        return []
    found: list[str] = []
    while parts:
        part = parts.pop()
        if isinstance(part, intrinsics.Call):
            parts.extend(part.arguments)
        elif isinstance(part, jsonpath.Path) and part.root == "$" and part.definite and part.steps:
            step = part.steps[0]
            if isinstance(step, jsonpath.NameSelector) and len(step.names) == 1:
                found.append(step.names[0])
    return found
