"""Which fields there are: of a machine, of each type of state, in which query language, and of which type.

Source: states-language.net, "Table of State Types and Fields" and the sections of each type; developer guide for the fields of
distributed Maps.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding, error, other_language, unsupported_field
from bunsui.asl.validation.views import PROCESSORS, TYPES, MachineView, StateView, is_opaque

_PATH = "JSONPath"
_ATA = "JSONata"
_BOTH = ""

_ANY = {"Type": _BOTH, "Comment": _BOTH, "QueryLanguage": _BOTH}
_IO = {"InputPath": _PATH, "OutputPath": _PATH, "Output": _ATA}
_FLOW = {"Next": _BOTH, "End": _BOTH, "Assign": _BOTH}
_RESULT = {"ResultPath": _PATH, "ResultSelector": _PATH, "Parameters": _PATH}
_HANDLERS = {"Retry": _BOTH, "Catch": _BOTH}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Task": {
        **_ANY, **_IO, **_FLOW, **_RESULT, **_HANDLERS, "Resource": _BOTH, "Arguments": _ATA, "Credentials": _BOTH,
        "TimeoutSeconds": _BOTH, "TimeoutSecondsPath": _PATH, "HeartbeatSeconds": _BOTH, "HeartbeatSecondsPath": _PATH,
    },
    "Pass": {**_ANY, **_IO, **_FLOW, "Parameters": _PATH, "ResultPath": _PATH, "Result": _PATH},
    "Choice": {**_ANY, **_IO, "Choices": _BOTH, "Default": _BOTH, "Assign": _BOTH},
    "Wait": {
        **_ANY, **_IO, **_FLOW, "Seconds": _BOTH, "Timestamp": _BOTH, "SecondsPath": _PATH, "TimestampPath": _PATH,
    },
    "Succeed": {**_ANY, **_IO},
    "Fail": {**_ANY, "Error": _BOTH, "Cause": _BOTH, "ErrorPath": _PATH, "CausePath": _PATH},
    "Parallel": {**_ANY, **_IO, **_FLOW, **_RESULT, **_HANDLERS, "Branches": _BOTH, "Arguments": _ATA},
    "Map": {
        **_ANY, **_IO, **_FLOW, **_RESULT, **_HANDLERS, "ItemProcessor": _BOTH, "Iterator": _BOTH, "Items": _ATA,
        "ItemsPath": _PATH, "ItemSelector": _BOTH, "ItemReader": _BOTH, "ItemBatcher": _BOTH, "ResultWriter": _BOTH,
        "MaxConcurrency": _BOTH, "MaxConcurrencyPath": _PATH, "Label": _BOTH, "ToleratedFailureCount": _BOTH,
        "ToleratedFailureCountPath": _PATH, "ToleratedFailurePercentage": _BOTH, "ToleratedFailurePercentagePath": _PATH,
    },
}  # fmt: skip
"""Type -> field -> the only query language that has it, empty for both."""

_REQUIRED = {"Task": ("Resource",), "Choice": ("Choices",), "Parallel": ("Branches",)}
_MACHINE_FIELDS = frozenset({"StartAt", "States", "Comment"})
_ROOT_FIELDS = _MACHINE_FIELDS | {"TimeoutSeconds", "Version", "QueryLanguage"}

_TEXT, _OBJECT, _LIST, _FLAG = "STRING", "OBJECT", "ARRAY", "BOOLEAN"
_EXPECTED = {
    "Comment": _TEXT, "Next": _TEXT, "Default": _TEXT, "Resource": _TEXT, "Label": _TEXT, "End": _FLAG, "Retry": _LIST,
    "Catch": _LIST, "Choices": _LIST, "Branches": _LIST, "ItemProcessor": _OBJECT, "Iterator": _OBJECT, "ItemReader": _OBJECT,
    "ItemBatcher": _OBJECT, "ResultWriter": _OBJECT, "Assign": _OBJECT, "StartAt": _TEXT, "States": _OBJECT, "Version": _TEXT,
    "Credentials": _OBJECT, "ReaderConfig": _OBJECT, "WriterConfig": _OBJECT, "Error": _TEXT, "Cause": _TEXT,
}  # fmt: skip
_PYTHON: Mapping[str, type | tuple[type, ...]] = {_TEXT: str, _OBJECT: Mapping, _LIST: list, _FLAG: bool}
_NOT_EMPTY = frozenset({"States", "Choices", "Branches"})


def machine_fields(machine: MachineView) -> Iterator[DefinitionFinding]:
    """Check the fields of a machine, a branch or a processor."""
    missing = [name for name in ("States", "StartAt") if name not in machine.fields]
    if missing:
        yield _missing(machine.path, missing)
    allowed = _ROOT_FIELDS if machine.owner is None else _MACHINE_FIELDS
    if machine.owner is not None and machine.owner.type == "Map":
        allowed = allowed | {"ProcessorConfig"}
    for name in machine.fields:
        if name not in allowed:
            yield unsupported_field(machine.path, str(name), known=allowed)
    yield from _types(machine.path, machine.fields)
    if "QueryLanguage" in machine.fields and machine.owner is None:
        yield from _language_value(machine.path, machine.fields)
    for name, state in machine.states.items():
        if not isinstance(state, Mapping):
            path = (*machine.path, "States", str(name))
            yield error("ASL004", path, f"the state {name} must be an object", aws="Expected value of type [OBJECT]")


def state_fields(state: StateView) -> Iterator[DefinitionFinding]:
    """Check which fields a state has."""
    if state.type not in FIELDS:
        yield from _unknown_type(state)
        return
    known = FIELDS[state.type]
    missing = [name for name in _REQUIRED.get(state.type, ()) if name not in state.fields]
    if state.type == "Map" and not any(key in state.fields for key in PROCESSORS):
        missing.append("ItemProcessor")
    if missing:
        yield _missing(state.path, missing)
    downgraded = state.machine.language == _ATA and state.fields.get("QueryLanguage") == _PATH
    if downgraded:
        words = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield error("ASL020", (*state.path, "QueryLanguage"), words, aws=words, at=state.path)
    for name in map(str, state.fields):
        if name not in known:
            yield _not_in_state(state, name, known)
        elif known[name] not in (_BOTH, state.language) and not downgraded:
            yield _other_language(state, name, known[name])
    if "QueryLanguage" in state.fields:
        yield from _language_value(state.path, state.fields)
    yield from _types(state.path, state.fields)
    branches = state.fields.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if not isinstance(branch, Mapping):
            place = (*state.path, "Branches", index)
            yield error("ASL004", place, "a branch must be an object", aws="Expected value of type [OBJECT]")


def _missing(path: tuple[str | int, ...], names: list[str]) -> DefinitionFinding:
    shown = ", ".join(names)
    is_state = len(path) >= 2 and path[-2] == "States"
    message = f"{f'the state {path[-1]}' if is_state else 'the state machine'} has no {' and no '.join(names)}"
    hint = "Add StartAt with the first state's name." if names == ["StartAt"] else ""
    return error("ASL002", path, message, aws=f"These fields are required: [{shown}]", hint=hint, on_key=True)


def _not_in_state(state: StateView, name: str, known: Mapping[str, str]) -> DefinitionFinding:
    if name in ("Next", "End"):
        return unsupported_field(state.path, name, message=f"{state.type} states have neither Next nor End")
    return unsupported_field(state.path, name, known=known, message=f"{state.type} states do not support {name}")


def _unknown_type(state: StateView) -> Iterator[DefinitionFinding]:
    if "Type" not in state.fields:
        yield _missing(state.path, ["Type"])
    elif not is_opaque(state.fields["Type"]):
        near = difflib.get_close_matches(state.type, TYPES, n=1, cutoff=0.5)
        yield error(
            "ASL007",
            (*state.path, "Type"),
            f"{str(state.fields['Type'])[:60]} is not a type of state",
            aws=f"Value should be one of the following: [{', '.join(TYPES)}]",
            hint=f"Did you mean {near[0]}?" if near else f"One of {', '.join(TYPES)}.",
        )


def _other_language(state: StateView, name: str, only: str) -> DefinitionFinding:
    instead = {"Parameters": "Arguments", "ItemsPath": "Items", "Result": "Output", "OutputPath": "Output"}.get(name)
    hint = f"Use {instead}." if instead and only == _PATH else f'Set "QueryLanguage": "{only}" on the state, or remove {name}.'
    return other_language(state.path, name, used=state.language, only=only, hint=hint)


def _language_value(path: tuple[str | int, ...], fields: Mapping[str, Any]) -> Iterator[DefinitionFinding]:
    said, place = fields["QueryLanguage"], (*path, "QueryLanguage")
    if not isinstance(said, str):
        yield error("ASL004", place, "QueryLanguage must be a string", aws="Expected value of type [STRING]")
    elif said not in (_PATH, _ATA) and not is_opaque(said):
        words = "Value should be one of the following: [JSONPath, JSONata]"
        yield error("ASL007", place, f"{said[:40]} is no query language", aws=words, hint="JSONPath or JSONata.")


def _types(path: tuple[str | int, ...], fields: Mapping[str, Any]) -> Iterator[DefinitionFinding]:
    for name, value in fields.items():
        kind = _EXPECTED.get(str(name))
        if kind is None or is_opaque(value):
            continue
        if not isinstance(value, _PYTHON[kind]):
            words = f"Expected value of type [{kind}]"
            yield error("ASL004", (*path, name), f"{name} must be {_ARTICLES[kind]}", aws=words)
        elif name in _NOT_EMPTY and not value:
            yield error("ASL004", (*path, name), f"{name} is empty", aws="Value cannot be empty")


def object_field(holder: Mapping[str, Any], name: str, path: tuple[str | int, ...]) -> Iterator[DefinitionFinding]:
    """Find a field of an entry or a part that must be an object and is none; `path` is that of its holder."""
    if name in holder:
        yield from _types(path, {name: holder[name]})


_ARTICLES = {_TEXT: "a string", _OBJECT: "an object", _LIST: "a list", _FLAG: "true or false"}
