"""`bunsui schema`: the JSON Schemas of the project's files, for editors or other checkers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer

from bunsui.cli.options import Globals, globals_of
from bunsui.composition.workspace import operation_types
from bunsui.document.schema.published import DURATIONS, PIPELINE, PROJECT, TESTS
from bunsui.document.schema.text import durations_schema, pipeline_schema, project_schema, schema_text, tests_schema
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.held_folder import HeldFolder, hold
from bunsui.view.documents.findings import findings_schema
from bunsui.view.documents.plan import plan_schema

FOLDER = "schemas"


class SchemaName(StrEnum):
    """Which schema."""

    PIPELINE = "pipeline"
    PROJECT = "project"
    TESTS = "tests"
    DURATIONS = "durations"
    PLAN = "plan"
    FINDINGS = "findings"
    OUTPUT = "output"


_FILES: Mapping[SchemaName, str] = {
    SchemaName.PIPELINE: PIPELINE,
    SchemaName.PROJECT: PROJECT,
    SchemaName.TESTS: TESTS,
    SchemaName.DURATIONS: DURATIONS,
    SchemaName.PLAN: "plan-v1",
    SchemaName.FINDINGS: "findings-v1",
    SchemaName.OUTPUT: "output-v1",
}
"""Names of the published files, which hold the version of their format."""


def run(
    context: typer.Context,
    kind: Annotated[SchemaName, typer.Argument(help="Which schema to print.")] = SchemaName.PIPELINE,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 when the files in schemas/ are stale.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the files in schemas/.")] = False,
) -> None:
    """Print a JSON Schema, or refresh the files in schemas/ that editors read. Operation types of plugins are in it."""
    options = globals_of(context)
    if check and write:
        raise InvalidInput("check-or-write", "choose one of --check and --write")
    if write:
        write_schemas(options, {kind: _text(kind) for kind in SchemaName})
    elif check:
        _check(options, {kind: _text(kind) for kind in SchemaName})
    else:
        options.output.raw(_text(kind))


def _text(kind: SchemaName) -> str:
    match kind:
        case SchemaName.PIPELINE:
            return schema_text(pipeline_schema(operation_types()))
        case SchemaName.PROJECT:
            return schema_text(project_schema(operation_types()))
        case SchemaName.TESTS:
            return schema_text(tests_schema())
        case SchemaName.DURATIONS:
            return schema_text(durations_schema())
        case SchemaName.PLAN:
            return schema_text(plan_schema())
        case SchemaName.FINDINGS:
            return schema_text(findings_schema())
        case SchemaName.OUTPUT:
            from bunsui.cli.output_schema import output_schema  # deferred: it needs what all commands together need

            return schema_text(output_schema())
        case _:
            assert_never(kind)


def write_schemas(options: Globals, texts: Mapping[SchemaName, str]) -> None:
    """Write those that are stale, through no link, and say which.

    Raises:
        InvalidInput: `file-refused`, their folder is a link or no folder.
        OSError: it cannot be written.

    """
    try:
        with hold(options.directory) as top, top.steps([FOLDER], make=True) as folder:
            for kind, text in texts.items():
                if not _holds(folder, kind, text):
                    folder.write(_name(kind), text.encode(), mode=0o644)
                    options.output.say(f"wrote {_path(options, kind)}")
    except NotADirectoryError as error:
        path = options.directory / FOLDER
        raise InvalidInput(
            "file-refused", "the schemas are not written through a link", hint="Remove it.", path=path
        ) from error


def _holds(folder: HeldFolder, kind: SchemaName, text: str) -> bool:
    try:
        with os.fdopen(folder.open_regular(_name(kind)), "rb") as file:
            return file.read(2 * len(text.encode())) == text.encode()
    except OSError:
        return False


def _check(options: Globals, texts: Mapping[SchemaName, str]) -> None:
    stale = [str(_path(options, kind)) for kind in _stale(options, texts)]
    if stale:
        raise BunsuiError(
            "schema-stale", "the schemas are stale", hint="Refresh them:\n  bunsui schema --write", files=", ".join(stale)
        )


def _stale(options: Globals, texts: Mapping[SchemaName, str]) -> list[SchemaName]:
    try:
        with hold(options.directory) as top, top.step(FOLDER) as folder:
            return [kind for kind, text in texts.items() if not _holds(folder, kind, text)]
    except OSError:
        return list(texts)


def _name(kind: SchemaName) -> str:
    return f"{_FILES[kind]}.json"


def _path(options: Globals, kind: SchemaName) -> Path:
    return options.directory / FOLDER / _name(kind)
