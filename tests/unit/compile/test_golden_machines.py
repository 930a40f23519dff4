"""Whole pipelines and the machines that they become, as folders of `tests/cases/asl/`; rewrite them with `--update-cases`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.bucket import MANAGED
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

FOLDER = Path(__file__).parents[2] / "cases" / "asl"
SCOPE = Scope(project="shop", environment="prod", account="123456789012", region="eu-west-1")


def compiled_case(folder: Path) -> CompiledPipeline:
    project = ProjectDocument(name="shop", id="", environment=EnvironmentDocument(name="prod"), patterns=("pipeline.yaml",))
    documents = load_pipelines(RootFolder(folder), project, registry=builtin_registry(), scope=SCOPE)
    assert not [found for found in documents.diagnostics if found.is_error]
    (pipeline,) = documents.pipelines
    scope = replace(SCOPE, bucket=MANAGED if folder.name == "bucket" else "")
    return compile_pipeline(pipeline, scope=scope, registry=builtin_registry())


@pytest.mark.parametrize("folder", sorted(path for path in FOLDER.iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_a_pipeline_compiles_to_the_recorded_machine(folder: Path, update_cases: bool) -> None:
    expected = folder / "asl.json"
    text = json.dumps(compiled_case(folder).definition, indent=2, ensure_ascii=False) + "\n"
    if update_cases:
        expected.write_text(text)
    assert text == expected.read_text()
