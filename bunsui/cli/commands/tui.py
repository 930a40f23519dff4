"""`bunsui tui`: the terminal UI over the same services as the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated

import typer

from bunsui.cli.options import Globals, globals_of
from bunsui.errors import InvalidInput

if TYPE_CHECKING:
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.sessions.ports import SessionPorts


def run(
    context: typer.Context,
    read_only: Annotated[bool, typer.Option("--read-only", help="Look only: nothing can be applied or resumed.")] = False,
) -> None:
    """Open the terminal UI: the plan, and the sessions."""
    options = globals_of(context)
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise InvalidInput(
            "not-a-terminal",
            "the terminal UI needs a terminal",
            hint="Use the commands that show the same:\n  bunsui plan\n  bunsui sessions",
        )
    if options.output.stderr.no_color:
        os.environ["NO_COLOR"] = "1"
    for name in ("COLUMNS", "LINES"):
        # Textual believes an exported size more than the terminal's own, and would not follow the window.
        os.environ.pop(name, None)

    # Deferred: nothing else on the command line needs textual.
    from bunsui.tui.app import BunsuiApp
    from bunsui.tui.bridge import Bridge
    from bunsui.tui.leaving import leaving_on_signals

    # What would be printed while something is opened is told on the screen instead.
    notices: SimpleQueue[str] = SimpleQueue()
    asked = _Asked(options, notice=notices.put)
    bridge = Bridge(
        open_project=lambda: _repository(asked),
        open_reconcile=lambda: _reconcile(asked),
        open_sessions=lambda: _sessions(asked),
        utc=options.utc,
        read_only=read_only,
        notices=notices,
        invocation=options.output.invocation,
    )
    app = BunsuiApp(bridge)
    with leaving_on_signals(app):
        app.run()
    raise typer.Exit(app.return_code or 0)


class _Asked:
    """The global options, with notices that go to the screen."""

    def __init__(self, options: Globals, *, notice: Callable[[str], None]) -> None:
        self.directory = options.directory
        self.environment = options.environment
        self.profile = options.profile
        self.region = options.region
        self.connected = options.connected
        self.notice = notice
        self.connected = options.connected


# Deferred imports: the composition root loads pydantic and YAML, and then boto3; the first frame is shown before.


def _repository(asked: _Asked) -> Repository:
    from bunsui.composition import workspace as bootstrap

    return bootstrap.offline(asked)


def _reconcile(asked: _Asked) -> tuple[Repository, ReconcilePorts]:
    from bunsui.composition import workspace as bootstrap

    return bootstrap.reconcile(asked)


def _sessions(asked: _Asked) -> tuple[Repository, SessionPorts]:
    from bunsui.composition import workspace as bootstrap

    return bootstrap.sessions(asked)
