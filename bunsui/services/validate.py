"""Checks a project's files, all findings at once, without any account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Severity, has_errors, sorted_diagnostics
from bunsui.document.checks.raw_definition import check_definition
from bunsui.document.load import Documents
from bunsui.document.yaml.builder import LIMIT_DEFINITION_PARTS
from bunsui.document.yaml.reader import read_document
from bunsui.errors import InvalidInput
from bunsui.project.compile import compile_project
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name

PROJECT_FILE = "bunsui.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOutcome:
    """What there is to say about the files."""

    diagnostics: tuple[Diagnostic, ...]
    """Sorted, the project's rules applied; only those of the files asked for."""
    files: tuple[str, ...]
    """The pipeline files that were looked at."""
    pipelines: tuple[str, ...] = ()
    """Names of the pipelines without errors."""

    @property
    def has_errors(self) -> bool:
        """True when a plan would be refused."""
        return has_errors(self.diagnostics)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity and were not accepted."""
        return sum(finding.severity is severity for finding in self.diagnostics if finding.accepted is None)

    @property
    def accepted(self) -> int:
        """How many findings were accepted."""
        return sum(finding.accepted is not None for finding in self.diagnostics)


def validate(
    repository: Repository,
    *,
    project_findings: Sequence[Diagnostic] = (),
    files: Sequence[str] = (),
    names: Sequence[str] = (),
) -> ValidateOutcome:
    """Load and compile everything, since pipelines refer to each other; then keep the findings of `files`, paths from the
    project's root, and of the pipelines `names`, when any are given. A file that the project's patterns do not find is read
    too, and that they do not is told; a definition that no pipeline uses is checked as it stands.

    Raises:
        InvalidInput: `file-not-checked`, a file that is no pipeline and that no pipeline uses.
        NotFound: `unknown-pipeline`.

    """
    named = _pipeline_files(files)
    compiled = compile_project(repository, named=named)
    alone = [file for file in files if file not in compiled.documents.used and _is_definition(repository, file)]
    if not compiled.documents.broken:  # a file that cannot be read may name anything
        others = [file for file in files if file not in (*named, *alone, PROJECT_FILE)]
        _refuse_others(others, compiled.documents.used)
    by_themselves = validate_definitions({file: repository.source.read(file) for file in alone})
    found = sorted_diagnostics((*project_findings, *compiled.diagnostics, *by_themselves.diagnostics))
    if files or names:
        wanted = [*files, *(file for name in names for file in _files_of(name, compiled.documents))]
        found = tuple(finding for finding in found if finding.position is None or _is_in(finding.position.file, wanted))
    return ValidateOutcome(
        diagnostics=found,
        files=compiled.documents.files,
        pipelines=tuple(pipeline.name for pipeline in compiled.documents.pipelines),
    )


def validate_definitions(contents: Mapping[str, bytes]) -> ValidateOutcome:
    """Check definitions in Amazon States Language, by file, as they stand: no project is needed."""
    findings: list[Diagnostic] = []
    for file, content in contents.items():
        intake = read_document(file, content, limit_parts=LIMIT_DEFINITION_PARTS)
        findings += intake.diagnostics
        if intake.document is not None:
            findings += check_definition(intake.document, intake.document.data)
    return ValidateOutcome(diagnostics=tuple(sorted_diagnostics(findings)), files=tuple(contents))


def _is_definition(repository: Repository, file: str) -> bool:
    """Tell whether a file says that it is in Amazon States Language: by its name, or as JSON that has States."""
    if ".asl." in file or file.endswith(".asl"):
        return True
    return file.endswith(".json") and b'"States"' in repository.source.read(file)


def _files_of(name: str, documents: Documents) -> tuple[str, ...]:
    """Return the files of a pipeline, and what it uses; where none has the name, those of the file that is called so.

    Raises:
        NotFound: there is none.

    """
    known = {PurePosixPath(made_of[0]).name.split(".")[0]: made_of for made_of in documents.made_of.values()}
    known |= documents.made_of
    if name not in known:
        summary = "there is no pipeline and no file of that name"
        raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=known, see=command_line("validate"))
    return known[name]


def _is_in(file: str, names: Sequence[str]) -> bool:
    """Tell whether a file is one of these, or lies in a folder among them, which ends with `/`."""
    return any(file == name or (name.endswith("/") and file.startswith(name)) for name in names)


def _pipeline_files(files: Sequence[str]) -> list[str]:
    # Code and definitions are checked through the pipelines that name them.
    return [file for file in files if file.endswith((".yaml", ".yml")) and file != PROJECT_FILE and ".asl." not in file]


def _refuse_others(files: Sequence[str], used: Sequence[str]) -> None:
    """Nothing can be said about a file that nothing reads, not even that it is valid."""
    for file in files:
        if not _is_in(file, used):
            raise InvalidInput(
                "file-not-checked",
                "nothing reads this: it is no pipeline file, and no pipeline uses it",
                hint="Name a pipeline's YAML file; code and definitions are checked through the pipelines that name them.",
                file=file,
            )


def pipeline_in(file: str, content: bytes) -> str | None:
    """Return the name of the pipeline that the file describes; None for a definition."""
    document = read_document(file, content, limit_parts=LIMIT_DEFINITION_PARTS).document
    data = document.data if document is not None else None
    is_pipeline = isinstance(data, Mapping) and "States" not in data and ("jobs" in data or "definition" in data)
    name = data.get("name") if is_pipeline and isinstance(data, Mapping) else None
    return name if isinstance(name, str) else None
