"""`bunsui validate`: every finding about the project's files, offline."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import bunsui
from bunsui.cli.definitions import Definition, pipeline_or_definition
from bunsui.cli.options import Globals, globals_of
from bunsui.composition.settings import SettingsOutcome, read_settings
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode, InvalidInput
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.services.drafting.fix_files import fix_files
from bunsui.services.drafting.writing import write_draft
from bunsui.services.validate import ValidateOutcome, validate, validate_definitions
from bunsui.view.commands import completed_finding
from bunsui.view.diagnostic import diagnostic_lines, github_lines, sarif, summary_line
from bunsui.view.documents.validation import validation_document
from bunsui.view.spans import Line, Role, line, span

_ROLES = {"+": Role.AFTER, "-": Role.BEFORE, "@": Role.MUTED}


class FindingFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def run(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE|PIPELINE]...",
            help="Only findings in these files or pipelines; all when none is named. Definitions in Amazon States Language"
            " need no project.",
        ),
    ] = None,
    output_format: Annotated[FindingFormat, typer.Option("--format", help="How findings are written.")] = FindingFormat.TEXT,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Make the fixes of one key that the Builder offers: shows the diff, then asks."),
    ] = False,
) -> None:
    """Check bunsui.yaml and the pipelines: all findings at once, each with its place and its remedy. Needs no account."""
    options = globals_of(context)
    try:
        settings = read_settings(options.directory, environment=options.environment, environ=os.environ)
    except InvalidInput:
        if not files or not (definitions := _definitions(files)):
            raise
    else:
        definitions = _definitions(files) if files and not _holds(settings, files) else {}
    if definitions:
        if fix:
            raise InvalidInput(
                "no-fixes", "a definition by itself has no fixes", hint="Leave --fix out: it is for files of a project."
            )
        _finish(options, validate_definitions(definitions), _choose_format(options, output_format), "")
        return
    names = [str(file) for file in files or [] if _is_name(file)]
    paths = _from_root([file for file in files or [] if not _is_name(file)], settings.root)
    outcome = _outcome(options, settings, paths, names)
    if fix and settings.settings is not None and _fix_project(options, Workspace(options, settings.settings).draft, outcome):
        outcome = _outcome(options, settings, paths, names)
    _finish(options, outcome, _choose_format(options, output_format), _prefix(settings.root))


def _fix_project(options: Globals, repository: Repository, outcome: ValidateOutcome) -> bool:
    """Offer the fixes of what was found; tell whether files were written."""
    output, source = options.output, repository.source
    if not isinstance(source, RootFolder):
        return False
    fixed = fix_files(repository, source.root, outcome.diagnostics)
    count = sum(len(one.words) for one in fixed)
    if not count:
        output.say("no finding offers a fix of one key")
        return False
    for one in fixed:
        output.lines((_diff_line(text) for text in one.draft.diff().lines), to_stderr=True)
    asked = f"Write {count} fix{'es' * (count != 1)} to {len(fixed)} file{'s' * (len(fixed) != 1)}?"
    if not options.assume_yes and not output.confirm(asked, flag="--yes"):
        output.say("nothing was written")
        return False
    for one in fixed:
        write_draft(source.root, one.draft, digest=one.draft.diff().digest)
    output.say(f"wrote {count} fix{'es' * (count != 1)}: " + ", ".join(one.draft.file for one in fixed))
    return True


def _diff_line(text: str) -> Line:
    return line(span(text, _ROLES.get(text[:1], Role.TEXT)))


def _finish(options: Globals, outcome: ValidateOutcome, chosen: FindingFormat, prefix: str) -> None:
    _show(options, outcome, chosen, prefix)
    if outcome.has_errors:
        raise typer.Exit(ExitCode.INVALID)


def _choose_format(options: Globals, output_format: FindingFormat) -> FindingFormat:
    return FindingFormat.JSON if options.output.as_json and output_format is FindingFormat.TEXT else output_format


def _is_name(file: Path) -> bool:
    """Tell whether an argument is the name of a pipeline rather than a file."""
    return len(file.parts) == 1 and not file.suffix and not file.exists()


def _definitions(files: list[Path]) -> dict[str, bytes]:
    """Read the files when all are definitions in Amazon States Language; nothing when one is a pipeline: it has a project."""
    read = [pipeline_or_definition(file.as_posix()) for file in files if not _is_name(file)]
    found = {asked.file: asked.content for asked in read if isinstance(asked, Definition)}
    return found if len(read) == len(files) and not any(isinstance(asked, str) for asked in read) else {}


def _holds(project: SettingsOutcome, files: list[Path]) -> bool:
    """Tell whether all files belong to the project. None does when its own file has errors: then each definition stands by
    itself."""
    return project.settings is not None and all(file.absolute().is_relative_to(project.root) for file in files)


def _outcome(options: Globals, settings: SettingsOutcome, files: list[str], names: list[str]) -> ValidateOutcome:
    if settings.settings is None:
        # Without the project file nobody knows which pipelines there are, nor their variables.
        return ValidateOutcome(diagnostics=settings.diagnostics, files=())
    return validate(
        Workspace(options, settings.settings).draft, project_findings=settings.diagnostics, files=files, names=names
    )


def _show(options: Globals, outcome: ValidateOutcome, chosen: FindingFormat, prefix: str) -> None:
    findings = outcome.diagnostics
    completed = [completed_finding(found, options.output.invocation) for found in findings]
    match chosen:
        case FindingFormat.TEXT:
            options.output.lines(diagnostic_lines(findings, prefix=prefix))
            summary = summary_line(findings, files=len(outcome.files), pipelines=len(outcome.pipelines))
            options.output.lines([summary], to_stderr=True)
        case FindingFormat.JSON:
            options.output.document(validation_document(outcome, prefix=prefix))
        case FindingFormat.SARIF:
            options.output.foreign(sarif(completed, version=bunsui.__version__, prefix=prefix))
        case FindingFormat.GITHUB:
            for line in github_lines(completed, prefix=prefix):
                options.output.raw(line)


def _from_root(files: list[Path], root: Path) -> list[str]:
    """Return the files as paths from the project's root; they are named from where the command was started."""
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
    """Return what leads from here to the project's root, empty when this is it."""
    way = Path(os.path.relpath(root)).as_posix()
    return "" if way == "." else f"{way}/"
