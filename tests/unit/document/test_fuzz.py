"""Whatever stands in a file, the answer is findings with a place, never an exception."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bunsui.diagnostics import Diagnostic
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.document.project_reading import read_project
from bunsui.document.schema.check import pipeline_check
from bunsui.document.schema.text import pipeline_schema, schema_text
from bunsui.document.yaml.reader import read_document
from bunsui.errors import InvalidInput
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.ports.source import FolderEntry, UnusedPattern
from tests.faults.amount import amount
from tests.unit.document.mutation import mutated

PIPELINE = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")
MACHINE = """\
StartAt: First
States:
  First:
    Type: Choice
    Choices:
      - {Condition: "{% true %}", Next: Many}
    Default: Last
  Many:
    Type: Map
    ItemProcessor:
      StartAt: One
      States:
        One: {Type: Task, Resource: "${function}", Catch: [{ErrorEquals: [States.ALL], Next: Two}], Next: Two}
        Two: {Type: Pass, End: true}
    Next: Both
  Both:
    Type: Parallel
    Branches:
      - {StartAt: A, States: {A: {Type: Succeed}}}
    Next: Last
  Last: {Type: Fail}
"""
PROJECT = """\
version: 1
project: sales
id: 7f3a0000
timezone: Asia/Tokyo
pipelines: ["pipelines/**/*.yaml"]
default_environment: dev
variables: {bucket: b, list: [1, 2]}
rules: {BS210: error}
defaults: {retry: {attempts: 3}}
environments:
  dev:
    account: "111111111111"
    region: ap-northeast-1
    variables: {bucket: dev}
    schedules: disabled
"""
SCOPE = Scope(project="p", environment="dev", account="000000000000", region="us-east-1")
PROJECT_VALUE = ProjectDocument(
    name="p",
    id="x" * 8,
    environment=EnvironmentDocument(name="dev"),
    patterns=("*.yaml",),
    variables={"bucket": "b", "subnets": ["s"], "memory": 512},
)


@dataclass(frozen=True)
class Texts:
    """Files in memory."""

    files: dict[str, bytes]

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        return sorted(name for name in self.files if name.endswith(".yaml") and "/" not in name)

    def holds(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        if path not in self.files:
            raise InvalidInput("file-refused", "the file cannot be used: it does not exist", path=path)
        return self.files[path]

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        if path != "functions/fetch":
            raise InvalidInput("file-refused", "the file cannot be used: it does not exist", path=path)
        return [FolderEntry(path="app.py", executable=False, content=b"")]

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        return []

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        return []


def check_located(findings: Sequence[Diagnostic], files: dict[str, bytes]) -> None:
    for finding in findings:
        assert finding.position is not None, finding
        text = files[finding.position.file].decode("utf-8", errors="replace").removeprefix("\ufeff")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= finding.position.line <= len(lines), finding
        assert 1 <= finding.position.column <= len(lines[finding.position.line - 1]) + 1, finding
        assert finding.summary.strip()
        assert len(finding.code) == 5


def check_pipeline_file(content: bytes, machine: bytes = MACHINE.encode()) -> None:
    files = {"pipeline.yaml": content, "defs/machine.yaml": machine}
    documents = load_pipelines(Texts(files), PROJECT_VALUE, registry=builtin_registry(), scope=SCOPE)
    check_located(documents.diagnostics, files)
    assert documents.pipelines or any(finding.is_error for finding in documents.diagnostics)


def check_project_file(content: bytes) -> None:
    read = read_project("bunsui.yaml", content)
    check_located(read.diagnostics, {"bunsui.yaml": content})
    if read.document is not None:
        read.project("local")
    else:
        assert any(finding.is_error for finding in read.diagnostics)


def fuzz(seeds: range) -> None:
    raw = "version: 1\nname: raw\ndefinition: defs/machine.yaml\nsubstitutions: {function: x}\n"
    for seed in seeds:
        try:
            if seed % 10 == 0:
                check_project_file(mutated(PROJECT, seed))
            elif seed % 10 == 1:
                check_pipeline_file(raw.encode(), mutated(MACHINE, seed))
            else:
                check_pipeline_file(mutated(PIPELINE, seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


def test_the_undamaged_files_are_valid() -> None:
    files = {
        "pipeline.yaml": PIPELINE.encode(),
        "defs/machine.yaml": MACHINE.encode(),
        "functions/fetch/app.py": b"def handler(event, context): ...\n",
    }
    documents = load_pipelines(Texts(files), PROJECT_VALUE, registry=builtin_registry(), scope=SCOPE)
    assert [str(f.position) + f.summary for f in documents.diagnostics if f.is_error] == []
    assert read_project("bunsui.yaml", PROJECT.encode()).document is not None


def test_damaged_files_give_located_findings() -> None:
    fuzz(range(500))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_thousand_damaged_files_give_located_findings() -> None:
    fuzz(range(500, 52_000))


def test_both_yaml_loaders_agree_on_damaged_files() -> None:
    for seed in range(amount(100, 400, 400)):
        content = mutated(PIPELINE, seed)
        fast, slow = read_document("f.yaml", content), read_document("f.yaml", content, pure_python=True)
        assert (fast.document is None) == (slow.document is None), seed
        if fast.document is not None:
            assert fast.document == slow.document, seed


def test_our_validator_and_any_other_accept_the_same_data() -> None:
    schema = pipeline_schema(builtin_registry())
    other, ours = Draft202012Validator(schema), pipeline_check(builtin_registry())
    outcomes = set()
    for seed in range(amount(200, 600, 600)):
        document = read_document("f.yaml", mutated(PIPELINE, seed)).document
        if document is not None:
            is_valid = other.is_valid(document.data)
            assert (not ours(document, document.data)) == is_valid, seed
            outcomes.add(is_valid)
    assert outcomes == {True, False}


def test_the_schema_is_the_same_every_time() -> None:
    assert schema_text(pipeline_schema(builtin_registry())) == schema_text(pipeline_schema(builtin_registry()))
