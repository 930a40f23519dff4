"""Checks a document against its JSON Schema, and says what is wrong in words of the language rather than of JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from bunsui.diagnostics import Diagnostic
from bunsui.document.plenty import at_most
from bunsui.document.published import PIPELINE, PROJECT, TESTS, Schema, operation_names, published
from bunsui.document.schema_errors import explain
from bunsui.document.schema_text import pipeline_schema, project_schema, tests_schema
from bunsui.document.tree import Document
from bunsui.model.values import Json
from bunsui.operations.contract import OperationType

SchemaCheck = Callable[[Document, Json], "tuple[Diagnostic, ...]"]
"""Checks the data, which may differ from the document's own by what was filled in, and places findings in the document."""


def pipeline_check(registry: Mapping[str, OperationType]) -> SchemaCheck:
    """Give the check of pipeline files. The published schema serves when it knows the same operation types as the registry;
    with plugins the schema is made afresh."""
    schema = published(PIPELINE)
    if schema is None or operation_names(schema) != list(registry):
        schema = pipeline_schema(registry)
        return _check_with(schema)
    return _published_check(PIPELINE)


def project_check() -> SchemaCheck:
    """Give the check of the project file."""
    return _published_check(PROJECT) if published(PROJECT) is not None else _check_with(project_schema())


def tests_check() -> SchemaCheck:
    """Give the check of files of tests."""
    return _published_check(TESTS) if published(TESTS) is not None else _check_with(tests_schema())


@cache
def _published_check(name: str) -> SchemaCheck:
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
    """Give a validator that accepts exactly what any other accepts, faster and with errors nearer to the mistake."""
    from jsonschema import Draft202012Validator, validators  # deferred: only commands that read files pay for it

    plain_one_of = Draft202012Validator.VALIDATORS["oneOf"]
    prefix = "#/$defs/"

    def one_of(validator: Any, branches: Any, instance: Any, part: Any) -> Iterator[Any]:
        """Go straight to the branch that the discriminator names."""
        discriminator = part.get("discriminator")
        if discriminator is None or not isinstance(instance, dict):
            yield from plain_one_of(validator, branches, instance, part)
            return
        chosen = instance.get(discriminator["propertyName"])
        target = discriminator["mapping"].get(chosen) if isinstance(chosen, str) else None
        if target is not None:
            yield from reference(validator, target, instance, part)

    def reference(validator: Any, target: str, instance: Any, part: Any) -> Iterator[Any]:
        """Follow a reference inside the schema, the only kind that there is, past the library's general resolver."""
        yield from validator.descend(instance, schema["$defs"][target.removeprefix(prefix)])

    extend: Any = validators.extend  # published without types
    return extend(Draft202012Validator, {"oneOf": one_of, "$ref": reference})(schema)
