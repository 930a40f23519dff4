"""`bunsui unmanaged`: the state machines of the region that no project of bunsui owns."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.unmanaged import UnmanagedAccount
from bunsui.services.adoption.survey import surveyed_machines
from bunsui.view.adoption.surveyed import machine_lines
from bunsui.view.documents.adoption.surveys import unmanaged_document


def run(
    context: typer.Context,
    managed: Annotated[bool, typer.Option("--managed", help="Those that projects of bunsui own, too.")] = False,
) -> None:
    """List the state machines of the region that no project of bunsui owns, with who does. Only reads; needs no project."""
    options = globals_of(context)
    output, account = options.output, UnmanagedAccount(options)
    found = tuple(one for one in surveyed_machines(account.catalogue, account.project) if managed or one.is_unmanaged)
    if output.as_json:
        output.document(unmanaged_document(found))
        return
    output.lines(machine_lines(found, width=output.columns))
    importable = next((one for one in found if one.pipeline), None)
    if importable is not None:
        output.next_step(command_line("import", importable.machine.name), "take one over; shows what it would write, and asks")
