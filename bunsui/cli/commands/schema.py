"""`bunsui schema`: the JSON Schemas of the project's files, for editors and for other checkers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import typer

from bunsui.bootstrap import operation_types
from bunsui.cli.options import Globals, globals_of
from bunsui.document.published import PIPELINE, PROJECT, TESTS
from bunsui.document.schema_text import pipeline_schema, project_schema, schema_text, tests_schema
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.view.findings_json import findings_schema
from bunsui.view.plan_json import plan_schema

FOLDER = "schemas"


class Kind(StrEnum):
    """Which schema."""

    PIPELINE = "pipeline"
    PROJECT = "project"
    TESTS = "tests"
    PLAN = "plan"
    FINDINGS = "findings"
    OUTPUT = "output"


_FILES: Mapping[Kind, str] = {
    Kind.PIPELINE: PIPELINE,
    Kind.PROJECT: PROJECT,
    Kind.TESTS: TESTS,
    Kind.PLAN: "plan-v1",
    Kind.FINDINGS: "findings-v1",
    Kind.OUTPUT: "output-v1",
}
"""Names of the published files, which hold the version of their format."""


def run(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="Which schema to print.")] = Kind.PIPELINE,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 when the files in schemas/ are stale.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the files in schemas/.")] = False,
) -> None:
    """Print a JSON Schema, or refresh the files in schemas/ that editors read. Operation types of plugins are in it."""
    options = globals_of(context)
    if check and write:
        raise InvalidInput("check-or-write", "choose one of --check and --write")
    if write:
        _write(options, {kind: _text(kind) for kind in Kind})
    elif check:
        _check(options, {kind: _text(kind) for kind in Kind})
    else:
        options.output.raw(_text(kind))


def _text(kind: Kind) -> str:
    match kind:
        case Kind.PIPELINE:
            return schema_text(pipeline_schema(operation_types()))
        case Kind.PROJECT:
            return schema_text(project_schema())
        case Kind.TESTS:
            return schema_text(tests_schema())
        case Kind.PLAN:
            return schema_text(plan_schema())
        case Kind.FINDINGS:
            return schema_text(findings_schema())
        case Kind.OUTPUT:
            from bunsui.cli.output_schema import output_schema  # deferred: it needs what all commands together need

            return schema_text(output_schema())
        case _:
            assert_never(kind)


def _write(options: Globals, texts: Mapping[Kind, str]) -> None:
    folder = options.directory / FOLDER
    folder.mkdir(exist_ok=True)
    for kind, text in texts.items():
        path = _path(options, kind)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            options.output.say(f"wrote {path}")


def _check(options: Globals, texts: Mapping[Kind, str]) -> None:
    stale = []
    for kind, text in texts.items():
        path = _path(options, kind)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path))
    if stale:
        raise BunsuiError(
            "schema-stale", "the schemas are stale", hint="Refresh them:  bunsui schema --write", files=", ".join(stale)
        )


def _path(options: Globals, kind: Kind) -> Path:
    return options.directory / FOLDER / f"{_FILES[kind]}.json"
