"""`bunsui import FILE`: definitions in files become pipelines, which an apply would make."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bunsui.cli.apply_flow import show_findings, show_plan
from bunsui.cli.definitions import read_file
from bunsui.cli.options import Globals
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.errors import BunsuiError, ExitCode, InvalidInput
from bunsui.services.adoption.definition_file import (
    DefinitionImport,
    DefinitionRequest,
    NamedDefinition,
    is_definition_file,
    plan_definitions,
)
from bunsui.services.adoption.new_files import remove_new_file, write_new_file
from bunsui.view.adoption.definitions import definition_lines
from bunsui.view.documents.adoption.definitions import definitions_document


def names_definitions(said: Sequence[str]) -> bool:
    """Tell whether files are named, and no machines.

    Raises:
        InvalidInput: both are named.

    """
    files = [one for one in said if is_definition_file(one)]
    if files and len(files) < len(said):
        hint = "Import them one after the other: files first, then machines."
        raise InvalidInput("files-and-machines", "files and machines are named in one command", hint=hint)
    return bool(files)


def import_definitions(
    options: Globals, said: Sequence[str], values: Sequence[str], folder: str | None, *, as_jobs: bool
) -> ExitCode:
    """Show what would be written and made, ask, and write the files."""
    workspace = bootstrap.Workspace(options)
    root = workspace.settings.root
    named = tuple(_name_file(one, root) for one in dict.fromkeys(said))
    request = DefinitionRequest(definitions=named, values=dict(map(_read_value, values)), folder=folder, as_jobs=as_jobs)
    imported = plan_definitions(workspace.repository, workspace.reconcile, request)
    output = options.output
    if imported.plan is None:
        show_findings(output, imported.diagnostics)
        return ExitCode.INVALID
    if not output.as_json:
        output.lines(definition_lines(imported))
        output.say("")
        show_plan(output, imported.plan)
    if imported.files and not (options.assume_yes or output.confirm("Write these files?", flag="--yes")):
        output.say("nothing was changed")
        return ExitCode.FAILED
    _write(root, imported)
    if output.as_json:
        output.document(definitions_document(imported))
    elif not imported.files:
        output.say("nothing is to be written: it is in the project already")
    names = [one.pipeline for one in imported.definitions]
    output.next_step(command_line("apply", *names), "make it; shows the plan again, and asks")
    return ExitCode.DONE


def _write(root: Path, imported: DefinitionImport) -> None:
    """Write all files, or none."""
    written: list[str] = []
    try:
        for path, content in imported.files.items():
            write_new_file(root, path, content)
            written.append(path)
    except BunsuiError:
        for path in reversed(written):
            remove_new_file(root, path)
        raise


def _name_file(said: str, root: Path) -> NamedDefinition:
    absolute = Path(os.path.normpath(Path.cwd() / said))
    inside = absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else ""
    return NamedDefinition(file=said, content=read_file(Path(said)), inside=inside)


def _read_value(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not (name and equals):
        hint = "Write NAME=VALUE:  --set LoadArn=arn:aws:lambda:eu-west-1:111111111111:function:load"
        raise InvalidInput("no-value", "what a placeholder stands for is missing", hint=hint, said=said)
    return name, value
