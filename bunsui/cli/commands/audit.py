"""`bunsui audit`: the record of what people did: who did what and when, and whether it is whole."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.audit import audit
from bunsui.view.audit_view import audit_lines
from bunsui.view.documents.state import audit_document
from bunsui.view.sessions.wording import zone_name, zone_of
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many records are listed; all are verified.")] = 20,
    anchor: Annotated[
        str, typer.Option("--anchor", metavar="HASH", help="Fail unless the record with this hash is still in the trail.")
    ] = "",
) -> int:
    """List applies, what else wrote the state, and what bunsui did with sessions; follow the chains of hashes that tie them."""
    options = globals_of(context)
    output = options.output
    workspace = Workspace(options)
    repository = workspace.repository
    found = audit(workspace.reconcile, workspace.acts, anchor=anchor)
    if output.as_json:
        output.document(audit_document(found, limit=limit))
    elif not found.records and not found.acts and found.is_whole:
        output.say("nothing was applied yet")
    else:
        zone = UTC if options.utc else zone_of(repository.project.timezone)
        output.lines(audit_lines(found, zone, limit=limit, width=output.columns))
        output.say(f"times in {zone_name(zone)}", role=Role.MUTED)
    return ExitCode.DONE if found.is_whole else ExitCode.FAILED
