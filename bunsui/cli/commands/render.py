"""`bunsui render`: the state machine and the IAM documents exactly as they would be sent, offline."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.options import globals_of
from bunsui.errors import ExitCode
from bunsui.services.render import render
from bunsui.view.diagnostic import diagnostic_lines


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="Name of the pipeline.")],
    iam: Annotated[bool, typer.Option("--iam", help="Print the roles' trust and permission policies instead.")] = False,
) -> ExitCode:
    """Print the state machine definition exactly as it would be sent. What only apply learns stands in angle brackets."""
    options = globals_of(context)
    outcome = render(bootstrap.repository(options), pipeline)
    if outcome.definition is None:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
        return ExitCode.INVALID
    options.output.document(dict(outcome.roles) if iam else outcome.definition)
    return ExitCode.DONE
