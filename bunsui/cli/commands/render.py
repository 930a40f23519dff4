"""`bunsui render`: exactly what would be sent, offline: the state machine and the IAM documents."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.composition import workspace as bootstrap
from bunsui.errors import ExitCode
from bunsui.services.render import render
from bunsui.view.diagnostic import diagnostic_lines


def run(
    context: typer.Context,
    pipeline: Annotated[
        str, typer.Argument(metavar="PIPELINE", help="Name of the pipeline.", autocompletion=complete_pipeline)
    ],
    iam: Annotated[bool, typer.Option("--iam", help="Print the roles' trust and permission policies instead.")] = False,
) -> ExitCode:
    """Print the state machine definition exactly as it would be sent. What only apply learns stands in angle brackets."""
    options = globals_of(context)
    outcome = render(bootstrap.repository(options), pipeline)
    if outcome.definition is None:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
        return ExitCode.INVALID
    options.output.foreign(dict(outcome.roles) if iam else outcome.definition)
    return ExitCode.DONE
