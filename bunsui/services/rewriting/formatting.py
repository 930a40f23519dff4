"""Formats the files of a project in the language's style; writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.formatting.file_format import FormatStatus, FormattedFile, format_file
from bunsui.document.load import load_pipelines
from bunsui.operations.contract import OperationType
from bunsui.project.repository import Repository

PROJECT_FILE = "bunsui.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOutcome:
    """What became of each file."""

    files: tuple[FormattedFile, ...]

    @property
    def formatted(self) -> tuple[FormattedFile, ...]:
        """The files that are to be written."""
        return self.with_status(FormatStatus.FORMATTED)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Why files were refused."""
        return tuple(finding for one in self.files for finding in one.diagnostics)

    def with_status(self, status: FormatStatus) -> tuple[FormattedFile, ...]:
        """Return the files of which this became."""
        return tuple(one for one in self.files if one.status is status)


def format_files(contents: Mapping[str, bytes], registry: Mapping[str, OperationType]) -> FormatOutcome:
    """Format the files, by their names."""
    return FormatOutcome(files=tuple(format_file(file, content, registry) for file, content in contents.items()))


def files_of(repository: Repository) -> tuple[str, ...]:
    """Return the project's file, its pipeline files and its files of tests, from its root; no definitions, no code."""
    found = repository.source.find(repository.project.patterns)
    return (PROJECT_FILE, *not_used(repository, found))


def not_used(repository: Repository, files: Sequence[str]) -> tuple[str, ...]:
    """Return the files without those that pipelines name: definitions, lock files, and all that lies in code folders."""
    used = load_pipelines(repository.source, repository.project, registry=repository.registry, scope=repository.scope).used
    folders = tuple(name for name in used if name.endswith("/"))
    return tuple(file for file in files if file not in used and not file.startswith(folders))
