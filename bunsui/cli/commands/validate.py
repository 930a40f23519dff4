"""`bunsui validate`: every finding about the project file and the pipelines, offline."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import bunsui
from bunsui.bootstrap import repository
from bunsui.cli.options import Globals, globals_of
from bunsui.errors import ExitCode, InvalidInput
from bunsui.services.validate import ValidateOutcome, validate
from bunsui.settings import SettingsOutcome, read_settings
from bunsui.view.diagnostic import diagnostic_lines, github_lines, sarif, summary_line
from bunsui.view.validation_json import validation_json


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def run(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Only findings in these files; all when none is named.")] = None,
    output_format: Annotated[Format, typer.Option("--format", help="How findings are written.")] = Format.TEXT,
) -> None:
    """Check bunsui.yaml and the pipelines: all findings at once, each with its place and its remedy. Needs no account."""
    options = globals_of(context)
    settings = read_settings(options.directory, environment=options.environment, environ=os.environ)
    outcome = _outcome(options, settings, _from_root(files or [], settings.root))
    chosen = Format.JSON if options.output.as_json and output_format is Format.TEXT else output_format
    _show(options, outcome, chosen, _prefix(settings.root))
    if outcome.has_errors:
        raise typer.Exit(ExitCode.INVALID)


def _outcome(options: Globals, settings: SettingsOutcome, files: list[str]) -> ValidateOutcome:
    if settings.settings is None:
        # Without the project file nobody knows which pipelines there are, nor their variables.
        return ValidateOutcome(diagnostics=settings.diagnostics, files=())
    return validate(repository(options), project_findings=settings.diagnostics, files=files)


def _show(options: Globals, outcome: ValidateOutcome, chosen: Format, prefix: str) -> None:
    findings = outcome.diagnostics
    match chosen:
        case Format.TEXT:
            options.output.lines(diagnostic_lines(findings, prefix=prefix))
            summary = summary_line(findings, files=len(outcome.files), pipelines=len(outcome.pipelines))
            options.output.lines([summary], to_stderr=True)
        case Format.JSON:
            options.output.document(validation_json(outcome, prefix=prefix))
        case Format.SARIF:
            options.output.document(sarif(findings, version=bunsui.__version__, prefix=prefix))
        case Format.GITHUB:
            for line in github_lines(findings, prefix=prefix):
                options.output.raw(line)


def _from_root(files: list[Path], root: Path) -> list[str]:
    """Give the files as paths from the project's root; they are named from where the command was started."""
    found: list[str] = []
    for file in files:
        absolute = Path(os.path.normpath(Path.cwd() / file))
        if not absolute.exists():
            raise InvalidInput("no-file", "there is no such file", file=file)
        try:
            found.append(absolute.relative_to(root).as_posix())
        except ValueError as error:
            raise InvalidInput(
                "file-elsewhere", "the file does not belong to the project", file=file, project=root
            ) from error  # fmt: skip
    return found


def _prefix(root: Path) -> str:
    """Give what leads from here to the project's root, empty when this is it."""
    way = Path(os.path.relpath(root)).as_posix()
    return "" if way == "." else f"{way}/"
