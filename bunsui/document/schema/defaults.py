"""The schema of `defaults` by operation type: the type's own definition, in which nothing is required."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bunsui.document.schema.published import Schema, operation_definition
from bunsui.operations.contract import OperationType

_DEFS = "#/$defs/"
_OF_ONE = frozenset({"id", "type", "poll"})
"""Keys that only a single operation can have."""


def with_type_defaults(
    definitions: Mapping[str, Schema], registry: Mapping[str, OperationType], *, kept: Collection[str]
) -> dict[str, Schema]:
    """Return `DefaultsEntry` with a key for each type, and what these refer to. `kept` are the keys that operations of all
    types have, which are described at `OperationEntry`."""
    entry = definitions["DefaultsEntry"]
    found: dict[str, Schema] = {}
    partial = _Partial(definitions=definitions, found=found)
    for name in registry:
        reference = f"{_DEFS}{operation_definition(name)}"
        own = definitions[operation_definition(name)]
        properties = {key: {"$ref": f"{_DEFS}OperationEntry/properties/{key}"} for key in kept if key not in _OF_ONE}
        for key, value in own["properties"].items():
            if value is not True and key not in _OF_ONE:
                loose = partial.of(value)
                properties[key] = {"$ref": f"{reference}/properties/{key}"} if loose is value else loose
        found[f"default.{name}"] = {
            "type": "object",
            "description": f"What holds for `{name}` operations that do not say otherwise.",
            "additionalProperties": False,
            "properties": properties,
        }
    by_type = {name: {"$ref": f"{_DEFS}default.{name}"} for name in registry}
    return {**found, "DefaultsEntry": {**entry, "properties": {**entry["properties"], **by_type}}}


def reachable(schema: Any, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the definitions that the schema refers to, directly or not."""
    found: dict[str, Schema] = {}
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            target = str(part.get("$ref", "")).removeprefix(_DEFS).partition("/")[0]
            if target in definitions and target not in found:
                found[target] = definitions[target]
                waiting.append(definitions[target])
            waiting += [value for key, value in part.items() if key != "$ref"]
    return found


class _Partial:
    """Makes schemas in whose mappings nothing is required. Entries of lists stay whole, since lists are not merged."""

    def __init__(self, *, definitions: Mapping[str, Schema], found: dict[str, Schema]) -> None:
        self._definitions = definitions
        self._found = found

    def of(self, schema: Schema) -> Schema:
        """Return the schema with nothing required; the same one when nothing was."""
        if "$ref" in schema:
            return self._reference(schema)
        loose = dict(schema)
        loose.pop("required", None)
        if isinstance(schema.get("properties"), dict):
            loose["properties"] = {key: self.of(value) for key, value in schema["properties"].items()}
        if isinstance(schema.get("anyOf"), list):
            loose["anyOf"] = [self.of(branch) for branch in schema["anyOf"]]
        return schema if loose == schema else loose

    def _reference(self, schema: Schema) -> Schema:
        name = str(schema["$ref"]).removeprefix(_DEFS)
        target = self._definitions.get(name)
        if target is None or "properties" not in target or name in ("OperationEntry", "Placeholder"):
            return schema
        loose = self.of(target)
        if loose is target:
            return schema
        self._found[f"default.{name}"] = loose
        return {**schema, "$ref": f"{_DEFS}default.{name}"}
