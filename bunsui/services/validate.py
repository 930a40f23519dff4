"""Checks a project's files, all findings at once, without any account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bunsui.diagnostics import Diagnostic, Severity, has_errors, sorted_diagnostics
from bunsui.services.compiled import compile_project
from bunsui.services.edges import Repository


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
        """Give how many findings have this severity and were not accepted."""
        return sum(finding.severity is severity for finding in self.diagnostics if finding.accepted is None)

    @property
    def accepted(self) -> int:
        """How many findings were accepted."""
        return sum(finding.accepted is not None for finding in self.diagnostics)


def validate(
    repository: Repository, *, project_findings: Sequence[Diagnostic] = (), files: Sequence[str] = ()
) -> ValidateOutcome:
    """Load and compile everything, since pipelines refer to each other; then keep the findings of `files`, paths from the
    project's root, when any are given. A file that the project's patterns do not reach is looked at too."""
    project = repository.project
    widened = replace(repository, project=replace(project, patterns=(*project.patterns, *_pipeline_files(files))))
    compiled = compile_project(widened)
    found = sorted_diagnostics((*project_findings, *compiled.diagnostics))
    if files:
        wanted = set(files)
        found = tuple(finding for finding in found if finding.position is None or finding.position.file in wanted)
    return ValidateOutcome(
        diagnostics=found,
        files=compiled.documents.files,
        pipelines=tuple(pipeline.name for pipeline in compiled.documents.pipelines),
    )


def _pipeline_files(files: Sequence[str]) -> list[str]:
    # Code and definitions are checked through the pipelines that name them.
    return [file for file in files if file.endswith((".yaml", ".yml")) and "/" in file and ".asl." not in file]
