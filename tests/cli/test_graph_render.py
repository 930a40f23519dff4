"""`bunsui graph` and `bunsui render`: offline, exact, and quick to say what is wrong."""

from __future__ import annotations

import json
import os
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
    (project / "pipelines" / "other.yaml").write_text("version: 2\nname: other\n")
    for command in ("graph", "render"):
        found = bunsui(project, command, "crossing")
        assert found.returncode == 5
        assert found.stdout == ""
        assert "pipelines/crossing.yaml" in found.stderr
        assert "pipelines/other.yaml" not in found.stderr


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


ASL = '{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "%s"}, "b": {"Type": "Succeed"}}}'


@pytest.mark.parametrize(
    ("form", "words"), [("text", "▶ a  Pass → b"), ("mermaid", "n0 --> n1"), ("dot", "n0 -> n1"), ("json", '"state-graph"')]
)
def test_graph_of_a_definition_needs_no_project(tmp_path: Path, form: str, words: str) -> None:
    (tmp_path / "machine.asl.json").write_text(ASL % "b")
    found = bunsui(tmp_path, "graph", "machine.asl.json", "--format", form)
    assert (found.returncode, found.stderr) == (0, "")
    assert words in found.stdout


def test_graph_of_a_broken_definition_tells_where_it_is_broken(tmp_path: Path) -> None:
    (tmp_path / "machine.asl.json").write_text(ASL % "c")
    found = bunsui(tmp_path, "graph", "machine.asl.json")
    assert (found.returncode, found.stdout) == (5, "")
    assert "machine.asl.json:1:" in found.stderr
    assert "Next names c, which is no state here" in found.stderr


def test_a_pipeline_with_a_definition_shows_its_states(project: Path) -> None:
    (project / "pipelines" / "own.asl.json").write_text(ASL % "b")
    (project / "pipelines" / "own.yaml").write_text("version: 1\nname: own\ndefinition: own.asl.json\n")
    for named in ("own", "pipelines/own.asl.json", "pipelines/own.yaml"):
        found = bunsui(project, "graph", named)
        assert (found.returncode, found.stderr) == (0, "")
        assert "▶ a  Pass → b" in found.stdout


@pytest.mark.parametrize("command", ["graph", "simulate", "validate"])
def test_a_pipe_or_a_device_in_the_folder_is_no_definition(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe.asl.json")
    (tmp_path / "endless.asl.json").symlink_to("/dev/zero")
    for name in ("pipe.asl.json", "endless.asl.json"):
        found = bunsui(tmp_path, command, name)
        assert found.returncode == 5
        assert "it is a pipe, a socket or a device" in found.stderr


def test_what_the_shell_hands_over_is_read(tmp_path: Path) -> None:
    script = f"{sys.executable} -m bunsui simulate m.asl.json --input <(echo '{{\"n\": 7}}')"
    (tmp_path / "m.asl.json").write_text(ASL % "b")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    found = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert "n  7" in found.stdout
