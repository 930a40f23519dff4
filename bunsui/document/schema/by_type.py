"""The parts of the pipeline schema that depend on an operation's type.

The types are one enumeration beside the keys that all operations have, and `if`/`then` adds a type's own: an editor offers
every type with its description, then the keys of the chosen one. Branches of a `oneOf` would offer the keys of all types, and
two of the types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from bunsui.document.schema.defaults import with_type_defaults
from bunsui.document.schema.published import Schema, operation_definition
from bunsui.operations.contract import OperationType

_DEFS = "#/$defs/"


def operation_definitions(registry: Mapping[str, OperationType]) -> dict[str, Schema]:
    """Return the definitions of each type's own keys, and what they refer to."""
    definitions: dict[str, Schema] = {}
    for name in registry:
        definitions |= _own(name, registry[name])
    return definitions


def with_types(
    definitions: Mapping[str, Schema], types: Mapping[str, Schema], registry: Mapping[str, OperationType]
) -> dict[str, Schema]:
    """Return the definitions that replace or join those of jobs and operations, once placeholders are in all of them."""
    found = dict(types)
    common = deepcopy(definitions["OperationEntry"]["properties"])
    del common["type"]
    taken = {key for name in registry for key in types[operation_definition(name)]["properties"]} & set(common)
    shared = {key: value for key, value in common.items() if key not in taken}
    job = deepcopy(definitions["JobEntry"])
    kinds = _enumeration(registry)
    for name in registry:
        operation = found[operation_definition(name)]
        own = {**{key: value for key, value in common.items() if key in taken}, **operation["properties"]}
        here = {key: {"$ref": f"{_DEFS}{operation_definition(name)}/properties/{key}"} for key in own}
        found[operation_definition(name)] = _close_schema({**operation, "properties": own}, shared)
        beside = (*shared, *(key for key in job["properties"] if key != "operations"))
        found[_job_definition(name)] = _close_schema({**operation, "properties": here}, beside)
    found["OperationEntry"] = {
        "type": "object",
        "description": definitions["OperationEntry"]["description"],
        "required": ["type"],
        "properties": {"id": shared["id"], "type": kinds, **shared},
        **_choose_by_type({name: operation_definition(name) for name in registry}),
    }
    found |= with_type_defaults({**definitions, **found}, registry, kept=shared)
    keys = {key: {"$ref": f"{_DEFS}OperationEntry/properties/{key}"} for key in shared}
    found["OneOperation"] = {
        "description": "A job with the keys of its only operation.",
        "properties": keys,
        **_choose_by_type({name: _job_definition(name) for name in registry}),
    }
    return found | _jobs(job, kinds)


def _jobs(job: Schema, kinds: Schema) -> dict[str, Schema]:
    """Return the two forms of a job, of which `type` chooses one."""
    described = {"operations": {"description": job["properties"]["operations"]["description"]}}
    long = _close_schema({"properties": described, "required": job["required"]}, job["properties"])
    return {
        "JobEntry": {
            "type": "object",
            "description": job["description"],
            "properties": {"type": kinds, **job["properties"]},
            "if": {"required": ["type"]},
            "then": {"$ref": f"{_DEFS}OneOperation"},
            "else": {"$ref": f"{_DEFS}job.operations"},
        },
        "job.operations": {"description": "A job with a list of operations.", **long},
    }


def _enumeration(registry: Mapping[str, OperationType]) -> Schema:
    return {
        "description": "Which service and call.",
        "enum": list(registry),
        "enumDescriptions": [registry[name].summary for name in registry],
    }


def _choose_by_type(definitions: Mapping[str, str]) -> Schema:
    """Return a condition for each type. The discriminator says the same to whoever need not try them all."""
    return {
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: f"{_DEFS}{definition}" for name, definition in definitions.items()},
        },
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"{_DEFS}{definition}"},
            }
            for name, definition in definitions.items()
        ],
    }


def _close_schema(schema: Schema, others: Iterable[str]) -> Schema:
    """Return the schema without other keys than its own and those that are described elsewhere."""
    own = schema["properties"]
    first, last = ("id", "type"), [key for key in others if key not in own]
    described = {**{key: True for key in first if key in last or key == "type"}, **own, **dict.fromkeys(last, True)}
    return {**schema, "additionalProperties": False, "properties": described}


def _job_definition(name: str) -> str:
    return f"job.{name}"


def _own(name: str, operation_type: OperationType) -> dict[str, Schema]:
    from pydantic import TypeAdapter  # deferred: needed only where the published file is not used

    own: Schema = _with_operations(
        TypeAdapter(operation_type.params).json_schema(
            by_alias=True, mode="validation", ref_template=f"{_DEFS}{name}.{{model}}"
        )
    )
    definitions = {f"{name}.{key}": value for key, value in own.pop("$defs", {}).items()}
    reference = own.pop("$ref", None)
    if reference is not None:
        own = definitions.pop(str(reference).removeprefix(_DEFS))
    entry: Schema = {
        "type": "object",
        "description": operation_type.summary,
        "required": own.get("required", []),
        "properties": own.get("properties", {}),
    }
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in own:
            entry[keyword] = own[keyword]
    return {operation_definition(name): entry, **definitions}


def _with_operations(schema: Any) -> Any:
    """Fill in what stands where a type holds operations of its own."""
    if isinstance(schema, list):
        return [_with_operations(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-operations" in schema:
        rest = {key: value for key, value in schema.items() if key not in ("x-operations", "default")}
        return {**rest, "type": "array", "items": {"$ref": f"{_DEFS}OperationEntry"}}
    return {key: _with_operations(value) for key, value in schema.items()}
