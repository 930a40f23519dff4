"""The file of learnt durations: what it says reaches its pipelines, what is wrong with it is told, it is written one way."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bunsui.diagnostics import Severity
from bunsui.document.load import Documents, load_pipelines
from bunsui.document.lowering.learnt_durations import durations_text, read_durations
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE, LEARNT_DURATIONS
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE
from tests.fakes.source import FilesInMemory

PIPELINE = """
version: 1
name: daily
jobs:
  extract: {type: wait, for: 1s}
  load: {type: wait, for: 1s, depends_on: [extract]}
"""


def load(durations: str | None, pipeline: str = PIPELINE) -> Documents:
    files = {"pipelines/daily.yaml": pipeline} | ({DURATIONS_FILE: durations} if durations is not None else {})
    environment = EnvironmentDocument(name="local")
    project = ProjectDocument(name="p", id="x" * 8, environment=environment, patterns=("*.yaml",))
    return load_pipelines(FilesInMemory(files), project, registry=builtin_registry(), scope=SCOPE)


def text(durations: Mapping[str, Mapping[str, str]]) -> str:
    return json.dumps({"version": 1, "pipelines": durations})


def test_durations_reach_their_jobs_and_the_text_that_is_kept() -> None:
    documents = load(text({"daily": {"load": "1h30m", "extract": "20s"}}))
    (pipeline,) = documents.pipelines
    assert documents.diagnostics == ()
    assert documents.files == ("pipelines/daily.yaml",)
    assert list(pipeline.durations.items()) == [("extract", 20), ("load", 5400)]
    assert json.loads(pipeline.text)[LEARNT_DURATIONS] == {"extract": "20s", "load": "1h30m"}


def test_without_the_file_a_pipeline_is_what_it_was() -> None:
    (pipeline,) = load(None).pipelines
    assert pipeline.durations == {}
    assert LEARNT_DURATIONS not in json.loads(pipeline.text)


def test_what_was_learnt_of_jobs_that_are_gone_is_told_and_not_used() -> None:
    documents = load(text({"daily": {"load": "5m", "lod": "1m"}, "weekly": {"load": "5m"}}))
    assert [(found.code, found.severity, found.summary) for found in documents.diagnostics] == [
        ("BS226", Severity.WARNING, "the pipeline daily has no job lod"),
        ("BS226", Severity.WARNING, "there is no pipeline weekly"),
    ]
    assert documents.pipelines[0].durations == {"load": 300}


def test_of_a_pipeline_with_errors_nothing_is_known_to_be_gone() -> None:
    documents = load(text({"daily": {"lod": "1m"}}), PIPELINE.replace("[extract]", "[extrat]"))
    assert {found.code for found in documents.diagnostics} == {"BS201"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("version: 1\npipelines: {daily: {load: 5}}", "BS103"),
        ("version: 1\npipelines: {daily: {load: 0s}}", "BS105"),
        ("version: 1\npipelines: {daily: {load: 1s 1h}}", "BS113"),
        ("version: 1\npipeline: {}", "BS101"),
        ("version: 2", "BS104"),
        ("version: [", "BS005"),
        ("", "BS012"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_an_error_of_its_own(content: str, code: str) -> None:
    documents = load(content)
    found = [finding for finding in documents.diagnostics if finding.is_error]
    assert [(one.code, one.position.file if one.position else "") for one in found] == [(code, DURATIONS_FILE)]
    assert (documents.broken, [one.durations for one in documents.pipelines]) == ({}, [{}])


def test_what_is_written_is_read_back_and_lies_in_one_order() -> None:
    one = {"b": {"y": 90, "x": 5}, "a": {"z": 86_400}, "empty": {}}
    other = dict(reversed([(name, dict(reversed(jobs.items()))) for name, jobs in one.items()]))
    written = durations_text(one)
    assert written == durations_text(other)
    assert written.endswith("version: 1\npipelines:\n  a:\n    z: 1d\n  b:\n    x: 5s\n    y: 1m30s\n")
    assert all(len(row) <= 120 for row in written.splitlines())
    read = read_durations(FilesInMemory({DURATIONS_FILE: written}))
    assert (read.pipelines, read.diagnostics) == ({"a": {"z": 86_400}, "b": {"x": 5, "y": 90}}, ())
