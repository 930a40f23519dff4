"""`bunsui drift`: what others changed of ours, or put beside it."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.apply_flow import bar
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import Globals, globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode, InvalidInput
from bunsui.project.repository import Repository
from bunsui.services.drafting.adopting import adoptable, write_adopted
from bunsui.services.overview.authors import find_authors
from bunsui.services.overview.drift import DriftReport, find_drift
from bunsui.view.documents.status import drift_document
from bunsui.view.drift_view import diff_lines, drift_lines, left_lines
from bunsui.view.sessions.wording import zone_of


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=complete_pipeline, metavar="[PIPELINE]...", help="Only these."),
    ] = None,
    who: Annotated[bool, typer.Option("--who", help="Look up in CloudTrail who made each change, and when.")] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Write what was changed into the files, where a key says it; asks for each.")
    ] = False,
) -> ExitCode:
    """Compare the account with what was applied last, whatever the files say. Ends with 2 when somebody changed something."""
    options = globals_of(context)
    if adopt and options.output.as_json:
        raise InvalidInput("adopt-and-json", "--adopt shows what it writes, and --json does not", hint="Leave one of them out.")
    output, workspace = options.output, Workspace(options)
    ports = workspace.reconcile
    with bar(output, "reading AWS", total=len(ports.providers)) as move:
        report = find_drift(workspace.repository, ports, names=tuple(pipelines or ()), progress=move)
    authors = find_authors(ports, report.drifted) if who else None
    if output.as_json:
        output.document(drift_document(report, authors))
    else:
        zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
        output.lines(drift_lines(report, authors, zone))
    if adopt and report.drifted:
        return _adopt(options, workspace.repository, workspace.settings.root, report)
    if report.drifted:
        output.next_step(command_line("plan", *(pipelines or [])), "see what apply would undo")
    return ExitCode.CHANGES if report.drifted else ExitCode.DONE


def _adopt(options: Globals, repository: Repository, root: Path, report: DriftReport) -> ExitCode:
    """Show and write what each change makes of the files; DONE when nothing of it is left."""
    output, written = options.output, dict[str, None]()
    is_whole = True
    for one in adoptable(repository, root, report.drifted):
        is_whole = is_whole and not one.kept.left
        output.lines(left_lines(one))
        if not one.kept.drafts:
            continue
        for draft in one.kept.drafts:
            output.lines(diff_lines(draft.diff()))
        if options.assume_yes or output.confirm(f"Write this for {one.change.address}?", flag="--yes"):
            written.update(dict.fromkeys(write_adopted(root, one)))
        else:
            is_whole = False
    if written:
        output.say(f"wrote {', '.join(written)}")
        output.next_step(command_line("plan"), "see that nothing is left to undo there")
    return ExitCode.DONE if is_whole else ExitCode.CHANGES
