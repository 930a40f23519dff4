"""`bunsui local`: start, stop, look at or reset the project's embedded AWS.

Every command that works in the environment `local` starts it by itself. It lives on after the command, until
`bunsui local stop` or until nobody asked it anything for a while (30 minutes, or BUNSUI_LOCAL_IDLE_MINUTES; 0 is never).
`local: {ecs: process}` in bunsui.yaml, or BUNSUI_LOCAL_ECS=process, lets it run the commands of `ecs_task` containers.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.local_json import local_json, log_json, reset_json, stopped_json
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.document.project import LOCAL
from bunsui.errors import ExitCode, InvalidInput
from bunsui.local import launcher
from bunsui.settings import find_root, local_ecs, read_settings
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_FOLLOW_SECONDS = 0.3


@app.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """Start, stop, look at or reset the project's embedded AWS."""
    if context.invoked_subcommand is None:
        status(context)


@app.command()
def start(context: typer.Context) -> None:
    """Start the embedded AWS, or find the one that runs, and say how to reach it."""
    options = globals_of(context)
    launcher.ensure_running(_folder(options), ecs=_ecs(options))
    _show(options.output, launcher.status(_folder(options)))
    options.output.next_step("bunsui apply", "deploy the project's pipelines to it")


@app.command()
def stop(context: typer.Context) -> None:
    """Save everything and stop the embedded AWS. Its data stays."""
    options = globals_of(context)
    stopped = launcher.stop(_folder(options))
    if options.output.as_json:
        options.output.document(stopped_json(stopped=stopped))
    else:
        options.output.say("stopped; its data is kept" if stopped else "it was not running")


@app.command()
def status(context: typer.Context) -> None:
    """Tell whether the embedded AWS runs, and where its data is. Starts nothing."""
    options = globals_of(context)
    found = launcher.status(_folder(options))
    _show(options.output, found)
    if found.endpoint is None:
        options.output.next_step("bunsui local start")


@app.command()
def logs(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what is added; end with Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines to print.")] = 100,
) -> None:
    """Print what the embedded AWS itself wrote: starts, stops, problems."""
    options = globals_of(context)
    folder = _folder(options)
    if options.output.as_json:
        if follow:
            raise InvalidInput("json-ends", "--json prints one whole document, and --follow never ends", hint="Leave one out.")
        options.output.document(log_json(launcher.log_tail(folder, lines=lines)))
        return
    for text in launcher.log_tail(folder, lines=lines):
        options.output.raw("".join(safe_lines(text)))
    if follow:
        _follow(options.output, launcher.log_file(folder))


@app.command()
def reset(context: typer.Context) -> None:
    """Stop the embedded AWS and delete all that it kept: machines, tables, objects, functions, sessions."""
    options = globals_of(context)
    folder = _folder(options)
    found = launcher.status(folder)
    question = f"Delete everything in the embedded AWS ({_size(found.size_bytes)} in {folder})?"
    if not options.assume_yes and not options.output.confirm(question, flag="--yes"):
        options.output.say("nothing was deleted")
        raise typer.Exit(int(ExitCode.FAILED))
    launcher.reset(folder)
    if options.output.as_json:
        options.output.document(reset_json())
    else:
        options.output.say("the embedded AWS is empty")


def _ecs(options: Globals) -> str:
    settings = read_settings(options.directory, environment=LOCAL, environ=os.environ).settings
    return local_ecs(settings.project, environ=os.environ) if settings is not None else "none"


def _folder(options: Globals) -> Path:
    return launcher.data_folder(find_root(options.directory))


def _show(output: Output, found: launcher.LocalStatus) -> None:
    if output.as_json:
        output.document(local_json(found))
    else:
        output.lines(_status_lines(found))


def _status_lines(found: launcher.LocalStatus) -> list[Line]:
    endpoint = found.endpoint
    if endpoint is None:
        shown = [line(span("not running", Role.MUTED))]
    else:
        shown = [
            line(span("running", Role.OK)),
            _row("url", endpoint.url),
            _row("process", endpoint.pid),
            _row("account", endpoint.access_key),
        ]
    shown.append(_row("data", f"{found.folder}  {_size(found.size_bytes)}"))
    if found.unsaved:
        shown.append(line(span("warning: ", Role.WARNING), span(f"not saved: {found.unsaved}")))
    notices = () if endpoint is None else endpoint.notices
    return shown + [line(span("warning: ", Role.WARNING), span(notice)) for notice in notices]


def _row(name: str, value: object) -> Line:
    return line(span(f"{name:<9}", Role.MUTED), span(value), indent=2)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_048_576:.1f} MiB"


def _follow(output: Output, path: Path) -> None:
    """Print what is added to the file, also when it is replaced, until the user ends it."""
    position = path.stat().st_size if path.exists() else 0
    while True:
        time.sleep(_FOLLOW_SECONDS)
        size = path.stat().st_size if path.exists() else 0
        position = min(position, size)
        if size > position:
            with path.open("rb") as file:
                file.seek(position)
                added = file.read()
            whole, newline, _ = added.rpartition(b"\n")
            position += len(whole) + len(newline)
            for text in whole.decode("utf-8", errors="replace").splitlines():
                output.raw("".join(safe_lines(text)))
