"""`outputs` of a job: a value each, or `{value, default, type, sensitive}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bunsui.document.lowering.values import Lowering
from bunsui.document.output_form import TYPES, is_long, misspelt_keys
from bunsui.document.yaml.tree import Path
from bunsui.model.pipeline import OutputRule
from bunsui.model.values import Value


class LoweredOutputs(NamedTuple):
    """Outputs by name."""

    values: Mapping[str, Value]
    rules: Mapping[str, OutputRule]


def lower_outputs(lowering: Lowering, path: Path, entries: Mapping[str, Value]) -> LoweredOutputs:
    """Return the outputs; a type that does not exist is a finding."""
    values: dict[str, Value] = {}
    rules: dict[str, OutputRule] = {}
    for name, entry in entries.items():
        if not (isinstance(entry, Mapping) and is_long(entry)):
            for key, meant in misspelt_keys(entry):
                at, hint = (*path, name, key), f"Did you mean {meant}?"
                lowering.findings.append(lowering.document.finding("BS101", f"unknown key {key}", at, on_key=True, hint=hint))
            values[name] = entry
            continue
        values[name] = entry["value"]
        kind = lowering.text((*path, name, "type"), entry.get("type"), "")
        if kind and kind not in TYPES:
            lowering.report("BS104", f"type cannot be {kind}", (*path, name, "type"), hint=f"Write one of {', '.join(TYPES)}.")
            kind = ""
        rules[name] = OutputRule(
            type=kind,
            default=entry.get("default"),
            has_default="default" in entry,
            sensitive=lowering.flag((*path, name, "sensitive"), entry.get("sensitive"), default=False),
        )
    return LoweredOutputs(values, {name: rule for name, rule in rules.items() if rule != OutputRule()})
