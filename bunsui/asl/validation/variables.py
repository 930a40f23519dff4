"""Variables: their names, and that inner scopes do not write to outer ones.

Source: developer guide, "Passing data between states with variables": a branch of a Parallel or an iteration of a Map reads the
variables around it but cannot assign them; the children of a distributed Map do not even see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.asl import expressions, intrinsics, jsonpath
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, warning
from bunsui.asl.validation.graph import targets
from bunsui.asl.validation.jsonata_rules import codes
from bunsui.asl.validation.jsonpath_rules import nested_paths, templates
from bunsui.asl.validation.views import MachineView, StateView

NAME_LIMIT = 80
_NAME = re.compile(r"[^\W\d]\w*")
_RESERVED = frozenset({"states"})


def assignments(machines: Sequence[MachineView]) -> Iterator[DefinitionFinding]:
    """Check what the variables of a whole definition are called and where they are assigned; outer machines come first."""
    places = {machine.path: tuple(_assignments(machine)) for machine in machines}
    for machine in machines:
        for name, path in places[machine.path]:
            yield from _name(name, path)
    assigned = {path: {name for name, _ in found} for path, found in places.items()}
    for machine in machines:
        outer = _visible(machine, assigned)
        before = _assigned_before(machine) if outer and places[machine.path] else set()
        for name, path in places[machine.path]:
            if name in before:
                message = f"{name} is a variable of an outer scope, which a branch or iteration cannot assign"
                yield error("ASL031", path, message, hint=_EXPORT)
            elif name in outer:
                message = f"{name} is a variable of an outer scope too, which is assigned there only later"
                yield warning("ASL031", path, message, hint=_EXPORT)


def unassigned_variables(machines: Sequence[MachineView]) -> Iterator[DefinitionFinding]:
    """Return the variables that are read and that nobody assigns, all of them advice; outer machines come first."""
    assigned = _assigned_names(machines)
    for machine in machines:
        known = _visible(machine, assigned) | assigned[machine.path]
        for state in machine.views():
            yield from _reads(state, known)


def _assigned_names(machines: Sequence[MachineView]) -> dict[Path, set[str]]:
    return {machine.path: {name for name, _ in _assignments(machine)} for machine in machines}


_EXPORT = "Use another name, or export the value through the Output."


def _assigned_before(machine: MachineView) -> set[str]:
    """Return the variables of outer scopes that may be assigned when the machine begins."""
    found: set[str] = set()
    while machine.owner is not None and not machine.isolated:
        owner = machine.owner
        machine = owner.machine
        followers = {state.name: {target for target, _ in targets(state.fields, ())} for state in machine.views()}
        for name, path in _assignments(machine):
            if _leads(str(path[len(machine.path) + 1]), owner.name, followers):
                found.add(name)
    return found


def _leads(start: str, goal: str, followers: Mapping[str, set[str]]) -> bool:
    """Tell whether the goal comes after the start; a state comes after itself only in a loop."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for name in followers.get(waiting.pop(), set()) - reached:
            if name == goal:
                return True
            reached.add(name)
            waiting.append(name)
    return False


def _assignments(machine: MachineView) -> Iterator[tuple[str, Path]]:
    for state in machine.views():
        yield from _names(state.fields.get("Assign"), (*state.path, "Assign"))
        for key in ("Catch", "Choices"):
            entries = state.fields.get(key)
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                if isinstance(entry, Mapping):
                    yield from _names(entry.get("Assign"), (*state.path, key, index, "Assign"))


def _names(assign: Any, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(assign, Mapping):
        for key in map(str, assign):
            yield key.removesuffix(".$"), (*path, key)


def _name(name: str, path: Path) -> Iterator[DefinitionFinding]:
    if not _NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        message = f"{name[:100]} cannot name a variable: letters, digits and _, at most {NAME_LIMIT}, no digit first"
        yield error("ASL030", path, message, on_key=True)
    elif name in _RESERVED:
        yield error("ASL030", path, f"{name} is a reserved name", on_key=True)


def _visible(machine: MachineView, assigned: Mapping[Path, set[str]]) -> set[str]:
    """Return the variables of the scopes around the machine."""
    found: set[str] = set()
    while machine.owner is not None and not machine.isolated:
        machine = machine.owner.machine
        found |= assigned.get(machine.path, set())
    return found


def _reads(state: StateView, known: set[str]) -> Iterator[DefinitionFinding]:
    own = set(expressions.FUNCTIONS) | {"states", "eval"}
    for text, path in codes(state):
        missing = {use.name for use in expressions.variables(text) if not use.guarded and not use.called}
        yield from _report_unknown(missing - known - own, path)
    if state.language == "JSONPath":
        for text, path in _paths(state):
            yield from _report_unknown(_roots(text) - known, path)


def _report_unknown(names: set[str], path: Path) -> Iterator[DefinitionFinding]:
    for name in sorted(names):
        yield warning("ASL032", path, f"nobody assigns the variable ${name} that is read here")


def _paths(state: StateView) -> Iterator[tuple[str, Path]]:
    for name, value in state.fields.items():
        if name.endswith("Path") and isinstance(value, str):
            yield value, (*state.path, name)
    yield from ((value, path) for value, path in nested_paths(state) if isinstance(value, str))
    waiting = list(templates(state))
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, Mapping):
            for key, item in value.items():
                if str(key).endswith(".$") and isinstance(item, str):
                    yield item, (*path, str(key))
                else:
                    waiting.append((item, (*path, str(key))))
        elif isinstance(value, list):
            waiting.extend((item, (*path, index)) for index, item in enumerate(value))


def _roots(text: str) -> set[str]:
    try:
        parts: list[Any] = [intrinsics.parse(text) if text.startswith("States.") else jsonpath.parse(text)]
    except (intrinsics.IntrinsicSyntaxError, jsonpath.JsonPathSyntaxError):
        return set()
    found: set[str] = set()
    while parts:
        part = parts.pop()
        if isinstance(part, intrinsics.Call):
            parts.extend(part.arguments)
        elif isinstance(part, jsonpath.Path) and part.root not in ("$", "$$"):
            found.add(part.root)
    return found
