"""`bunsui export`: a pipeline's machine as ASL with Terraform that imports it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.composition import workspace as bootstrap
from bunsui.composition.machine_ports import machine_ports
from bunsui.errors import NotFound
from bunsui.services.adoption.exporting import exported_files
from bunsui.services.adoption.new_files import write_new_file
from bunsui.view.documents.adoption.exports import ExportDocument
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="The pipeline.", autocompletion=complete_pipeline)],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A folder for the files; made when there is none.")],
) -> None:
    """Write a pipeline's machine, as AWS has it, to files that need no bunsui: the definition, and Terraform with an import
    block, of which the first plan changes nothing. Role, log group and schedules are named by ARN, or left out."""
    options = globals_of(context)
    output = options.output
    workspace = bootstrap.Workspace(options)
    arn = workspace.read_sessions().machine(pipeline).arn
    machine = machine_ports(workspace.connection).reader.machine(arn)
    if machine is None:
        hint = "Deploy it first:\n  bunsui apply"
        raise NotFound("unknown-machine", "the pipeline has no state machine in AWS", hint=hint, machine=arn)
    files = exported_files(machine, pipeline)
    out.mkdir(parents=True, exist_ok=True)
    write = partial(write_new_file, out)
    for name, content in files.items():
        write(name, content)
    if output.as_json:
        output.document(ExportDocument(pipeline=pipeline, arn=arn, folder=str(out), files=tuple(files)))
        return
    output.lines(line(span(f"+ {out / name}", Role.CREATE)) for name in files)
    output.say("bunsui goes on to own the machine until its file says `observed`, or is removed with its tags")
