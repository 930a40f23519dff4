"""What is said of a pipeline that is written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bunsui.aws.offered_calls import BotocoreModels
from bunsui.compile.pipeline import compile_pipeline
from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.document.load import load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from tests.fakes.source import FilesInMemory

_PROJECT = b'version: 1\nproject: cases\nid: 00000000-cases\npipelines: ["pipeline*.yaml"]\n'
_SCOPE = Scope(project="cases", environment="local", account="000000000000", region="us-east-1")


def findings_of_text(text: str, files: Mapping[str, str] | None = None, *, compiles: bool = False) -> tuple[Diagnostic, ...]:
    """Return the findings of a project with one pipeline file, and with the files that it names; with `compiles` those of
    compiling it for an account, too, where nothing is refused before."""
    project = read_project("bunsui.yaml", _PROJECT)
    assert project.document is not None
    source = FilesInMemory({"pipeline.yaml": text, **(files or {})})
    loaded = load_pipelines(
        source, project.project("local"), registry=builtin_registry(), scope=_SCOPE, services=BotocoreModels()
    )
    if not compiles or has_errors(loaded.diagnostics):
        return loaded.diagnostics
    scope = replace(_SCOPE, account="111122223333")
    compiled = [compile_pipeline(one, scope=scope, registry=builtin_registry()) for one in loaded.pipelines]
    return (*loaded.diagnostics, *(finding for one in compiled for finding in one.diagnostics))
