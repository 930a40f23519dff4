"""`bunsui doctor`: what is wrong with the machine, the credentials, the way to AWS or the embedded AWS."""

from __future__ import annotations

import os
import sys

import typer

from bunsui.cli.options import globals_of
from bunsui.composition.doctor.examine import examine
from bunsui.errors import ExitCode
from bunsui.services.doctor.machine import TerminalFacts
from bunsui.view.doctor import diagnosis_lines
from bunsui.view.documents.trust.doctor import DoctorDocument


def run(context: typer.Context) -> ExitCode:
    """Look at everything that bunsui stands on, and say of each whether it holds. Ends with 1 when something does not.

    It works where nothing else does, writes nothing, starts nothing, and runs nothing of the folder that it is started in.
    """
    options = globals_of(context)
    output = options.output
    terminal = TerminalFacts(
        is_terminal=output.is_terminal,
        kind=os.environ.get("TERM", ""),
        columns=output.stdout.width,
        encoding=(sys.stdout.encoding if sys.stdout is not None else "") or "",
    )
    found = examine(options, terminal=terminal, can_ask=output.can_ask)
    if output.as_json:
        output.document(DoctorDocument.of(found))
    else:
        output.lines(diagnosis_lines(found))
    return found.exit_code
