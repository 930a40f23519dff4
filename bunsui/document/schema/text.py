"""Make the JSON Schemas that are published, out of models: those of the files, and those of the operation types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bunsui.document.schema.by_type import operation_definitions, with_types
from bunsui.document.schema.defaults import reachable
from bunsui.document.schema.published import DURATIONS, PIPELINE, PLACEHOLDER_PATTERN, PROJECT, TESTS, Schema
from bunsui.operations.contract import OperationType

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_STRUCTURE = frozenset(
    {"version", "name", "id", "type", "depends_on", "run_if", "definition", "as", "enum", "parameters", "tests", "accept"}
)
"""Keys whose values give the document its structure: they are never filled in."""

_FUNCTION = {"$ref": "#/$defs/lambda.FunctionSource"}

_LITERAL = frozenset({"ParameterEntry", "PipelineTestEntry", "ExpectEntry", "AcceptEntry", "AlertEntry"})
"""Definitions whose values are taken as they are written."""


def pipeline_schema(registry: Mapping[str, OperationType]) -> Schema:
    """Return the schema of pipeline files that use these operation types."""
    from bunsui.document.schema.pipeline import PipelineFile  # deferred: needed only where the published file is not used

    schema = PipelineFile.model_json_schema(by_alias=True)
    definitions: Schema = schema["$defs"]
    types = operation_definitions(registry)
    for name, definition in (definitions | types).items():
        if name not in _LITERAL:
            _add_placeholders(definition)
    _add_placeholders(schema)
    definitions |= with_types(definitions, types, registry)
    schema["properties"]["functions"]["additionalProperties"] = _FUNCTION
    definitions["Placeholder"] = {
        "type": "string",
        "pattern": PLACEHOLDER_PATTERN,
        "description": "A value that is filled in at plan time: ${var.NAME}, ${environment.region}, ${ssm:/path}, "
        "${secret:NAME} (the ARN alone), ${cfn:STACK.OUTPUT}, ${tfstate:STATE#OUTPUT}.",
    }
    return _finished(schema, PIPELINE)


def project_schema(registry: Mapping[str, OperationType]) -> Schema:
    """Return the schema of the project file, with defaults for these operation types. Types of plugins that are not among them
    may stand there too; whoever knows them checks them."""
    from bunsui.document.schema.channels import (
        channel_definitions,  # deferred: needed only where the published file is not used
    )
    from bunsui.document.schema.project import ProjectFile
    from bunsui.notifications.registry import builtin_channels

    schema = ProjectFile.model_json_schema(by_alias=True)
    definitions = pipeline_schema(registry)["$defs"]
    schema["properties"]["functions"]["additionalProperties"] = _FUNCTION
    schema["$defs"] |= reachable(definitions["DefaultsEntry"], definitions)
    schema["$defs"] |= channel_definitions(schema["$defs"]["ChannelEntry"], builtin_channels())
    schema["$defs"]["DefaultsEntry"] = {**definitions["DefaultsEntry"], "additionalProperties": {"type": "object"}}
    return _finished(schema, PROJECT)


def tests_schema() -> Schema:
    """Return the schema of `*.test.yaml` files."""
    from bunsui.document.schema.tests import SuiteFile  # deferred: needed only where the published file is not used

    return _finished(SuiteFile.model_json_schema(by_alias=True), TESTS)


def durations_schema() -> Schema:
    """Return the schema of `bunsui.durations.yaml`."""
    from bunsui.document.schema.learnt_durations import DurationsFile  # deferred: as the others are

    return _finished(DurationsFile.model_json_schema(by_alias=True), DURATIONS)


def schema_text(schema: Schema) -> str:
    """Return the schema as it is published: the same bytes for the same schema."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _add_placeholders(schema: Schema) -> None:
    """Let `${…}` stand where a number, a choice or a text of a certain form is demanded."""
    for key, value in schema.get("properties", {}).items():
        if key not in _STRUCTURE and "const" not in value:
            schema["properties"][key] = _with_placeholder(value)


def _with_placeholder(schema: Schema) -> Schema:
    _add_placeholders(schema)
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict) and "$ref" not in schema["items"]:
        schema["items"] = _with_placeholder(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _with_placeholder(schema["additionalProperties"])
    if not _refuses_texts(schema):
        return schema
    outer: Schema = {key: schema.pop(key) for key in ("title", "description", "default", "examples") if key in schema}
    reference = {"$ref": "#/$defs/Placeholder"}
    alternatives = [*schema["anyOf"], reference] if set(schema) == {"anyOf"} else [schema, reference]
    return {**outer, "anyOf": alternatives}


def _refuses_texts(schema: Schema) -> bool:
    if not schema or schema == {"$ref": "#/$defs/Placeholder"}:
        return False
    if "anyOf" in schema:
        return all(_refuses_texts(branch) for branch in schema["anyOf"])
    if schema.get("type") == "string":
        return bool({"pattern", "enum", "format", "maxLength"} & set(schema))
    if "$ref" in schema or "$ref" in _entries(schema):
        return False
    return "type" in schema or "enum" in schema


def _entries(schema: Schema) -> Schema:
    """Return the schema of a container's entries; mappings of ours are structure, and never filled in as a whole."""
    entries = schema.get("items") or schema.get("additionalProperties") or {}
    return entries if isinstance(entries, dict) else {}


def _finished(schema: Schema, name: str) -> Schema:
    cleaned = _without_noise(schema)
    cleaned["properties"] = {
        "$schema": {"type": "string", "description": "Where editors find this schema."},
        **cleaned["properties"],
    }
    title = schema["title"]
    rest = {key: value for key, value in cleaned.items() if key != "$defs"}
    made: Schema = {"$schema": DRAFT, "$id": f"urn:bunsui:schema:{name}", "title": title, **rest}
    definitions = cleaned.get("$defs", {})
    return made | ({"$defs": {key: definitions[key] for key in sorted(definitions)}} if definitions else {})


def _without_noise(schema: Any, *, is_properties: bool = False) -> Any:
    """Drop titles, which are names of classes, null branches that stand for "may be left out", and null defaults."""
    if isinstance(schema, list):
        return [_without_noise(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if is_properties:
        return {key: _without_noise(value) for key, value in schema.items()}
    cleaned: Schema = {}
    for key, value in schema.items():
        if key in ("enum", "const", "examples", "default", "required", "discriminator"):
            cleaned[key] = value
        elif key == "anyOf":
            cleaned[key] = [_without_noise(branch) for branch in value if branch != {"type": "null"}]
        else:
            cleaned[key] = _without_noise(value, is_properties=key in ("properties", "$defs"))
    if cleaned.get("default", ...) is None:
        del cleaned["default"]
    if len(cleaned.get("anyOf", ())) == 1:
        (only,) = cleaned.pop("anyOf")
        cleaned = {**only, **cleaned}
    if "patternProperties" in cleaned and "additionalProperties" not in cleaned:
        ((pattern, value),) = cleaned.pop("patternProperties").items()
        cleaned |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    cleaned.pop("title", None)
    return cleaned
