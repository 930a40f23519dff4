from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bunsui.document.schema.published import PIPELINE, PROJECT, published
from bunsui.document.schema.text import pipeline_schema, project_schema, schema_text
from bunsui.operations.registry import builtin_registry

SCHEMAS = Path(__file__).parents[4] / "schemas"


@pytest.mark.parametrize("name", [PIPELINE, PROJECT])
def test_the_published_schema_is_current(name: str) -> None:
    made = schema_text(pipeline_schema(builtin_registry()) if name == PIPELINE else project_schema(builtin_registry()))
    assert (SCHEMAS / f"{name}.json").read_text(encoding="utf-8") == made, "stale; run: bunsui schema --write"


@pytest.mark.parametrize("name", [PIPELINE, PROJECT])
def test_the_schema_is_a_valid_schema_with_an_id_that_needs_no_network(name: str) -> None:
    schema = published(name)
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:bunsui:schema:{name}"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", [PIPELINE, PROJECT])
def test_every_key_is_described(name: str) -> None:
    schema = published(name)
    assert schema is not None
    assert [path for path, entry in keys(schema) if "description" not in entry] == []


@pytest.mark.parametrize("name", [PIPELINE, PROJECT])
def test_no_key_is_a_yaml_1_1_boolean(name: str) -> None:
    schema = published(name)
    assert schema is not None
    assert {path[-1] for path, _ in keys(schema)} & {"on", "off", "yes", "no", "y", "n"} == set()


def test_every_operation_type_has_its_branch() -> None:
    schema = published(PIPELINE)
    assert schema is not None
    assert {f"operation.{name}" for name in builtin_registry()} <= set(schema["$defs"])


@pytest.mark.parametrize("name", list(builtin_registry()))
def test_the_example_of_a_type_is_valid_for_any_other_checker(name: str) -> None:
    schema = published(PIPELINE)
    assert schema is not None
    operation = yaml.safe_load(builtin_registry()[name].example)
    listed = operation if isinstance(operation, list) else [operation]
    pipeline = {"version": 1, "name": "example", "jobs": {"a": {"operations": listed}}}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(pipeline)] == []


def test_what_an_editor_offers_fits_its_place() -> None:
    schema = published(PIPELINE)
    assert schema is not None
    assert [path for path, entry in parts(schema) if "title" in entry] == [()], "names of Python classes"
    for path, entry in parts(schema):
        for example in entry.get("examples", ()):
            assert Draft202012Validator({**entry, "$defs": schema["$defs"]}).is_valid(example), (path, example)
        assert len(entry.get("enumDescriptions", entry.get("enum", ()))) == len(entry.get("enum", ())), path
    conditions = [
        (path, example)
        for path, entry in parts(schema)
        if path[-2:-1] == ("properties",) and path[-1] in ("when", "that", "until", "fail_if")
        for _, part in parts(entry)
        for example in part.get("examples", ())
        if path[1] not in ("AcceptEntry", "operation.wait")  # until a day, until an instant
    ]
    assert {path[-1] for path, _ in conditions} == {"when", "that", "until", "fail_if"}
    assert all(set(example) & set("=<>") or " in " in example for _, example in conditions)


def test_the_types_of_operations_are_one_list_with_descriptions() -> None:
    schema = published(PIPELINE)
    assert schema is not None
    for name in ("OperationEntry", "JobEntry"):
        kinds = schema["$defs"][name]["properties"]["type"]
        assert kinds["enum"] == list(builtin_registry())
        assert kinds["enumDescriptions"] == [kind.summary for kind in builtin_registry().values()]


def test_the_schema_is_plain_json() -> None:
    for name in (PIPELINE, PROJECT):
        text = (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")
        assert schema_text(json.loads(text)) == text


def keys(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(schema, dict):
        for name, entry in schema.get("properties", {}).items():
            if entry is not True and "$ref" not in entry:  # described where it is defined
                yield (*path, name), entry
        for name, part in schema.items():
            if name not in ("default", "examples", "enum", "const", "if"):
                yield from keys(part, (*path, name))
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from keys(part, (*path, str(number)))


def parts(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Return every schema inside the schema with its path."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from parts(part, (*path, str(number)))
    elif isinstance(schema, dict):
        if path[-1:] not in (("properties",), ("$defs",), ("discriminator",), ("mapping",)):
            yield path, schema
        for name, part in schema.items():
            if name not in ("default", "examples", "enum", "const", "required") or path[-1:] == ("properties",):
                yield from parts(part, (*path, name))


def test_every_choice_that_is_described_is_described_for_each_value() -> None:
    schema = published("pipeline-v1")
    assert schema is not None
    described = {path: entry for path, entry in parts(schema) if "enumDescriptions" in entry}
    assert {len(path) > 0 and path[-1] for path in described} >= {"run_if", "type"}
    for path, entry in described.items():
        assert len(entry["enumDescriptions"]) == len(entry["enum"]), path
        assert all(entry["enumDescriptions"]), path
