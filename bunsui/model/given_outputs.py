"""Outputs that are given for a job that does not run: checked against what the job declares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bunsui.model.json import Json
from bunsui.model.pipeline import Job, OutputRule
from bunsui.model.values import Expression, Value

_TYPES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "string": (str,),
        "number": (int, float),
        "integer": (int,),
        "boolean": (bool,),
        "array": (list,),
        "object": (dict,),
    }
)


def given_outputs(job: Job, given: Mapping[str, Json]) -> tuple[Mapping[str, Json], str]:
    """Return the job's outputs, literal defaults filled in, and in words what is wrong with those that are given; empty for
    nothing."""
    unknown = [name for name in given if name not in job.outputs]
    if unknown:
        return {}, f"the job declares no output {unknown[0]}"
    found: dict[str, Json] = {}
    for name in job.outputs:
        rule = job.output_rules.get(name, OutputRule())
        if name in given:
            if not _is_right(given[name], rule):
                return {}, f"the output {name} is to be of type {rule.type}"
            found[name] = given[name]
        elif rule.has_default and _is_literal(rule.default):
            found[name] = rule.default  # type: ignore[assignment]  # a literal is JSON
        else:
            return {}, f"the output {name} is missing"
    return found, ""


def _is_right(value: Json, rule: OutputRule) -> bool:
    if not rule.type or (value is None and rule.has_default):
        return True
    kinds = _TYPES[rule.type]
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _is_literal(value: Value) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_literal, value))
    if isinstance(value, Mapping):
        return all(map(_is_literal, value.values()))
    return not isinstance(value, Expression) and (value is None or isinstance(value, (bool, int, float, str)))
