"""What is said of a pipeline that is written in a test."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.offered_calls import BotocoreModels
from bunsui.diagnostics import Diagnostic
from bunsui.document.load import load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from tests.fakes.source import FilesInMemory

_PROJECT = b'version: 1\nproject: cases\nid: 00000000-cases\npipelines: ["pipeline*.yaml"]\n'
_SCOPE = Scope(project="cases", environment="local", account="000000000000", region="us-east-1")


def findings_of_text(text: str, files: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """Return the findings of a project with one pipeline file, and with the files that it names."""
    project = read_project("bunsui.yaml", _PROJECT)
    assert project.document is not None
    source = FilesInMemory({"pipeline.yaml": text, **(files or {})})
    return load_pipelines(
        source, project.project("local"), registry=builtin_registry(), scope=_SCOPE, services=BotocoreModels()
    ).diagnostics
