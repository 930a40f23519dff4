"""Check a document against its JSON Schema: refuse an unknown key, a wrong type or value, in words of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from bunsui.diagnostics import Diagnostic
from bunsui.document.error_limit import at_most
from bunsui.document.schema.errors import explain
from bunsui.document.schema.published import (
    DURATIONS,
    PIPELINE,
    PROJECT,
    TESTS,
    Schema,
    operation_definition,
    operation_names,
    published,
)
from bunsui.document.schema.text import durations_schema, pipeline_schema, project_schema, tests_schema
from bunsui.document.short_forms import JobForm
from bunsui.document.yaml.tree import Document
from bunsui.model.json import Json
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.performance import Shortcut, uses

SchemaCheck = Callable[[Document, Json], "tuple[Diagnostic, ...]"]
"""Checks the data, which may differ from the document's own by what was filled in, and places findings in the document."""


class TypesKey:
    """The operation types of a registry as a key: equal when they are the same objects under the same names.

    A schema with plugins in it takes long to make, and an editor asks for it with every key that is pressed.
    """

    def __init__(self, registry: Mapping[str, OperationType]) -> None:
        """Take the types as they are now."""
        self.types = dict(registry)

    def __hash__(self) -> int:
        """Return the same for the same names."""
        return hash(tuple(self.types))

    def __eq__(self, other: object) -> bool:
        """Tell whether these are the same types in the same order."""
        same = isinstance(other, TypesKey) and list(self.types) == list(other.types)
        return same and all(one is other.types[name] for name, one in self.types.items())  # type: ignore[attr-defined]


@lru_cache(maxsize=2)
def _schema_for(key: TypesKey) -> Schema:
    return pipeline_schema(key.types)


@lru_cache(maxsize=2)
def _check_for(key: TypesKey) -> SchemaCheck:
    return _check_with(_schema_for(key))


def pipeline_check(registry: Mapping[str, OperationType]) -> SchemaCheck:
    """Return the check of pipeline files. The published schema serves when it knows the same operation types as the registry;
    with plugins the schema is made afresh."""
    schema = published(PIPELINE)
    if schema is None or operation_names(schema) != list(registry):
        return _check_for(TypesKey(registry))
    return _published_check(PIPELINE)


def job_form(registry: Mapping[str, OperationType]) -> JobForm:
    """Return which keys belong to jobs and which to operations, as the schema of pipeline files has them."""
    schema = published(PIPELINE)
    if schema is None or operation_names(schema) != list(registry):
        return _job_form(_schema_for(TypesKey(registry)))
    return _job_form(schema)


def file_schema(name: str, registry: Mapping[str, OperationType]) -> Schema:
    """Return the schema of pipeline, project or test files, `name` as it is published, for these operation types."""
    schema = published(name)
    known = schema if name == PIPELINE else published(PIPELINE)
    if schema is not None and (name == TESTS or (known is not None and operation_names(known) == list(registry))):
        return schema
    if name == TESTS:
        return tests_schema()
    return _schema_for(TypesKey(registry)) if name == PIPELINE else project_schema(registry)


def _job_form(schema: Schema) -> JobForm:
    definitions = schema["$defs"]
    return JobForm(
        job=frozenset(definitions["JobEntry"]["properties"]) - {"type"},
        operation=frozenset(
            key for name in operation_names(schema) for key in definitions[operation_definition(name)]["properties"]
        ),
    )


def project_check() -> SchemaCheck:
    """Return the check of the project file."""
    return _published_check(PROJECT) if published(PROJECT) is not None else _check_with(project_schema(builtin_registry()))


def tests_check() -> SchemaCheck:
    """Return the check of files of tests."""
    return _published_check(TESTS) if published(TESTS) is not None else _check_with(tests_schema())


def durations_check() -> SchemaCheck:
    """Return the check of `bunsui.durations.yaml`."""
    return _published_check(DURATIONS) if published(DURATIONS) is not None else _check_with(durations_schema())


def _published_check(name: str) -> SchemaCheck:
    return _cached_check(name, uses(Shortcut.KEPT_VALIDATORS))


@cache
def _cached_check(name: str, _keeps_validators: bool) -> SchemaCheck:  # noqa: FBT001 - only a part of the cache's key
    schema = published(name)
    assert schema is not None
    return _check_with(schema)


def _check_with(schema: Schema) -> SchemaCheck:
    validator = _validator(schema)

    def check(document: Document, data: Json) -> tuple[Diagnostic, ...]:
        errors = validator.iter_errors(data)
        found = list(at_most(document, (finding for error in errors for finding in explain(document, error))))
        # A wrong kind is said once, whichever of the schema's keywords noticed it.
        kinds = {finding.position: finding for finding in reversed(found) if finding.code == "BS103"}
        return tuple(dict.fromkeys(kinds.get(finding.position, finding) for finding in found))

    return check


def _validator(schema: Schema) -> Any:
    """Return a validator that accepts exactly what any other accepts, faster and with errors nearer to the mistake."""
    from jsonschema import Draft202012Validator, validators  # deferred: only commands that read files pay for it

    plain_all_of = Draft202012Validator.VALIDATORS["allOf"]

    def all_of(validator: Any, branches: Any, instance: Any, part: Any) -> Iterator[Any]:
        """Go straight to the branch that the discriminator names."""
        discriminator = part.get("discriminator")
        if discriminator is None or not isinstance(instance, dict):
            yield from plain_all_of(validator, branches, instance, part)
            return
        chosen = instance.get(discriminator["propertyName"])
        target = discriminator["mapping"].get(chosen) if isinstance(chosen, str) else None
        if target is not None:
            yield from reference(validator, target, instance, part)

    def reference(validator: Any, target: str, instance: Any, part: Any) -> Iterator[Any]:
        """Follow a reference inside the schema, the only kind that there is, past the library's general resolver."""
        yield from validator.descend(instance, _part(schema, target))

    extend: Any = validators.extend  # published without types
    return _remembering(extend(Draft202012Validator, {"allOf": all_of, "$ref": reference})(schema))


def _part(schema: Schema, target: str) -> Any:
    """Return the part of the schema that `#/…` names; no key in it has a `/` or a `~`."""
    part: Any = schema
    for step in target.split("/")[1:]:
        part = part[step]
    return part


def _remembering(root: Any) -> Any:
    """Return the validator with each part of the schema given its validator once, not once for each value checked.

    The library makes one for every step down, which takes half of the time of a check. References resolve inside the one schema
    (`reference` above), so that a part's validator does not depend on the way that led to it.
    """
    kind = type(root)
    fresh = kind.evolve
    made: dict[int, Any] = {}

    def evolve(self: Any, **changes: Any) -> Any:
        part = changes.get("schema", self.schema)
        found = made.get(id(part))  # parts live as long as the root, which holds the schema
        if found is None:
            found = made[id(part)] = fresh(self, **changes)
        return found

    kind.evolve = evolve
    return root
