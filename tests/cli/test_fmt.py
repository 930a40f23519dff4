from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.typed import Done, typed

UGLY = "name: good\nversion: 1\njobs:\n    a:\n        operations:\n        - {function: 'work:1', type: lambda} # why\n"
NICE = "version: 1\nname: good\njobs:\n  a:\n    # why\n    type: lambda\n    function: 'work:1'\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: sales\nid: 7f3a0000\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "good.yaml").write_text(UGLY)
    return tmp_path


def fmt(project: Path, *arguments: str) -> Done:
    return typed(project, "fmt", *arguments, environment={**os.environ, "COLUMNS": "200"})


def content(project: Path) -> str:
    return (project / "pipelines" / "good.yaml").read_text()


def test_files_are_written_in_the_style_and_told(project: Path) -> None:
    (project / "pipelines" / "good.yaml").chmod(0o640)
    done = fmt(project)
    assert (done.returncode, done.stdout) == (0, "~ pipelines/good.yaml\n")
    assert content(project) == NICE
    assert (project / "pipelines" / "good.yaml").stat().st_mode & 0o777 == 0o640
    assert fmt(project).stdout == ""


def test_a_check_lists_the_files_and_writes_none(project: Path) -> None:
    done = fmt(project, "--check")
    assert (done.returncode, done.stdout) == (1, "~ pipelines/good.yaml\n")
    assert content(project) == UGLY
    fmt(project)
    assert fmt(project, "--check").returncode == 0


def test_a_diff_shows_what_would_change_and_writes_nothing(project: Path) -> None:
    done = fmt(project, "--diff")
    assert done.returncode == 0
    assert "+    type: lambda" in done.stdout.splitlines()
    assert content(project) == UGLY


def test_what_cannot_be_read_stays_and_the_others_are_formatted(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text("version: [\n")
    done = fmt(project)
    assert done.returncode == 5
    assert "pipelines/bad.yaml:2:1: error BS005" in done.stderr
    assert (project / "pipelines" / "bad.yaml").read_text() == "version: [\n"
    assert content(project) == NICE


def test_nothing_is_written_through_a_link(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "victim.yaml").write_text(UGLY)
    (project / "pipelines" / "linked.yaml").symlink_to(elsewhere / "victim.yaml")
    (project / "more").symlink_to(elsewhere)
    assert fmt(project, "pipelines/linked.yaml").returncode == 5
    assert fmt(project, "more/victim.yaml").returncode == 5
    assert (elsewhere / "victim.yaml").read_text() == UGLY


def test_a_definition_that_a_pipeline_uses_is_left_alone(project: Path) -> None:
    definition = "States:\n    a: {Type: Succeed}\nStartAt: a\nversion: 1\n"
    (project / "pipelines" / "raw.yaml").write_text("version: 1\nname: raw\ndefinition: machine.yaml\n")
    (project / "pipelines" / "machine.yaml").write_text(definition)
    assert "machine" not in fmt(project, "--check", "pipelines/machine.yaml", "pipelines").stdout


def test_a_file_without_a_project_is_formatted(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(UGLY)
    assert fmt(tmp_path, "good.yaml").returncode == 0
    assert (tmp_path / "good.yaml").read_text() == NICE
    assert "no-project" in fmt(tmp_path).stderr


def test_what_became_of_each_file_is_printed_as_json(project: Path) -> None:
    document = json.loads(fmt(project, "--json").stdout)
    assert document["written"] is True
    assert [(one["file"], one["status"]) for one in document["files"]] == [
        ("bunsui.yaml", "unchanged"),
        ("pipelines/good.yaml", "formatted"),
    ]


def test_an_upgrade_says_each_change_with_its_line_and_is_made_once(project: Path) -> None:
    text = "version: 1\nname: good\njobs:\n  a: {}\n  b: {run_if: any_failed, depends_on: [a]}\n"
    (project / "pipelines" / "good.yaml").write_text(text)
    done = typed(project, "upgrade", "--check")
    assert (done.returncode, content(project)) == (1, text)
    assert done.stdout.startswith("~ pipelines/good.yaml:5: b: handles: true")
    assert typed(project, "upgrade").returncode == 0
    assert content(project) == text.replace("run_if", "handles: true, run_if")
    assert typed(project, "upgrade", "--check").stdout == ""


def test_an_upgrade_tells_what_is_left_to_the_author_and_leaves_it(project: Path) -> None:
    text = 'version: 1\nname: good\njobs:\n  a: {description: of before, outputs: {n: "{% $result.n %}"}}\n'
    (project / "pipelines" / "good.yaml").write_text(text)
    done = typed(project, "upgrade")
    assert (done.returncode, content(project)) == (0, text)
    assert "pipelines/good.yaml:4:31: warning BS360 a run in which n of a gives nothing fails now" in done.stderr
    notes = json.loads(typed(project, "upgrade", "--json").stdout)["notes"]
    assert [(note["file"], note["line"]) for note in notes] == [("pipelines/good.yaml", 4)]
