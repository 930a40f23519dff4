"""`bunsui fmt`: the project's files in one style."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.chosen_files import chosen_files
from bunsui.cli.options import Globals, globals_of
from bunsui.document.formatting.file_format import FormatStatus, FormattedFile
from bunsui.errors import ExitCode
from bunsui.services.rewriting.formatting import FormatOutcome, format_files
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.documents.formatting import formatting_document
from bunsui.view.safe import safe
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files, or folders of the project; the whole project when none is named."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list what is not in the style, and exit with 1.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
) -> None:
    """Format pipelines, bunsui.yaml and tests: keys in order, two spaces, short forms. Comments and meaning stay."""
    options = globals_of(context)
    chosen = chosen_files(options, paths or [])
    outcome = format_files(chosen.contents, chosen.registry)
    is_written = not check and not diff
    for one in outcome.formatted if is_written else ():
        chosen.write(one.file, one.after)
    _show(options, outcome, shows_diff=diff, is_written=is_written)
    if outcome.diagnostics:
        raise typer.Exit(ExitCode.INVALID)
    if check and outcome.formatted:
        raise typer.Exit(ExitCode.FAILED)


def _show(options: Globals, outcome: FormatOutcome, *, shows_diff: bool, is_written: bool) -> None:
    output = options.output
    output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
    for one in outcome.with_status(FormatStatus.KEPT):
        options.notice(f"{one.file} stays as it is: {one.reason}")
    if output.as_json:
        output.document(formatting_document(outcome, prefix="", is_written=is_written))
        return
    for one in outcome.formatted:
        if shows_diff:
            for text in _diff(one):
                output.raw(text)
        else:
            output.lines([line(span("~ ", Role.UPDATE), span(one.file))])
    count, all_files = len(outcome.formatted), len(outcome.files)
    said = "formatted" if is_written else "to be formatted"
    output.say(f"{count} of {all_files} file{'' if all_files == 1 else 's'} {said}", role=Role.MUTED)
    if count and not is_written:
        output.next_step("bunsui fmt", "write them")


def _diff(one: FormattedFile) -> list[str]:
    before, after = (content.decode("utf-8").splitlines() for content in (one.before, one.after))
    lines = difflib.unified_diff(before, after, f"a/{one.file}", f"b/{one.file}", lineterm="")
    return [f"{safe(text)}\n" for text in lines]
