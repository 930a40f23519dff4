"""Init writes a project, adds to one, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput
from bunsui.model.names import is_id
from bunsui.services.init import init_project, project_name, templates


def test_there_are_three_templates() -> None:
    assert templates() == ("etl", "export", "fanout", "raw")


def test_a_second_template_keeps_the_project_file(tmp_path: Path) -> None:
    init_project(tmp_path, template="etl")
    before = (tmp_path / "bunsui.yaml").read_text()
    outcome = init_project(tmp_path, template="raw")
    assert (tmp_path / "bunsui.yaml").read_text() == before
    assert outcome.kept == (".gitignore", "bunsui.yaml")
    assert "pipelines/raw.yaml" in outcome.written


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/etl.yaml").write_text("mine")
    with pytest.raises(InvalidInput) as caught:
        init_project(tmp_path, template="etl")
    assert caught.value.code == "files-exist"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["etl.yaml"]


def test_an_unknown_template_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        init_project(tmp_path, template="elt")
    assert "etl, export, fanout, raw" in caught.value.hint


def test_two_projects_never_share_an_id(tmp_path: Path) -> None:
    init_project(tmp_path / "a", template="raw")
    init_project(tmp_path / "b", template="raw")
    ids = {(tmp_path / name / "bunsui.yaml").read_text().split("id: ")[1].split()[0] for name in ("a", "b")}
    assert len(ids) == 2


@given(st.text())
def test_any_folder_name_gives_a_project_name(text: str) -> None:
    assert is_id(project_name(text))
    assert len(project_name(text)) <= 32
