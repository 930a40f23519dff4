"""`bunsui tui`: the terminal UI over the same services as the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated

import typer

from bunsui.cli.named_files import read_named_file
from bunsui.cli.options import Globals, globals_of
from bunsui.command_line import command_line
from bunsui.composition.own_files import own_file
from bunsui.composition.sign_in import sign_in_first
from bunsui.errors import InvalidInput, Unavailable
from bunsui.folders.configuration import read_own, write_own
from bunsui.folders.tui_settings import DEFAULT_SETTINGS, FILE, KnownNames, TuiSettings, parse_tui_settings, with_theme
from bunsui.performance import collect_in_small_steps
from bunsui.plan.saved.planfile import LONGEST_BYTES

if TYPE_CHECKING:
    from bunsui.composition.workspace import Workspace
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.services.morning.ports import MorningPorts
    from bunsui.services.session_context import SessionContext
    from bunsui.tui.bridge import Bridge
    from bunsui.view.saved_plan import PlanFile

_UNMANAGED_HELP = (
    "Look at the sessions of state machines of others, for which no project is needed: a machine's name or ARN, "
    "tag:KEY=VALUE, or all. Only reads."
)


def run(
    context: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Argument(
            metavar="PLAN.json", help="A saved plan to look at, which needs neither an account nor the project's files."
        ),
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Look only: nothing can be applied or resumed.")] = False,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=_UNMANAGED_HELP)] = "",
) -> None:
    """Open the terminal UI: the plan, and the sessions; or a saved plan alone."""
    options = globals_of(context)
    file = _read_plan(plan, unmanaged=unmanaged or options.project or "") if plan is not None else None
    options.output.invocation = replace(options.output.invocation, unmanaged=unmanaged)
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        own = [] if unmanaged or options.project else [command_line("apply", plan) if plan is not None else "bunsui plan"]
        twins = [*own, command_line("sessions", *(["--unmanaged", unmanaged] if unmanaged else []))]
        raise InvalidInput(
            "not-a-terminal",
            "the terminal UI needs a terminal",
            hint="\n  ".join(["Use the commands that show the same:", *twins]),
        )
    if options.output.stderr.no_color:
        os.environ["NO_COLOR"] = "1"
    for name in ("COLUMNS", "LINES"):
        # Textual believes an exported size more than the terminal's own, and would not follow the window.
        os.environ.pop(name, None)

    # Deferred: nothing else on the command line needs textual.
    from bunsui.tui.app import BunsuiApp
    from bunsui.tui.leaving import leaving_on_signals

    # What would be printed while something is opened is told on the screen instead.
    notices: SimpleQueue[str] = SimpleQueue()
    asked = _Asked(options, notice=notices.put)
    if unmanaged:
        bridge = _looking_bridge(asked, options, notices)
    elif options.project:
        bridge = _deployed_bridge(asked, options, notices, read_only=read_only)
    else:
        bridge = _bridge(asked, options, notices, read_only=read_only, file=file)
    if file is None:
        sign_in_first(asked)
    settings_file = _settings_file(options.directory)
    app = BunsuiApp(
        bridge,
        _read_settings(settings_file),
        keep_theme=partial(_keep_theme, settings_file),
        encoding=sys.stdout.encoding or "",
    )
    collect_in_small_steps()
    with leaving_on_signals(app):
        app.run()
    options.output.lines(bridge.told)
    raise typer.Exit(app.return_code or 0)


def _settings_file(directory: Path) -> Path | None:
    """Return where what the user chose for the terminal UI stands; None for a user without a home."""
    try:
        return own_file(directory, FILE)
    except Unavailable:
        return None


def _read_settings(file: Path | None) -> TuiSettings:
    """Return what the user chose. InvalidInput: the file has mistakes, or is not the user's alone."""
    from bunsui.tui.keymap import binding_keys  # deferred: as above
    from bunsui.tui.theme import theme_names

    content = read_own(file) if file is not None else None
    if content is None:
        return DEFAULT_SETTINGS
    return parse_tui_settings(content, str(file), KnownNames(themes=theme_names(), bindings=binding_keys()))


def _keep_theme(file: Path | None, theme: str) -> None:
    if file is not None:
        write_own(file, with_theme(read_own(file), theme))


class _Asked:
    """The global options, with notices that go to the screen."""

    def __init__(self, options: Globals, *, notice: Callable[[str], None]) -> None:
        self.directory = options.directory
        self.project = options.project
        self.environment = options.environment
        self.profile = options.profile
        self.region = options.region
        self.notice = notice
        self.connected = options.connected
        self.opened: Workspace | None = None
        """What was opened last, with the credentials of then."""


def _read_plan(path: Path, *, unmanaged: str) -> PlanFile:
    """Return the saved plan that is looked at; it is refused as `bunsui apply` refuses it."""
    from bunsui.view.saved_plan import read_plan_file  # deferred: as below

    if unmanaged:
        raise InvalidInput("plan-and-machines", "a saved plan is looked at alone", hint="Leave the other options out.")
    try:
        content = read_named_file(path, limit_bytes=LONGEST_BYTES + 1)
    except OSError as error:
        raise InvalidInput("cannot-read", "the plan file cannot be read", path=path, reason=error.strerror) from error
    return read_plan_file(content, path.name)


def _bridge(asked: _Asked, options: Globals, notices: SimpleQueue[str], *, read_only: bool, file: PlanFile | None) -> Bridge:
    from bunsui.tui.bridge import Bridge  # deferred: as above

    return Bridge(
        open_project=lambda: _repository(asked),
        open_reconcile=lambda: _reconcile(asked),
        open_sessions=lambda: _sessions(asked),
        open_morning=lambda: _morning(asked),
        zone=UTC if options.utc else None,
        read_only=read_only,
        notices=notices,
        invocation=options.output.invocation,
        file=file,
        folder=options.directory,
    )


def _deployed_bridge(asked: _Asked, options: Globals, notices: SimpleQueue[str], *, read_only: bool) -> Bridge:
    """Return the bridge to a project without its files: there is nothing to plan."""
    from bunsui.tui.bridge import Bridge  # deferred: as above

    return Bridge(
        open_sessions=lambda: _sessions(asked),
        open_morning=lambda: _morning(asked),
        zone=UTC if options.utc else None,
        read_only=read_only,
        notices=notices,
        invocation=options.output.invocation,
    )


def _looking_bridge(asked: _Asked, options: Globals, notices: SimpleQueue[str]) -> Bridge:
    """Return the bridge to machines of others: there is nothing to plan, and nothing that may be changed."""
    from bunsui.tui.bridge import Bridge  # deferred: as above

    machines = options.output.invocation.unmanaged
    return Bridge(
        open_sessions=lambda: _machines(asked, machines),
        zone=options.own_zone,
        read_only=True,
        notices=notices,
        invocation=options.output.invocation,
    )


# Deferred imports: the composition root loads pydantic and YAML, and then boto3; the first frame is shown before.


def _repository(asked: _Asked) -> Repository:
    from bunsui.composition import workspace as bootstrap

    return bootstrap.offline(asked)


def _reconcile(asked: _Asked) -> tuple[Repository, ReconcilePorts]:
    from bunsui.composition import workspace as bootstrap

    return bootstrap.reconcile(asked)


def _sessions(asked: _Asked) -> Callable[[], SessionContext]:
    asked.opened = _workspace(asked)
    return asked.opened.read_sessions


def _morning(asked: _Asked) -> MorningPorts:
    return (asked.opened or _workspace(asked)).morning


def _workspace(asked: _Asked) -> Workspace:
    from bunsui.composition.deployed import open_workspace

    return open_workspace(asked)


def _machines(asked: _Asked, machines: str) -> Callable[[], SessionContext]:
    from bunsui.composition.unmanaged import UnmanagedAccount

    context = UnmanagedAccount(asked).context(machines)
    return lambda: context
