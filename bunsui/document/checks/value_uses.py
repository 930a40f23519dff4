"""Values that are used as what they are not: a field of a text, a text in a sum, the length of a list."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from bunsui.asl.calculations import Calculated
from bunsui.asl.expressions import Compared, VariableUse, calculated, compared, gives_lists, value_of, variables
from bunsui.asl.foreign_methods import jsonata_for
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.checks.typed_expressions import DeclaredTypes
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.values import Expression

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STATUSES = ("succeeded", "recovered", "skipped", "failed", "not_run")
_STATUSES_OF_ITEMS = ("succeeded", "failed", "skipped")
_WORDS = {"string": "a text", "number": "a number", "boolean": "true or false", "array": "a list", "object": "an object"}
_SCALARS = frozenset({"string", "number", "boolean"})
_OF_TEXTS = frozenset({"contains", "length", "lowercase", "match", "pad", "replace", "split", "substring", "trim", "uppercase"})
_OF_LISTS = frozenset({"average", "max", "min", "sum"})
"""Functions that fail for a text; one number is taken for a list of one."""


def check_uses(document: Document, types: DeclaredTypes, path: Path, expression: Expression) -> Iterator[Diagnostic]:
    """Return the findings about one expression of a job."""
    job = str(path[1])
    if path[-1] in _CONDITIONS or (path[-2:-1] == ("poll",) and path[-1] in ("until", "fail_if")):
        value = value_of(expression.text)
        kind = types.type_of(value, job) if isinstance(value, tuple) else value
        if kind in _WORDS and kind != "boolean":
            wrong = f"{path[-1]} gives {_WORDS[kind]}, and is to give true or false"
            yield document.finding("BS358", wrong, path, hint=_as_condition(kind, expression.text))
    for use in variables(expression.text):
        if problem := _of_field(types, use, job):
            yield document.finding("BS353", problem[0], path, hint=problem[1])
    for pair in compared(expression.text):
        for side in (pair.left, pair.right):
            if isinstance(side, tuple) and (problem := _of_comparison(types, side, pair, job)):
                yield document.finding("BS354", problem[0], path, hint=problem[1])
    if path[2:] in (("foreach",), ("foreach", "items")) and gives_lists(expression.text):
        yield document.finding(
            "BS355",
            "each item is a list: $map keeps what its function gives apart",
            path,
            severity=Severity.WARNING,
            hint="For an item of each pair write $params.a.($x := $; $params.b.{'x': $x, 'y': $}).",
        )
    told: set[str] = set()
    for found in calculated(expression.text):
        kind = types.type_of(found.value, job) if isinstance(found.value, tuple) else found.value
        problem = _of_call(found, kind) if found.is_call else _of_operator(found, kind)
        if problem is not None and found.by not in told:
            told.add(found.by)
            severity = Severity.WARNING if found.by == "count" else Severity.ERROR
            yield document.finding("BS353", problem[0], path, hint=problem[1], severity=severity)


_CONDITIONS = frozenset({"when", "that"})
"""Keys of conditions, wherever they stand. `until` is one of a poll, and an instant of a wait."""


def _as_condition(kind: str, text: str) -> str:
    if kind == "array":
        return f"Write $count({text}) > 0."
    if kind == "number":
        return f"Compare it: {text} > 0."
    return f"Compare it, or ask whether it is there: $exists({text})."


def _of_field(types: DeclaredTypes, use: VariableUse, job: str) -> tuple[str, str] | None:
    names = (use.name, *use.path)
    for length in range(2, len(names)):
        kind = types.type_of(names[:length], job)
        if kind in _SCALARS:
            shown = f"${'.'.join(names[:length])}"
            meant = jsonata_for(names[length], shown)
            return (
                f"{shown} is {_WORDS[kind]}, and has no field {names[length]}",
                f"Write {meant}." if meant else f"Read {shown} alone.",
            )
    return None


def _of_comparison(types: DeclaredTypes, path: tuple[str, ...], pair: Compared, job: str) -> tuple[str, str] | None:
    if problem := _of_form(types, path, pair):
        return problem
    if pair.is_order:
        return None
    values = _values(types, path, job)
    never = [text for text in pair.texts if text not in values] if values else []
    if not never:
        return None
    small = {value.lower(): value for value in values}
    near = difflib.get_close_matches(never[0].lower(), list(small), n=1, cutoff=0.4)
    listed = ", ".join(values)
    hint = f"Did you mean '{small[near[0]]}'? It is one of {listed}." if near else f"It is one of {listed}."
    return f"${'.'.join(path)} is never '{never[0]}'", hint


def _of_form(types: DeclaredTypes, path: tuple[str, ...], pair: Compared) -> tuple[str, str] | None:
    """A text that has not the form of what it is compared with, such as '01' for a month."""
    form: str
    match path:
        case ("session", "date" | "month" as name):
            form = name
        case ("params", name):
            entry = types.parameter(name)
            form = str(entry.get("format")) if "enum" not in entry else ""
        case _:
            return None
    # Texts are ordered by their characters, so that the beginning of a date stands for it there.
    forms = _BEGINNINGS if pair.is_order else _FORMS
    never = [text for text in pair.texts if form in forms and text and not forms[form].fullmatch(text)]
    if not never:
        return None
    shown, wanted = f"${'.'.join(path)}", _EXAMPLES[form]
    part = _PARTS.get(form, "") if re.fullmatch(r"[0-9]{1,2}", never[0]) else ""
    hint = f"It is such as '{wanted}'" + (f"; {part.format(shown)} = '{never[0]:0>2}'." if part else ".")
    return f"{shown} is never '{never[0]}'" if not pair.is_order else f"{shown} has another form than '{never[0]}'", hint


_FORMS = {
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "month": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"),
}
_BEGINNINGS = {
    "date": re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"),
    "month": re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"),
}
_EXAMPLES = {"date": "2026-01-31", "month": "2026-01"}
_PARTS = {"date": "its day alone: $substring({0}, 8)", "month": "the month alone: $substring({0}, 5)"}


def _values(types: DeclaredTypes, path: tuple[str, ...], job: str) -> Sequence[str]:
    """Return the only texts that a path gives; empty when it may give others."""
    match path:
        case ("session", "weekday"):
            return _WEEKDAYS
        case ("status", _):
            return _STATUSES
        case ("result", "status") if types.has_items(job):
            return _STATUSES_OF_ITEMS
        case ("params", name):
            parameters = types.data.get("parameters")
            entry = parameters.get(name) if isinstance(parameters, dict) else None
            values = entry.get("enum") if isinstance(entry, dict) else None
            return values if isinstance(values, list) and all(isinstance(value, str) for value in values) else ()
        case _:
            return ()


def _shown(found: Calculated) -> str:
    return f"${'.'.join(found.value)}" if isinstance(found.value, tuple) else "what stands in quotes"


def _of_operator(found: Calculated, kind: str) -> tuple[str, str] | None:
    if kind not in ("string", "boolean", "array", "object"):
        return None
    shown = _shown(found)
    if isinstance(found.value, tuple) and found.value[0] == "session":
        hint = "Days are calculated by slot: {offset: -1d} of the pipeline."
    elif found.by == "+" and kind == "string":
        hint = "Write & to join texts" + (f", or $number({shown})." if isinstance(found.value, tuple) else ".")
    elif kind == "string" and isinstance(found.value, tuple):
        hint = f"Write $number({shown})."
    else:
        hint = "Write a number."
    return f"{shown} is {_WORDS[kind]}, and {found.by} takes numbers only", hint


def _of_call(found: Calculated, kind: str) -> tuple[str, str] | None:
    shown = _shown(found)
    if not kind or kind not in _WORDS:
        return None
    if found.by in _OF_TEXTS and kind != "string":
        hint = f"Write $count({shown})." if kind == "array" and found.by == "length" else f"Write $string({shown})."
        return f"{shown} is {_WORDS[kind]}, and ${found.by} takes a text", hint
    if found.by in _OF_LISTS and kind in ("string", "boolean", "object"):
        return f"{shown} is {_WORDS[kind]}, and ${found.by} takes a list of numbers", "Write a list of numbers."
    if found.by == "count" and kind in ("string", "number", "boolean"):
        hint = f"Write $length({shown}) for how many characters it has." if kind == "string" else "Write the value itself."
        return f"{shown} is {_WORDS[kind]}, of which $count is always 1", hint
    return None
