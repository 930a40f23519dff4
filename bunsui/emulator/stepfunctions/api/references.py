"""Which variables each state reads, as DescribeStateMachine tells.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html, `variableReferences`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.expressions import variables

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")
_VARIABLE = re.compile(r"(?<![$\w])\$([A-Za-z_]\w*)")
_OWN = frozenset({"states"})
"""What JSONata expressions are given besides variables."""
_INNER = frozenset({"Branches", "ItemProcessor", "Iterator"})


def variable_references(definition: str) -> dict[str, list[str]]:
    """Return the names of the variables that each state reads, sorted; states that read none are left out."""
    document = json.loads(definition)
    return dict(_of_states(document, str(document.get("QueryLanguage", "JSONPath"))))


def _of_states(machine: Mapping[str, Any], language: str) -> Iterator[tuple[str, list[str]]]:
    for name, state in machine.get("States", {}).items():
        own = state.get("QueryLanguage", language)
        found = sorted(set(_names(state, jsonata=own == "JSONata")))
        if found:
            yield name, found
        inner = [*state.get("Branches", ()), *(state[key] for key in ("ItemProcessor", "Iterator") if key in state)]
        for machine_inside in inner:
            yield from _of_states(machine_inside, own)


def _names(value: Any, *, jsonata: bool, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _INNER:
                yield from _names(item, jsonata=jsonata, key=name)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, jsonata=jsonata, key=key)
    elif isinstance(value, str):
        if jsonata:
            yield from _read_by_jsonata(value)
        elif key.endswith((".$", "Path")) or key == "Variable":
            yield from _VARIABLE.findall(_QUOTED.sub("''", value))


def _read_by_jsonata(text: str) -> Iterator[str]:
    if text.startswith("{%") and text.endswith("%}"):
        yield from (use.name for use in variables(text[2:-2]) if not use.called and use.name not in _OWN)
