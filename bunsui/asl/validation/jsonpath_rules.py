"""What JSONPath states may hold: paths, payload templates and intrinsic calls.

Source: developer guide, "Managing state and transforming data", section JSONPath; refusals as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl import intrinsics, jsonpath
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, warning
from bunsui.asl.validation.views import StateView, is_opaque

TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials")
_NESTED_TEMPLATES = (("ItemReader", "Parameters"), ("ItemBatcher", "BatchInput"), ("ResultWriter", "Parameters"))
_NULLABLE = ("InputPath", "OutputPath", "ResultPath")
_SINGLE = (
    "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath",
    "ToleratedFailureCountPath", "ToleratedFailurePercentagePath",
)  # fmt: skip
"""Fields whose path must name one value."""
_PATHS = ("InputPath", "OutputPath", "ItemsPath", *_SINGLE)
_NESTED_PATHS = (
    ("ItemReader", "ReaderConfig", "MaxItemsPath"),
    ("ItemBatcher", "MaxItemsPerBatchPath"),
    ("ItemBatcher", "MaxInputBytesPerBatchPath"),
)
_PATHS_OR_CALLS = ("ErrorPath", "CausePath")
_GIVE_TEXTS = frozenset({"Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"})
"""The functions that those two take (developer guide, "Fail workflow state")."""


def jsonpath_rules(state: StateView) -> Iterator[DefinitionFinding]:
    """Check every path, call and template of a JSONPath state."""
    if state.language != "JSONPath":
        return
    fields = state.fields
    for name in _PATHS:
        if name in fields and not (fields[name] is None and name in _NULLABLE):
            yield from path_field(fields[name], (*state.path, name), single=name in _SINGLE)
    for value, path in nested_paths(state):
        yield from path_field(value, path, single=True)
    for name in _PATHS_OR_CALLS:
        if name in fields:
            yield from _path_or_call(fields[name], (*state.path, name))
    for result, path in _result_paths(state):
        yield from _reference_path(result, path)
    for template, path in templates(state):
        yield from _template(template, path)
    if state.type == "Pass" and isinstance(fields.get("Result"), Mapping):
        for key in fields["Result"]:
            if str(key).endswith(".$"):
                message = f"Result is given as it is: {key} is not evaluated"
                yield warning(
                    "ASL025",
                    (*state.path, "Result", str(key)),
                    message,
                    hint="Use Parameters.",
                    aws_code="PASS_RESULT_IS_STATIC",
                )


def nested_paths(state: StateView) -> Iterator[tuple[Any, Path]]:
    """Return the paths inside ItemReader and ItemBatcher."""
    for steps in _NESTED_PATHS:
        value: Any = state.fields
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            yield value, (*state.path, *steps)


def templates(state: StateView) -> Iterator[tuple[Any, Path]]:
    """Return every payload template of a JSONPath state."""
    for name in TEMPLATES:
        if name in state.fields:
            yield state.fields[name], (*state.path, name)
    for outer, inner in _NESTED_TEMPLATES:
        holder = state.fields.get(outer)
        if isinstance(holder, Mapping) and inner in holder:
            yield holder[inner], (*state.path, outer, inner)
    for key in ("Choices", "Catch"):
        entries = state.fields.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, Mapping) and "Assign" in entry:
                yield entry["Assign"], (*state.path, key, index, "Assign")


def path_field(value: Any, path: Path, *, single: bool = False) -> Iterator[DefinitionFinding]:
    """Check a field that holds a JSONPath; `single` asks for one that names one value."""
    if is_opaque(value):
        return
    if not isinstance(value, str):
        yield error("ASL004", path, f"{path[-1]} must be a JSONPath", aws="Expected value of type [STRING]")
        return
    try:
        parsed = jsonpath.parse(value)
    except jsonpath.JsonPathSyntaxError as why:
        yield error("ASL021", path, f"{value[:80]} is no JSONPath: {why}", aws="Value is not a valid JSONPath")
    else:
        yield from _bare_texts(parsed, path)
        if single and not parsed.definite:
            words = "Value is not a Reference Path: it must name a single node"
            yield error("ASL021", path, f"{value[:80]} may name more than one value", aws=words)


def _bare_texts(parsed: jsonpath.Path, path: Path) -> Iterator[DefinitionFinding]:
    for text in dict.fromkeys(jsonpath.bare_texts(parsed)):
        message = f"{text} in the filter is taken for a text, though it has no quotes"
        yield warning("ASL021", path, message, hint=f"Write '{text}'.")


def _path_or_call(value: Any, path: Path) -> Iterator[DefinitionFinding]:
    if isinstance(value, str) and value.startswith("States."):
        yield from _call(value, path, at=path)
        name = value.partition("(")[0].removeprefix("States.").strip()
        if name in intrinsics.ARITY and name not in _GIVE_TEXTS:
            words = f"{value[:80]}: {path[-1]} takes no function that may give anything but a text"
            yield error("ASL022", path, words, aws=_must_be_valid(path), hint=f"Use {', '.join(sorted(_GIVE_TEXTS))}.")
    else:
        yield from path_field(value, path)


def _result_paths(state: StateView) -> Iterator[tuple[Any, Path]]:
    if "ResultPath" in state.fields:
        yield state.fields["ResultPath"], (*state.path, "ResultPath")
    catchers = state.fields.get("Catch")
    for index, catcher in enumerate(catchers if isinstance(catchers, list) else ()):
        if isinstance(catcher, Mapping) and "ResultPath" in catcher:
            yield catcher["ResultPath"], (*state.path, "Catch", index, "ResultPath")


def _reference_path(value: Any, path: Path) -> Iterator[DefinitionFinding]:
    if value is None or is_opaque(value):
        return
    findings = tuple(path_field(value, path))
    yield from findings
    if findings:
        return
    parsed = jsonpath.parse(value)
    if parsed.root != "$":
        words = "Value is not a Reference Path: it must begin with '$'"
        yield error("ASL021", path, f"{value[:80]} is no place in the state's data", aws=words, hint="Begin with $.")
    elif not parsed.is_reference:
        words = "Value is not a Reference Path: it must name a single node"
        yield error("ASL021", path, f"{value[:80]} names more than one place", aws=words, hint="Use names and indexes only.")


def _template(template: Any, path: Path) -> Iterator[DefinitionFinding]:
    waiting: list[tuple[Any, Path]] = [(template, path)]
    while waiting:
        value, here = waiting.pop()
        if isinstance(value, Mapping):
            for key, item in value.items():
                place = (*here, str(key))
                if str(key).endswith(".$") and str(key)[:-2] in value:
                    message = f"{key} and {str(key)[:-2]} make the same field"
                    yield error("ASL008", place, message, aws=f"Duplicate field '{str(key)[:-2]}'", at=here, on_key=True)
                if str(key).endswith(".$"):
                    yield from _check_path_or_call(item, place, at=here)
                else:
                    waiting.append((item, place))
        elif isinstance(value, list):
            waiting.extend((item, (*here, index)) for index, item in enumerate(value))
        elif isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
            message = "the state uses JSONPath: this JSONata expression stays a text"
            yield warning("ASL025", here, message, hint='Set "QueryLanguage": "JSONata" on the state.')


def _check_path_or_call(value: Any, path: Path, *, at: Path) -> Iterator[DefinitionFinding]:
    if is_opaque(value):
        return
    if isinstance(value, str) and value.startswith("States."):
        yield from _call(value, path, at=at)
        return
    try:
        if not isinstance(value, str):
            raise jsonpath.JsonPathSyntaxError("it is no string")
        parsed = jsonpath.parse(value)
    except jsonpath.JsonPathSyntaxError as why:
        message = f"{str(value)[:80]} is no JSONPath and no intrinsic function call: {why}"
        hint = f"Write {str(path[-1])[:-2]!r} without .$ for a constant." if isinstance(value, str) else ""
        yield error("ASL021", path, message, aws=_must_be_valid(path), at=at, hint=hint)
    else:
        yield from _bare_texts(parsed, path)


def _call(value: str, path: Path, *, at: Path) -> Iterator[DefinitionFinding]:
    try:
        intrinsics.parse(value)
    except intrinsics.IntrinsicSyntaxError as why:
        yield error("ASL022", path, f"{value[:80]}: {why}", aws=_must_be_valid(path), at=at)


def _must_be_valid(path: Path) -> str:
    return f"The value for the field '{path[-1]}' must be a valid JSONPath or a valid intrinsic function call"
