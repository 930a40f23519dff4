"""`bunsui upgrade`: pipelines of an earlier bunsui, written so that they go on meaning what they did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.chosen_files import chosen_files
from bunsui.cli.options import globals_of
from bunsui.errors import ExitCode
from bunsui.services.rewriting.upgrade import upgrade_files
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.documents.formatting import upgrade_document
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files, or folders of the project; the whole project when none is named."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what would change, and exit with 1.")] = False,
) -> None:
    """Rewrite pipelines of an earlier bunsui, once, where the same words mean something else now. Says each change, and what is
    left to decide."""
    options = globals_of(context)
    output = options.output
    chosen = chosen_files(options, paths or [])
    outcome = upgrade_files(chosen.contents)
    for file, new in outcome.changed.items():
        if not check:
            chosen.write(file, new.after)
    output.lines(diagnostic_lines((*outcome.diagnostics, *outcome.notes)), to_stderr=True)
    if output.as_json:
        output.document(upgrade_document(outcome, is_written=not check))
    else:
        for file, new in outcome.changed.items():
            output.lines(line(span("~ ", Role.UPDATE), span(f"{file}:{step.line}: {step.summary}")) for step in new.steps)
        count = sum(len(new.steps) for new in outcome.changed.values())
        output.say(f"{count} change{'' if count == 1 else 's'} in {len(outcome.changed)} of {len(outcome.files)} files")
    if outcome.diagnostics:
        raise typer.Exit(ExitCode.INVALID)
    if check and outcome.changed:
        raise typer.Exit(ExitCode.FAILED)
