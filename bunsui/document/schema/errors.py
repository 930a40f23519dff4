"""Turns the errors of a JSON Schema validator into findings that a person can act on."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.diagnostics import Diagnostic
from bunsui.document.expression_hints import quoted, rewritten
from bunsui.document.schema.foreign_keys import RULE_HINTS, STRATEGY_HINTS, neighbour_hint, operation_type_hint
from bunsui.document.schema.published import PIPELINE, PLACEHOLDER_PATTERN, published
from bunsui.document.short_forms import is_short
from bunsui.document.yaml.hints import hint_for_text
from bunsui.document.yaml.scalars import plain_value
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.alerts import EVENTS, NOT_TOLD
from bunsui.model.durations import DURATION_PATTERN, parse_duration
from bunsui.model.names import ID_PATTERN

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


_FORMS = {
    "depends_on": "Write the name of a job, or several: [a, b].",
    "tolerate": "Write how many may fail, such as 2, or a part of them: 5%.",
    "schedules": 'Write a list: [{id: nightly, cron: "0 3 * * ? *"}].',
    "for": "Write it with a unit: 5s, 5m or 5h.",
    "delay": "Write it with a unit: 5s, 5m or 5h.",
    "slot": "Write slot: {offset: -1d}.",
    "alerts": "Write a list: [{event: failed, notify: [CHANNEL]}].",
    "outputs": 'Name what later jobs read: {rows: "{% $result.rows %}"}, or [rows].',
    "recover": "Write a rule, such as {strategy: resume, only: [throttling]}, or several in a list.",
    "retry": "Write how often it is tried in all: retry: 3; 1 means no retry.",
    "items": 'Write a list, or an expression that gives one: "{% [1..3] %}".',
    "foreach": 'Write a list, or an expression that gives one: "{% [1..3] %}".',
    "operations": "Write a list of them, or the keys of a single one in the job itself.",
}
_FORMS_OF_KINDS = {
    "array": "Write it in brackets: [a, b].",
    "object": "Write keys with their values, {key: value}.",
    "integer": "Write a whole number, such as 3.",
    "number": "Write a number, such as 1.5.",
}
"""What a value looks like of which nothing else is known."""
_STEPS = re.compile(r"\s*[0-9]+\s*\.\.\s*[0-9]+\s*")
_NAMED_KEYS = 100
"""How many unknown keys of one mapping are told one by one. With more, the whole file is something else."""


def explain(document: Document, error: Any) -> Iterator[Diagnostic]:
    """Return the findings that one validation error stands for, located in the document."""
    path: Path = tuple(error.absolute_path)
    if "propertyNames" in list(error.relative_schema_path)[-2:-1]:
        yield document.finding(
            "BS105", _name_problem(error), (*path, error.instance), on_key=True, hint=hint_for_text(error.instance)
        )
        return
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(document, error, path)
        case "required":
            yield from _missing_keys(document, error, path)
        case "anyOf" | "oneOf":
            yield from _alternatives(document, error, path)
        case _:
            yield _value(document, error, path)


def _unknown_keys(document: Document, error: Any, path: Path) -> Iterator[Diagnostic]:
    known = [key for key in error.schema.get("properties", {}) if key != "$schema"]
    unknown = [key for key in error.instance if key not in error.schema.get("properties", {})]
    job = _short_job(document, path)
    if job:
        # Its keys and the operation's stand in one mapping of the file.
        known += [key for key in _job_keys() if key not in known]
    for key in unknown[:_NAMED_KEYS]:
        hint = _meaning(key, path, known, job)
        detail = "" if hint or len(known) > 40 else "Known here: " + ", ".join(known) + "."
        yield document.finding("BS101", f"unknown key {_shown(key)}", (*path, key), on_key=True, hint=hint, detail=detail)
    if more := unknown[_NAMED_KEYS:]:
        yield document.finding(
            "BS101", f"{len(more)} more unknown keys, from {_shown(more[0])} on", (*path, more[0]), on_key=True
        )


def _meaning(key: str, path: Path, known: Sequence[str], job: str) -> str:
    """Return what an unknown key was probably meant for; empty when nothing is near."""
    hint = (neighbour_hint(key, ("jobs", job), known) if job else "") or neighbour_hint(key, path, known)
    hint = hint or hint_for_text(key)
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return hint or (f"Did you mean {near[0]}?" if near else "")


def _short_job(document: Document, path: Path) -> str:
    """Return the job whose keys the keys of the operation at the path stand among; empty where there is none."""
    is_first = len(path) == 4 and path[0] == "jobs" and path[2:] == ("operations", 0)
    return str(path[1]) if is_first and is_short(document, str(path[1])) else ""


def _job_keys() -> list[str]:
    schema = published(PIPELINE)
    return list(schema["$defs"]["JobEntry"]["properties"]) if schema is not None else []


def _missing_keys(document: Document, error: Any, path: Path) -> Iterator[Diagnostic]:
    properties = error.schema.get("properties", {})
    job = _short_job(document, path)
    unknown = [key for key in error.instance if key not in properties] if "additionalProperties" in error.schema else []
    # A key that only has another name is told where it stands.
    told = {_meaning(key, path, list(properties), job) for key in unknown[:_NAMED_KEYS]}
    for key in error.validator_value:
        named = re.compile(rf"(Here it is called|Did you mean) {re.escape(key)}\b")
        if key not in error.instance and not any(map(named.match, told)):
            described = error.schema.get("properties", {}).get(key)
            detail = described.get("description", "") if isinstance(described, Mapping) else ""
            where = f" in {job}" if job else _where(path)
            yield document.finding("BS102", f"the key {key} is missing{where}", path, on_key=True, detail=detail)


def _alternatives(document: Document, error: Any, path: Path) -> Iterator[Diagnostic]:
    groups = [
        branch["required"] for branch in error.validator_value if isinstance(branch, Mapping) and set(branch) == {"required"}
    ]
    if len(groups) == len(error.validator_value):
        names = [name for group in groups for name in group]
        given = [name for name in names if isinstance(error.instance, Mapping) and name in error.instance]
        yield document.finding(
            "BS107",
            f"exactly one of {', '.join(names)} is needed{_where(path)}, not {' and '.join(given) or 'none'}",
            (*path, given[1]) if len(given) > 1 else path,
            on_key=True,
        )
        return
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    real = [errors for errors in branches.values() if not _is_placeholder(errors)]
    fitting = [errors for errors in real if not any(_is_kind_error(inner, path) for inner in errors)]
    chosen = fitting or real
    if len(chosen) == 1:
        for inner in chosen[0]:
            yield from explain(document, inner)
    elif fitting:
        for inner in min(fitting, key=len):
            yield from explain(document, inner)
    else:
        wanted = " or ".join(dict.fromkeys(_wanted(inner) for errors in real for inner in errors))
        yield _wrong(document, path, error.instance, f"{_at(path)} must be {wanted}")


def _is_placeholder(errors: Sequence[Any]) -> bool:
    return any(inner.schema.get("pattern") == PLACEHOLDER_PATTERN for inner in errors)


def _is_kind_error(inner: Any, path: Path) -> bool:
    return inner.validator == "type" and tuple(inner.absolute_path) == path


def _name_problem(error: Any) -> str:
    if error.validator_value == ID_PATTERN:
        return f"{_shown(error.instance)} is not an id: a letter, then letters, digits, - and _, no dots, 64 at most"
    return f"the name {_shown(error.instance)} is not allowed here"


def _value(document: Document, error: Any, path: Path) -> Diagnostic:
    value, demand = error.instance, error.validator_value
    match error.validator:
        case "type":
            return _wrong(document, path, value, f"{_at(path)} must be {_wanted(error)}", schema=error.schema)
        case "const" if not isinstance(value, type(demand)):
            return _wrong(document, path, value, f"{_at(path)} must be {_shown(demand)}", schema=error.schema)
        case "enum" | "const":
            return _choice(document, path, value, demand if error.validator == "enum" else [demand])
        case "pattern" if demand == DURATION_PATTERN:
            return document.finding("BS113", _duration_problem(value), path, hint=hint_for_text(value))
        case "pattern" if demand == ID_PATTERN:
            return document.finding("BS105", _name_problem(error), path, hint=hint_for_text(value))
        case "pattern" if r"\{%" in demand:
            steps = _STEPS.fullmatch(value)
            meant = quoted(f"[{value.strip()}]") if steps else rewritten(value)
            hint = f"Write {meant}." if meant else 'Write it in quotes between {% and %}: "{% … %}".'
            return document.finding("BS105", f"{_at(path)} must be an expression", path, hint=hint)
        case "pattern":
            # A value that may be a placeholder instead has its examples where the two stand beside each other.
            around = error.parent.schema if error.parent is not None else {}
            examples = error.schema.get("examples") or around.get("examples")
            hint = f"For example {examples[0]}." if examples else ""
            if isinstance(value, str) and re.fullmatch(r"\$\w+", value) and re.search(demand, value[1:]):
                hint = f"Write it without $: {value[1:]}."
            return document.finding("BS105", f"{_at(path)} has not the right form: {_shown(value)}", path, hint=hint)
        case _:
            counted = path[-1:] in (("retry",), ("attempts",)) and error.validator == "minimum"
            hint = "It counts the first try: 1 means no retry." if counted else ""
            return document.finding("BS106", _limit_problem(error, path), path, hint=hint)


def _limit_problem(error: Any, path: Path) -> str:
    at, demand = _at(path), error.validator_value
    match error.validator:
        case "minimum" | "exclusiveMinimum":
            return f"{at} must be at least {demand}, not {_shown(error.instance)}"
        case "maximum" | "exclusiveMaximum":
            return f"{at} must be at most {demand}, not {_shown(error.instance)}"
        case "minItems" | "minProperties" | "minLength":
            return f"{at} must not be empty" if demand == 1 else f"{at} is too short: {demand} at least"
        case "maxItems" | "maxProperties" | "maxLength":
            return f"{at} is too long: {demand} at most"
        case "uniqueItems":
            return f"{at} names something twice"
        case _:
            return f"{at} is not allowed as it is"


def _choice(document: Document, path: Path, value: Any, allowed: Sequence[Any]) -> Diagnostic:
    shown = [_shown(choice) for choice in allowed]
    near = difflib.get_close_matches(str(value), [str(choice) for choice in allowed], n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Write {shown[0] if len(shown) == 1 else 'one of ' + ', '.join(shown)}."
    if path[-1:] == ("run_if",):
        hint = RULE_HINTS.get(str(value)) or hint
    if path[-1:] == ("strategy",) and "recover" in path:
        hint = STRATEGY_HINTS.get(str(value).lower().replace("-", "_")) or hint
    if path[-1:] == ("type",) and "operations" in path:
        hint = operation_type_hint(str(value)) or hint
        return document.finding("BS108", f"there is no operation type {_shown(value)}", path, hint=hint)
    if path[-1:] == ("event",) and "alerts" in path and (watched := NOT_TOLD.get(str(value).replace("-", "_"))):
        return document.finding(
            "BS242",
            f"nobody tells of the event {_shown(value)} yet",
            path,
            detail=f"Somebody would have to watch {watched}, and the resident does not.",
            hint=f"Remove it; there are {', '.join(EVENTS)}.",
        )
    return document.finding("BS104", f"{_at(path)} cannot be {_shown(value)}", path, hint=hint)


def _wrong(document: Document, path: Path, value: Any, summary: str, *, schema: Mapping[str, Any] | None = None) -> Diagnostic:
    if schema is not None and schema.get("pattern") == DURATION_PATTERN and not isinstance(value, (list, dict)):
        return document.finding("BS113", _duration_problem(value), path)
    hint = hint_for_text(value) if isinstance(value, str) else ""
    wanted = schema.get("type") if schema is not None else None
    if not hint and wanted == "string" and isinstance(value, (bool, int, float)):
        shown = _written(document, path, value)
        hint = f'Quote it: "{shown}".'
        if schema is not None and r"\{%" in str(schema.get("pattern")) and isinstance(value, bool):
            key = path[-1]
            hint = f"Write {key}: {quoted(shown)} to switch it off." if not value else f"Remove {key}: that is the default."
        return document.finding("BS103", f"{summary}, not {shown}", path, hint=hint)
    if not hint and wanted in ("integer", "number") and isinstance(value, str) and value.isdigit():
        hint = f"Write it without quotes: {value}."
    elif not hint and wanted == "boolean" and isinstance(value, str):
        hint = "Write true or false, without quotes."
    elif not hint and path:
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        hint = _FORMS.get(key, "") or _FORMS_OF_KINDS.get(str(wanted), "")
        if wanted == "array" and isinstance(value, str) and key not in _FORMS:
            hint = f"Write it in brackets: [{_shown(value)}]."
    return document.finding("BS103", f"{summary}, not {_described(value)}", path, hint=hint)


def _written(document: Document, path: Path, value: object) -> str:
    """Return a value as it stands in the file, where `1e3` is not `1000.0`; as JSON where it came in by a placeholder."""
    place = document.at(path)
    found = _PLAIN.match(document.line(place.line), place.column - 1)
    try:
        return found.group() if found is not None and plain_value(found.group()) == value else _shown(value)
    except ValueError:
        return _shown(value)


_PLAIN = re.compile(r"[-+.\w]+")


def _duration_problem(value: object) -> str:
    try:
        parse_duration(str(value))
    except ValueError as error:
        return str(error)
    return f"{_shown(value)} is not a duration"


def _wanted(error: Any) -> str:
    if error.validator != "type":
        return "something else"
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return " or ".join(_KINDS[kind] for kind in kinds)


def _described(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, str):
        return f"the text {json.dumps(_shown(value), ensure_ascii=False)}"
    return "nothing" if value is None else _shown(value)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:79] + "…"


def _at(path: Path) -> str:
    keys = [step for step in path if isinstance(step, str)]
    if not path:
        return "the file"
    return keys[-1] if isinstance(path[-1], str) else f"an entry of {keys[-1]}" if keys else "an entry"


def _where(path: Path) -> str:
    return f" in {_at(path)}" if path else ""
