"""The keys that a mapping may have by the schema, in their order; those of a job or operation by its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.document.form.shapes import FieldKind, ShapedPart, ValueShape, shaped_part
from bunsui.document.schema.published import Schema, operation_definition
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json, child_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaKeys:
    """What a mapping may hold."""

    parts: Mapping[str, Any]
    """The part of the schema for each key, in their order."""
    required: frozenset[str] = frozenset()
    exactly_one_of: tuple[str, ...] = ()
    """Keys of which one must be there and no second one; empty where there are none such."""


def keys_of(whole: Schema, shape: ValueShape, value: Json) -> SchemaKeys:
    """Return the keys of a nested form; `value` is what stands there, which may decide."""
    data: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
    if shape.is_job:
        return _job_keys(whole, data)
    if shape.is_operation:
        return _operation_keys(whole, data)
    part = shape.part
    parts = {key: one for key, one in part.get("properties", {}).items() if key != "$schema"}
    groups = [one["required"] for one in part.get("oneOf", ()) if isinstance(one, Mapping) and set(one) == {"required"}]
    required = frozenset(part.get("required", ()))
    return SchemaKeys(parts=parts, required=required, exactly_one_of=tuple(key for group in groups for key in group))


def part_below(whole: Schema, shape: ValueShape, value: Json, step: str | int) -> Any:
    """Return the part of the schema for what is one step further; `{}`, which allows anything, where it says nothing."""
    if shape.kind is FieldKind.NESTED and isinstance(step, str):
        found = keys_of(whole, shape, value).parts.get(step)
        if found is not None:
            return found
    if isinstance(step, str):
        inner = shape.part.get("additionalProperties")
        return inner if isinstance(inner, Mapping) else {}
    inner = shape.part.get("items")
    return inner if isinstance(inner, Mapping) else {}


def part_at(whole: Schema, data: Json, path: Path) -> tuple[ShapedPart, Json]:
    """Return the place of the schema for a path of the data, and what stands there; None where nothing does."""
    part, value = shaped_part(whole, whole), data
    for step in path:
        shape = part.shape_of(value) or _for_step(part, step)
        below = part_below(whole, shape, value, step) if shape is not None else {}
        part, value = shaped_part(whole, below), child_at(value, step)
    return part, value


def _for_step(part: ShapedPart, step: str | int) -> ValueShape | None:
    """Return the shape that has such steps, where nothing stands there that would choose."""
    wanted = (FieldKind.LIST,) if isinstance(step, int) else (FieldKind.NESTED, FieldKind.MAP)
    fitting = [shape for shape in part.shapes if shape.kind in wanted]
    named = [shape for shape in fitting if step in shape.part.get("properties", ())]
    return next(iter(named or fitting), None)


def _operation_keys(whole: Schema, data: Mapping[str, Json]) -> SchemaKeys:
    common = whole["$defs"]["OperationEntry"]["properties"]
    parts, required = _of_type(whole, data.get("type"))
    if not parts:
        return SchemaKeys(parts=dict(common), required=frozenset({"type"}))
    return SchemaKeys(parts={**_first(common), **parts}, required=required | {"type"})


def _job_keys(whole: Schema, data: Mapping[str, Json]) -> SchemaKeys:
    """Return the keys of a job: with those of its operation unless it has a list of them."""
    job = whole["$defs"]["JobEntry"]["properties"]
    own = {key: one for key, one in job.items() if key != "type"}
    if "operations" in data:
        return SchemaKeys(parts=own, required=frozenset({"operations"}))
    parts, required = _of_type(whole, data.get("type"))
    if not parts:
        return SchemaKeys(parts=dict(job), exactly_one_of=("type", "operations"))
    place = list(own).index("operations")
    before = {key: own[key] for key in list(own)[:place]}
    after = {key: own[key] for key in list(own)[place + 1 :]}
    inner = {"type": job["type"], **{key: one for key, one in parts.items() if key not in own}}
    return SchemaKeys(parts={**before, **inner, **after}, required=required | {"type"})


def _of_type(whole: Schema, name: Json) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the keys of an operation type with the common ones, and those that it must have; none of an unknown type."""
    definition = whole["$defs"].get(operation_definition(str(name))) if isinstance(name, str) else None
    if definition is None:
        return {}, frozenset()
    common = whole["$defs"]["OperationEntry"]["properties"]
    found = {key: (common.get(key, {}) if one is True else one) for key, one in definition["properties"].items()}
    return found, frozenset(definition.get("required", ()))


def _first(common: Mapping[str, Any]) -> dict[str, Any]:
    return {key: common[key] for key in ("id", "type") if key in common}
