"""`bunsui schema`: the JSON Schemas of the project's files, for editors and for other checkers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bunsui.bootstrap import operation_types
from bunsui.cli.options import Globals, globals_of
from bunsui.document.schema_text import PIPELINE, PROJECT, TESTS, pipeline_schema, project_schema, schema_text, tests_schema
from bunsui.errors import BunsuiError, InvalidInput

FOLDER = "schemas"


class Kind(StrEnum):
    """Which schema."""

    PIPELINE = "pipeline"
    PROJECT = "project"
    TESTS = "tests"


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
    texts = {
        PIPELINE: schema_text(pipeline_schema(operation_types())),
        PROJECT: schema_text(project_schema()),
        TESTS: schema_text(tests_schema()),
    }
    if write:
        _write(options, texts)
    elif check:
        _check(options, texts)
    else:
        options.output.raw(texts[f"{kind.value}-v1"])


def _write(options: Globals, texts: dict[str, str]) -> None:
    folder = options.directory / FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        path = _path(options, name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            options.output.say(f"wrote {path}")


def _check(options: Globals, texts: dict[str, str]) -> None:
    stale = []
    for name, text in texts.items():
        path = _path(options, name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path))
    if stale:
        raise BunsuiError(
            "schema-stale", "the schemas are stale", hint="Refresh them:  bunsui schema --write", files=", ".join(stale)
        )


def _path(options: Globals, name: str) -> Path:
    return options.directory / FOLDER / f"{name}.json"
