"""Values of a pipeline as Amazon States Language: expressions rewritten into the compiled names.

In a compiled machine `$params`, `$session` and `$resume` are assigned variables, readable everywhere. Job results, statuses and
operation results travel as state data, so that `$jobs.extract.files` becomes `$states.input.jobs.extract.files`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bunsui.asl.expressions import field_step, rewrite, string_literal
from bunsui.asl.model import code
from bunsui.model.values import Expression, Json, Reference, Sensitive, Unknown, Value

Renaming: TypeAlias = Callable[[str], str | None]
"""From a variable's name to the text that stands for it; None leaves it."""


def renaming(names: Mapping[str, str]) -> Renaming:
    """Give the renaming that a table says."""
    return names.get


def asl_value(value: Value, rename: Renaming) -> Json:
    """Give the value as a field of a state: expressions in `{% %}`, everything else as it is, References and unknown values
    included."""
    if isinstance(value, Expression):
        return code(rewrite(value.text, rename))
    if isinstance(value, Sensitive):
        return value.value
    if isinstance(value, Mapping):
        return {key: asl_value(item, rename) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [asl_value(item, rename) for item in value]
    # References and unknown values stay leaves until apply resolves them, which the type of JSON cannot say.
    return value  # type: ignore[return-value]


def jsonata(value: Value, rename: Renaming) -> str:
    """Give the value as JSONata, to stand inside a larger expression. TypeError for a Reference: what is known only after apply
    can be a field, not a part of an expression."""
    if isinstance(value, Expression):
        return rewrite(value.text, rename)
    if isinstance(value, Sensitive):
        return jsonata(value.value, rename)
    if isinstance(value, Unknown):
        return string_literal(value.why)
    if isinstance(value, Reference):
        raise TypeError("a value that is known only after apply cannot stand inside an expression")
    if isinstance(value, str):
        return string_literal(value)
    if isinstance(value, Mapping):
        return jsonata_object({key: jsonata(item, rename) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(jsonata(item, rename) for item in value) + "]"
    return json.dumps(value)


def jsonata_object(fields: Mapping[str, str]) -> str:
    """Give an object constructor of JSONata; the fields' values are JSONata already."""
    return "{" + ", ".join(f"{string_literal(name)}: {text}" for name, text in fields.items()) + "}"


def names_list(names: tuple[str, ...]) -> str:
    """Give a JSONata array of texts."""
    return "[" + ", ".join(string_literal(name) for name in names) + "]"


def path(root: str, *steps: str) -> str:
    """Give a JSONata path, such as `$states.input.jobs.extract`."""
    return ".".join([root, *(field_step(step) for step in steps)])
