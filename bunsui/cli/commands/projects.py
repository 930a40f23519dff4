"""`bunsui projects`: projects that are reached without their files, kept in the user's own configuration.

`--project NAME --env ENVIRONMENT` with a command that runs or looks reaches one of them from any folder. Nothing but `add` and
`remove` writes the file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.completion import complete_project
from bunsui.cli.options import Globals, globals_of
from bunsui.command_line import Invocation, command_line
from bunsui.composition.deployed import projects_file
from bunsui.composition.known_environments import environments_to_add
from bunsui.errors import NotFound, Refused
from bunsui.folders.configuration import read_own, write_own
from bunsui.folders.known_projects import KnownProject, read_known_projects
from bunsui.folders.known_projects_text import with_known_project, without_known_project
from bunsui.view.documents.projects import projects_document
from bunsui.view.known_projects import changed_lines, project_lines
from bunsui.view.spans import Line

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """List, add or remove projects that are reached without their files."""
    if context.invoked_subcommand is None:
        list_projects(context)


@app.command(name="list")
def list_projects(context: typer.Context) -> None:
    """List the projects that are known on this machine."""
    options = globals_of(context)
    file = projects_file(options.directory)
    _show(options, file, read_known_projects(file))


@app.command()
def add(context: typer.Context) -> None:
    """Add the project of this folder: the environment of --env, else each that it declares."""
    options = globals_of(context)
    file = projects_file(options.directory)
    known = {(one.project, one.environment): one for one in read_known_projects(file)}
    entries = environments_to_add(options, environ=os.environ)
    for entry in entries:
        former = known.get((entry.project, entry.environment))
        if former is not None and former != entry:
            _confirm(options, former, entry)
    content = read_own(file)
    for entry in entries:
        content = with_known_project(content, entry, file=file)
    if content is not None and content != read_own(file):
        write_own(file, content)
    _show(options, file, entries)


@app.command()
def remove(
    context: typer.Context,
    project: Annotated[str, typer.Argument(help="The project's name.", autocompletion=complete_project)],
) -> None:
    """Forget a project: the environment of --env, else all of it. Nothing in AWS changes."""
    options = globals_of(context)
    file = projects_file(options.directory)
    known = read_known_projects(file)
    gone = [
        one
        for one in known
        if one.project == project and (options.environment is None or one.environment == options.environment)
    ]
    if not gone:
        names = ", ".join(f"{one.project} {one.environment}" for one in known) or "none"
        see = f"See what there is:\n  {command_line('projects', 'list')}"
        raise NotFound("unknown-project", "you have no such project", hint=see, asked=project, known=names)
    content = read_own(file) or b""
    for one in gone:
        content = without_known_project(content, one.project, one.environment, file=file)
    write_own(file, content)
    _show(options, file, read_known_projects(file))


def _confirm(options: Globals, former: KnownProject, entry: KnownProject) -> None:
    """Ask before an entry is made to lead elsewhere."""
    options.output.lines(changed_lines(former, entry), to_stderr=True)
    question = "The entry leads elsewhere now. Replace it?"
    if not options.assume_yes and not options.output.confirm(question, flag="--yes"):
        raise Refused("not-replaced", "the entry stays as it was", hint="Nothing was written.")


def _show(options: Globals, file: Path, entries: Sequence[KnownProject]) -> None:
    output = options.output
    if output.as_json:
        output.document(projects_document(file, entries))
        return
    lines: Sequence[Line] = project_lines(entries, width=output.columns)
    output.lines(lines)
    output.say(f"in {file}")
    if entries:
        output.invocation = Invocation(project=entries[0].project, environment=entries[0].environment)
        output.next_step(command_line("sessions"), "its sessions, from any folder")
    else:
        output.next_step(command_line("projects", "add"), "in a checkout of a project")
