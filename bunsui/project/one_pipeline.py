"""One pipeline, compiled offline, for the use cases that show it."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.compile.pipeline import CompiledPipeline
from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.model.pipeline import Pipeline
from bunsui.project.compile import compile_project
from bunsui.project.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledOne:
    """A pipeline with what it compiles to."""

    pipeline: Pipeline | None
    """None when its file cannot be used; the diagnostics say why."""
    compiled: CompiledPipeline | None
    diagnostics: tuple[Diagnostic, ...]
    """Of its own files where these have errors, else of the whole project."""

    @property
    def usable(self) -> bool:
        """True when there is something to show."""
        return self.pipeline is not None and self.compiled is not None and not has_errors(self.compiled.diagnostics)


def compile_one(repository: Repository, name: str) -> CompiledOne:
    """Load the project and compile one pipeline. NotFound when there is none of that name."""
    project = compile_project(repository, select=[name])
    found = next((pipeline for pipeline in project.documents.pipelines if pipeline.name == name), None)
    own = [
        finding
        for finding in project.diagnostics
        if finding.position and finding.position.file in project.documents.made_of.get(name, ())
    ]
    # Where no error is its own, something else keeps it from being shown: then all that is wrong is told.
    diagnostics = tuple(own) if has_errors(own) else project.diagnostics
    return CompiledOne(pipeline=found, compiled=project.pipelines.get(name), diagnostics=diagnostics)
