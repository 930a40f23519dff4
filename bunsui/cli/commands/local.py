"""`bunsui local`: start, stop, look at, reset or use the project's embedded AWS.

Every command that works in the environment `local` starts it by itself. It lives on after the command, until
`bunsui local stop` or until nobody asked it anything for a while (30 minutes, or BUNSUI_LOCAL_IDLE_MINUTES; 0 is never).
Data in `.bunsui` that is not known to be bunsui's own is moved aside and not used; `adopt` takes it.
`local: {ecs: process}` in bunsui.yaml, or BUNSUI_LOCAL_ECS=process, lets it run the commands of `ecs_task` containers.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from bunsui.cli.local_json import LocalEnvDocument, LocalLogDocument, LocalResetDocument, LocalStopDocument, local_document
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.composition.own_folder import project_folder
from bunsui.composition.settings import find_root, local_ecs, read_settings
from bunsui.document.project import LOCAL
from bunsui.emulator.access.principals import DEFAULT_ACCOUNT
from bunsui.emulator.launcher import launcher
from bunsui.emulator.launcher.judged_calls import JudgedCalls
from bunsui.errors import ExitCode, InvalidInput, Refused
from bunsui.folders.adopt import SetAside, set_aside, take
from bunsui.folders.project import ProjectFolder, data_folder
from bunsui.model.json import Json
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_FOLLOW_SECONDS = 0.3
_MOST_NOT_JUDGED = 5


@app.callback(invoke_without_command=True)
def look(context: typer.Context) -> None:
    """Start, stop, look at or reset the project's embedded AWS."""
    if context.invoked_subcommand is None:
        status(context)


@app.command()
def start(context: typer.Context) -> None:
    """Start the embedded AWS, or find the one that runs, and say how to reach it."""
    options = globals_of(context)
    folder = _project_folder(options).open().local
    modes = _modes(options)
    launcher.ensure_running(folder, **modes)
    _show(options.output, launcher.status(folder))
    options.output.next_step("bunsui apply", "deploy the project's pipelines to it")


@app.command()
def stop(context: typer.Context) -> None:
    """Save everything and stop the embedded AWS. Its data stays."""
    options = globals_of(context)
    folder = _data(options)
    stopped = launcher.stop(folder) if folder is not None else _project_folder(options).release_strangers()
    if options.output.as_json:
        options.output.document(LocalStopDocument(stopped=stopped))
    else:
        options.output.say("stopped; its data is kept" if stopped else "it was not running")


@app.command()
def status(context: typer.Context) -> None:
    """Tell whether the embedded AWS runs, and where its data is. Starts nothing."""
    options = globals_of(context)
    found = _status(options, _data(options))
    _show(options.output, found)
    if found.endpoint is None:
        options.output.next_step("bunsui local start")


@app.command()
def env(
    context: typer.Context,
    account: Annotated[str, typer.Option("--account", help="Twelve digits; each account is one of its own.")] = DEFAULT_ACCOUNT,
) -> None:
    """Print the variables with which other AWS clients reach the embedded AWS: eval "$(bunsui local env)"."""
    options = globals_of(context)
    if not (account.isascii() and account.isdigit() and len(account) == 12):
        raise InvalidInput("local-account", "an account is twelve digits", account=account)
    modes = _modes(options)
    endpoint = launcher.ensure_running(_project_folder(options).open().local, **modes)
    variables = {
        **endpoint.keys(account).environment(),
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_REGION": endpoint.region,
        "AWS_DEFAULT_REGION": endpoint.region,
    }
    if options.output.as_json:
        options.output.document(LocalEnvDocument(variables=variables))
        return
    for name, value in variables.items():
        options.output.raw(f"export {name}={shlex.quote(value)}")


@app.command()
def logs(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on printing what is added; end with Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines to print.")] = 100,
) -> None:
    """Print what the embedded AWS itself wrote: starts, stops, problems."""
    options = globals_of(context)
    folder = _data(options)
    tail = launcher.log_tail(folder, lines=lines) if folder is not None else []
    if options.output.as_json:
        if follow:
            raise InvalidInput("json-ends", "--json prints one whole document, and --follow never ends", hint="Leave one out.")
        options.output.document(LocalLogDocument(lines=tuple(tail)))
        return
    for text in tail:
        options.output.raw("".join(safe_lines(text)))
    if follow and folder is not None:
        _follow(options.output, launcher.log_file(folder))


@app.command()
def reset(context: typer.Context) -> None:
    """Stop the embedded AWS and delete all that it kept: machines, tables, objects, functions, sessions."""
    options = globals_of(context)
    folder = _data(options)
    found = _status(options, folder)
    question = f"Delete everything in the embedded AWS ({_size(found.size_bytes)} in {found.folder})?"
    if not options.assume_yes and not options.output.confirm(question, flag="--yes"):
        options.output.say("nothing was deleted")
        raise typer.Exit(int(ExitCode.FAILED))
    if folder is not None:
        launcher.reset(folder)
    if options.output.as_json:
        options.output.document(LocalResetDocument(reset=True))
    else:
        options.output.say("the embedded AWS is empty")


@app.command()
def adopt(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Its name in .bunsui; the last one when left out.")] = None,
) -> None:
    """Take data that was set aside because bunsui did not know whose it is. Only on a terminal, for a person to decide."""
    options = globals_of(context)
    folder = _project_folder(options)
    found = set_aside(folder, name)
    output = options.output
    if not output.can_ask:
        raise Refused(
            "adopt-needs-a-person",
            "data that may come from anybody is taken by a person at a terminal only: it holds code that then runs",
            hint="Look at it, and repeat the command in a terminal.",
            folder=found.path,
        )
    output.lines(_found_lines(found))
    if not output.confirm("Does all of this come from you? It holds code that runs when it is called.", flag=""):
        output.say("nothing was taken")
        raise typer.Exit(int(ExitCode.FAILED))
    own = folder.open()
    launcher.stop(own.local)
    before = take(found, own)
    output.say(f"taken; what was there before is in {before}" if before is not None else "taken")
    output.next_step("bunsui local start")


def _found_lines(found: SetAside) -> list[Line]:
    return [
        line(span("set aside", Role.STRONG)),
        _row("folder", found.path),
        _row("services", ", ".join(found.services) or "none"),
        _row("files", f"{found.files}  {_size(found.size_bytes)}"),
    ]


class _Modes(TypedDict, total=False):
    """What the project says of the embedded AWS, as `ensure_running` takes it."""

    ecs: str
    iam: str
    lag: float
    answers: Mapping[str, Json]


def _modes(options: Globals) -> _Modes:
    """Return what the project says of containers, of roles and of calls that are not served; nothing without a project."""
    settings = read_settings(options.directory, environment=LOCAL, environ=os.environ).settings
    if settings is None:
        return {}
    project = settings.project
    return {
        "ecs": local_ecs(project, environ=os.environ),
        "iam": project.local_iam,
        "lag": project.local_lag_seconds,
        "answers": project.local_answers,
    }


def _project_folder(options: Globals) -> ProjectFolder:
    return project_folder(find_root(options.directory), notice=options.notice)


def _data(options: Globals) -> Path | None:
    """Return the data folder to look at; None when there is none of ours. Makes and moves nothing."""
    folder = _project_folder(options)
    own = folder.look()
    if own is None and folder.has_strangers():
        options.notice(
            f"{folder.inside} is not known to be bunsui's own, so nothing in it is used; the next start moves it aside"
        )
    return None if own is None else own.local


def _status(options: Globals, folder: Path | None) -> launcher.LocalStatus:
    if folder is None:
        return launcher.LocalStatus(folder=data_folder(find_root(options.directory)), endpoint=None)
    return launcher.status(folder)


def _show(output: Output, found: launcher.LocalStatus) -> None:
    if output.as_json:
        output.document(local_document(found))
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
            _row("account", endpoint.account),
        ]
    shown.append(_row("data", f"{found.folder}  {_size(found.size_bytes)}"))
    if found.judged is not None:
        shown += _judged_lines(found.judged)
    if found.unsaved:
        shown.append(line(span("warning: ", Role.WARNING), span(f"not saved: {found.unsaved}")))
    notices = () if endpoint is None else endpoint.notices
    return shown + [line(span("warning: ", Role.WARNING), span(notice)) for notice in notices]


def _judged_lines(judged: JudgedCalls) -> list[Line]:
    """Return how many calls of roles were judged and what for, and the latest ones that nobody could judge, with the reason."""
    counts = f"{judged.iam}: {judged.allowed} allowed, {judged.refused} refused, {judged.not_judged} not judged"
    rows = [_row("iam", counts)]
    for one in judged.not_judged_calls[:_MOST_NOT_JUDGED]:
        what = f"{one.action} {one.resource}".rstrip()
        rows.append(line(span(f"not judged, {one.count}×: {what}: {one.reason}", Role.MUTED), indent=12))
    return rows


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
