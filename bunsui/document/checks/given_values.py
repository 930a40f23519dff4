"""Values that are given to parameters: by a default, by a schedule, and by a pipeline that starts another one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bunsui.asl.expressions import form_of
from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.child_results import check_child_results, check_limited_children
from bunsui.document.checks.typed_expressions import DeclaredTypes
from bunsui.document.operation_tree import operation_spots
from bunsui.document.schema.parameter_values import broken_keyword
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.operations.contract import OperationType

_KEYWORDS = {"min_length": "minLength", "max_length": "maxLength"}
_NO_RULES = frozenset({"default", "description", "items"})
_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object"})
_JSONATA = {"integer": "number"}
_FORMATS = {"date": "2026-01-31", "date-time": "2026-01-31T03:00:00Z", "time": "03:00:00Z"}


class ValueProblem(NamedTuple):
    """Why a parameter does not take a value."""

    code: str
    words: str
    """The end of a sentence that begins with the value's name."""
    hint: str = ""


def value_problem(parameter: Mapping[str, Json], value: Json) -> ValueProblem | None:
    """Return why the parameter does not take the value, as a run would say it; None where it does, where the parameter is
    wrong itself, and for values that only a run knows."""
    if isinstance(value, str) and ("{%" in value or "${" in value):
        return None
    kind = parameter.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    rules = {_KEYWORDS.get(key, key): said for key, said in parameter.items() if key not in _NO_RULES}
    error = broken_keyword(rules, value)
    if error is None:
        return None
    rule, demand = error
    shown = json.dumps(value, ensure_ascii=False)
    match rule:
        case "type":
            return ValueProblem("BS103", f"must be of the type {demand}, and is {shown}", _as_type(str(demand), value))
        case "enum":
            near = difflib.get_close_matches(str(value), [str(one) for one in _listed(demand)], n=1, cutoff=0.5)
            allowed = ", ".join(str(one) for one in _listed(demand))
            return ValueProblem(
                "BS104", f"cannot be {shown}", f"Did you mean {near[0]}?" if near else f"Write one of {allowed}."
            )
        case "format":
            return ValueProblem(
                "BS105", f"must be a {demand}, and is {shown}", f"Such as {_FORMATS.get(str(demand), str(demand))}."
            )
        case "pattern":
            return ValueProblem("BS105", f"must match {demand}, and is {shown}", "See the parameter's pattern.")
        case _:
            return ValueProblem("BS106", f"has {rule} {demand}, and is {shown}", "Keep within the parameter's limits.")


def _as_type(kind: str, value: Json) -> str:
    if kind == "string" and isinstance(value, (int, float)):
        return f'Quote it: "{json.dumps(value)}".'
    if kind in ("integer", "number") and isinstance(value, str) and value.lstrip("-").isdigit():
        return f"Write it without quotes: {value}."
    if kind == "boolean":
        return "Write true or false, without quotes."
    return "Write [ … ]." if kind == "array" else f"Write a value of the type {kind}."


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def check_given(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Return the findings about defaults of parameters, and about what schedules give."""
    parameters = _mapping(data.get("parameters"))
    for name, entry in parameters.items():
        if isinstance(entry, Mapping) and "default" in entry:
            wrong = value_problem(entry, entry["default"])
            if wrong is not None:
                path: Path = ("parameters", name, "default")
                yield document.finding(wrong.code, f"the default of {name} {wrong.words}", path, hint=wrong.hint)
    schedules = data.get("schedules")
    for index, schedule in enumerate(schedules if isinstance(schedules, list) else ()):
        given = _mapping(_mapping(schedule).get("input"))
        yield from _values(document, parameters, given, ("schedules", index, "input"))
    yield from _values(document, parameters, _mapping(_mapping(data.get("verify")).get("run")), ("verify", "run"))


def _values(document: Document, parameters: Mapping[str, Json], given: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    for name, value in given.items():
        wrong = value_problem(_mapping(parameters.get(name)), value)
        if wrong is not None:
            yield document.finding(wrong.code, f"{name} {wrong.words}", (*path, name), hint=wrong.hint)


class Child(NamedTuple):
    """A pipeline of the project that another one starts."""

    pipeline: Pipeline
    data: Mapping[str, Json]
    """Its file."""


def check_children(
    document: Document, children: Mapping[str, Child], registry: Mapping[str, OperationType]
) -> Iterator[Diagnostic]:
    """Return the findings about what the file gives to the pipelines that it starts, and reads of them."""
    data = _mapping(document.data)
    types = DeclaredTypes(data=data, registry=registry)
    for job, entry in _mapping(data.get("jobs")).items():
        operations = _mapping(entry).get("operations")
        for spot in operation_spots(operations, registry):
            keys = registry[spot.type].child_params if spot.type in registry else ()
            path: Path = ("jobs", job, "operations", *spot.path)
            operation = _mapping(_value_at(operations, spot.path))
            child = children.get(str(operation.get(keys[0]))) if keys else None
            if keys and child is not None:
                given = operation.get(keys[1], {})
                if isinstance(given, Mapping):
                    yield from _call(document, types, job, child, given, (*path, keys[1]))
    by_name = {name: child.pipeline for name, child in children.items()}
    yield from check_child_results(document, by_name, registry)
    yield from check_limited_children(document, by_name, registry)


def _call(
    document: Document, types: DeclaredTypes, job: str, child: Child, given: Mapping[str, Json], path: Path
) -> Iterator[Diagnostic]:
    name, parameters = child.pipeline.name, _mapping(child.data.get("parameters"))
    for key, value in given.items():
        if key not in parameters:
            near = difflib.get_close_matches(key, list(parameters), n=1, cutoff=0.5)
            known = f"It has {', '.join(parameters)}." if parameters else "It has none."
            hint = f"Did you mean {near[0]}?" if near else known
            yield document.finding("BS306", f"{name} has no parameter {key}", (*path, key), on_key=True, hint=hint)
            continue
        wrong = value_problem(_mapping(parameters[key]), value) or _type_problem(types, job, _mapping(parameters[key]), value)
        if wrong is not None:
            yield document.finding(wrong.code, f"{key} of {name} {wrong.words}", (*path, key), hint=wrong.hint)
    unknown = any(key not in parameters for key in given)
    for key, entry in parameters.items():
        if isinstance(entry, Mapping) and "default" not in entry and key not in given and not unknown:
            yield document.finding(
                "BS341",
                f"{name} is given no value for its parameter {key}, which has no default",
                path if document.node(path) is not document.node(path[:-1]) else path[:-1],
                hint=f"Add {path[-1]}: {{{key}: …}}, or a default at the parameter of {name}.",
            )


def _type_problem(types: DeclaredTypes, job: str, parameter: Mapping[str, Json], value: Json) -> ValueProblem | None:
    """Return what is wrong with an expression whose type is declared."""
    text = value.strip() if isinstance(value, str) else ""
    if not (text.startswith("{%") and text.endswith("%}")) or text.count("{%") > 1:
        return None
    form = form_of(text[2:-2].strip())
    found = types.type_of(form.root, job) if form.kind == "field" else ""
    kind = str(parameter.get("type"))
    if not found or kind not in _TYPES or found == _JSONATA.get(kind, kind):
        return None
    shown = f"${'.'.join(form.root)}"
    turned = {"number": "$number", "string": "$string", "boolean": "$boolean"}.get(_JSONATA.get(kind, kind), "")
    hint = f'Write "{{% {turned}({shown}) %}}".' if turned else f"Give it a value of the type {kind}."
    return ValueProblem("BS103", f"must be of the type {kind}, and {shown} is of the type {found}", hint)


def _value_at(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, (list, tuple)) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
