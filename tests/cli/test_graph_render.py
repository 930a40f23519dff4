"""`bunsui graph` and `bunsui render`: offline, exact, and quick to say what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.typed import typed as bunsui

PIPELINE = """\
version: 1
name: crossing
jobs:
  a: {operations: [{type: wait, for: 1s}]}
  b: {operations: [{type: wait, for: 1s}]}
  c: {depends_on: [a, b], operations: [{type: lambda, function: "f:live"}]}
  d: {depends_on: [b], operations: [{type: wait, for: 1s}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "crossing.yaml").write_text(PIPELINE)
    return tmp_path


@pytest.mark.parametrize(
    ("form", "words"), [("text", "d waits for a"), ("mermaid", "flowchart LR"), ("dot", "digraph"), ("json", '"synthetic"')]
)
def test_graph_prints_each_format(project: Path, form: str, words: str) -> None:
    found = bunsui(project, "graph", "crossing", "--format", form)
    assert (found.returncode, found.stderr) == (0, "")
    assert words in found.stdout


def test_graph_of_an_unknown_pipeline_asks_whether_another_was_meant(project: Path) -> None:
    found = bunsui(project, "graph", "crosing")
    assert found.returncode == 5
    assert "crossing" in found.stderr


def test_render_prints_the_definition_and_the_policies(project: Path) -> None:
    definition = json.loads(bunsui(project, "render", "crossing").stdout)
    assert definition["QueryLanguage"] == "JSONata"
    roles = json.loads(bunsui(project, "render", "crossing", "--iam").stdout)
    (role,) = roles.values()
    assert role["policy"]["Statement"][0]["Action"] == ["lambda:InvokeFunction"]


def test_a_broken_pipeline_is_explained_rather_than_shown(project: Path) -> None:
    (project / "pipelines" / "crossing.yaml").write_text(PIPELINE.replace("depends_on: [b]", "depends_on: [c, d]"))
    for command in ("graph", "render"):
        found = bunsui(project, command, "crossing")
        assert found.returncode == 5
        assert found.stdout == ""
        assert "pipelines/crossing.yaml" in found.stderr


def test_neither_imports_boto3(project: Path) -> None:
    script = (
        "import sys; from bunsui.cli.main import main\n"
        "sys.argv = ['bunsui', 'render', 'crossing']\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        "assert not {'boto3', 'botocore', 'textual'} & set(sys.modules)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
