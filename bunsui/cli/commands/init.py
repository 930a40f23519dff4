"""`bunsui init`: starts a project with a pipeline that runs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.services.init import init_project
from bunsui.view.documents.init import InitDocument
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to; made when it does not exist.")] = Path(),
    template: Annotated[
        str, typer.Option("--template", "-t", help="etl, fanout, export (poll, batches), or raw (Amazon States Language).")
    ] = "etl",
) -> None:
    """Start a project, or add a pipeline to one. Nothing is ever overwritten."""
    options = globals_of(context)
    output = options.output
    outcome = init_project(options.directory / folder, template=template)
    if output.as_json:
        output.document(InitDocument.of(outcome, folder=str(outcome.folder)))
        return
    output.lines(line(span("+ ", Role.CREATE), span(path)) for path in outcome.written)
    output.lines(line(span("= ", Role.MUTED), span(path), span("  kept as it was", Role.MUTED)) for path in outcome.kept)
    where = options.directory / folder
    go = "" if where == Path() else f"cd {shlex.quote(str(where))} && "
    output.next_step(f"{go}bunsui apply", "deploy it to the embedded AWS; it asks first")
