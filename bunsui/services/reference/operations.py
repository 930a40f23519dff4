"""The reference pages of the operation types, written from the types themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.model.durations import DURATION_PATTERN, format_duration
from bunsui.operations.contract import OperationType
from bunsui.operations.fields import EXPRESSION_PATTERN
from bunsui.operations.parameters import TAKES_EXPRESSION, parameter_schema

INDEX = "README.md"

_COMMON = """\
Every operation may also have `id`, `timeout`, `heartbeat`, `retry` and `idempotent`, and
[`poll`](../reference/poll.md) where it asks for something. Where a value says *or expression*, an
expression such as `"{% $params.date %}"` may stand; `${var.name}` and its like may stand anywhere.
"""


def operation_pages(registry: Mapping[str, OperationType]) -> dict[str, str]:
    """Return the text of every page by its file name, an index among them; the same bytes for the same types."""
    pages = {f"{name}.md": operation_page(registry[name]) for name in registry}
    return {INDEX: _index(registry), **pages}


def operation_page(operation_type: OperationType) -> str:
    """Return the page of one type: an example, its keys, its result, its errors and what to do about them."""
    parts = [
        f"# `{operation_type.name}`",
        f"{operation_type.summary}.",
        f"```yaml\n{operation_type.example.rstrip()}\n```",
        *_keys(parameter_schema(operation_type)),
        "## Result",
        operation_type.result,
        "## Good to know",
        "\n".join(f"- {fact}" for fact in _facts(operation_type)),
        *_errors(operation_type.hints),
    ]
    return "\n\n".join(parts) + "\n"


def _index(registry: Mapping[str, OperationType]) -> str:
    rows = "\n".join(f"| [`{name}`]({name}.md) | {registry[name].summary} |" for name in registry)
    return f"# Operation types\n\n{_COMMON}\n| type | what it does |\n|---|---|\n{rows}\n"


def _facts(operation_type: OperationType) -> Iterator[str]:
    timeout = operation_type.default_timeout_seconds
    if operation_type.no_timeout:
        yield f"{operation_type.no_timeout[:1].upper()}{operation_type.no_timeout[1:]}."
    elif timeout is None:
        yield "It has no timeout of its own."
    else:
        yield f"Without `timeout` it may take {format_duration(timeout)}."
    if operation_type.result_fields is not None and operation_type.result_fields:
        names = ", ".join(f"`{name}`" for name in sorted(operation_type.result_fields))
        yield f"Reading another field of the result than {names} is an error."
    if operation_type.local_setting:
        yield (
            f"The embedded AWS runs it with `{operation_type.local_setting}` in `bunsui.yaml` only: "
            f"{operation_type.not_local}. `bunsui run` says so before it starts."
        )
    elif operation_type.not_local:
        yield f"The embedded AWS cannot run it yet: {operation_type.not_local}. `bunsui run` says so before it starts."
    else:
        yield "It runs in the embedded AWS."


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "## Keys"
    yield _table(schema)
    for name, inner in _mappings(schema):
        yield f"### `{name}`"
        yield inner["description"]
        yield _table(inner)


def _mappings(schema: Mapping[str, Any], prefix: str = "", definitions: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """The mappings with keys of their own below the schema, each with the path that leads to it."""
    known = definitions if definitions is not None else schema.get("$defs", {})
    for name, field in schema.get("properties", {}).items():
        for branch in _branches(field):
            entries = branch.get("items", {}) if branch.get("type") == "array" else {}
            reference = branch.get("$ref") or entries.get("$ref")
            if reference is not None:
                inner = known[str(reference).rpartition("/")[2]]
                path = f"{prefix}{name}{'[]' if entries else ''}"
                yield path, inner
                yield from _mappings(inner, f"{path}.", known)


def _table(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = []
    for name, field in schema.get("properties", {}).items():
        default = "**required**" if name in required else default_text(field)
        rows.append(f"| `{name}` | {value_words(field)} | {default} | {table_cell(field.get('description', ''))} |")
    return "| key | value | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows)


def default_text(field: Mapping[str, Any]) -> str:
    """Return the default of a key as Markdown; empty when it says nothing."""
    default = field.get("default")
    return "" if default in (None, "", [], {}) else f"`{_scalar(default)}`"


def value_words(field: Mapping[str, Any]) -> str:
    """Return in words what may stand at a key."""
    branches = [branch for branch in _branches(field) if branch.get("type") != "null"]
    plain = [branch for branch in branches if branch.get("pattern") != EXPRESSION_PATTERN]
    words = " or ".join(dict.fromkeys(_words(branch) for branch in plain))
    if not plain:
        return "expression"
    return f"{words} or expression" if field.get(TAKES_EXPRESSION) else words


def _branches(field: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(field["anyOf"]) if "anyOf" in field else [field]


def _words(branch: Mapping[str, Any]) -> str:
    match branch:
        case {"enum": values}:
            return ", ".join(f"`{_scalar(value)}`" for value in values)
        case {"pattern": pattern} if pattern == DURATION_PATTERN:
            return "duration"
        case {"x-operations": True}:
            return "operations"
        case {"$ref": _} | {"type": "object", "properties": _}:
            return "mapping"
        case {"type": "array", "items": items}:
            return f"list of {_plural(_words(items))}"
        case {"type": "object", "additionalProperties": dict(values)} if values:
            return f"{_plural(_words(values))} by name"
        case {"type": "object"}:
            return "mapping"
        case {"type": kind}:
            return {"string": "text", "integer": "number", "boolean": "`true` or `false`"}.get(str(kind), str(kind))
        case _:
            return "anything"


def _plural(words: str) -> str:
    return words if words.endswith("s") or words == "anything" else f"{words}s"


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _errors(hints: Mapping[str, str]) -> Iterator[str]:
    if not hints:
        return
    yield "## Errors"
    rows = "\n".join(f"| `{name}` | {table_cell(hint)} |" for name, hint in hints.items())
    yield f"| error | what to look at |\n|---|---|\n{rows}"


def table_cell(text: str) -> str:
    """Return a text as one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
