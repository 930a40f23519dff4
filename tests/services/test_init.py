"""Init writes a project, adds to one, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.composition.workspace import repository
from bunsui.diagnostics import Severity
from bunsui.document.formatting.file_format import FormatStatus, format_file
from bunsui.document.yaml.reader import read_document
from bunsui.errors import InvalidInput
from bunsui.model.names import is_id
from bunsui.project.compile import compile_project
from bunsui.services.init import init_project, project_name, templates
from bunsui.services.rewriting.formatting import files_of
from bunsui.services.rewriting.upgrade import upgrade_files
from tests.fakes.workspace import Asked


def test_there_are_three_templates() -> None:
    assert templates() == ("etl", "export", "fanout", "raw")


def test_a_second_template_keeps_the_project_file(tmp_path: Path) -> None:
    init_project(tmp_path, template="etl")
    before = (tmp_path / "bunsui.yaml").read_text()
    outcome = init_project(tmp_path, template="raw")
    assert (tmp_path / "bunsui.yaml").read_text() == before
    assert outcome.kept == (".gitignore", "bunsui.yaml", "schemas/pipeline-v1.json", "schemas/project-v1.json")
    assert "pipelines/raw.yaml" in outcome.written


def test_an_editor_finds_the_schema_of_each_file(tmp_path: Path) -> None:
    init_project(tmp_path, template="etl")
    for path, kind in ((tmp_path / "bunsui.yaml", "project"), (tmp_path / "pipelines/etl.yaml", "pipeline")):
        line = path.read_text().split("\n")[0]
        named = path.parent / line.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(named.read_text())["$id"] == f"urn:bunsui:schema:{kind}-v1"


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


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pipelines").symlink_to("../outside")

    with pytest.raises(InvalidInput) as caught:
        init_project(tmp_path / "project", template="etl")
    assert caught.value.code == "files-exist"
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_link_that_leads_nowhere_yet_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "project" / "pipelines").mkdir(parents=True)
    (tmp_path / "project" / "pipelines" / "etl.yaml").symlink_to("../../made")

    with pytest.raises(InvalidInput):
        init_project(tmp_path / "project", template="etl")
    assert not (tmp_path / "made").exists()


def test_what_cannot_be_written_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "work" / "shop"
    folder.mkdir(parents=True)
    (folder / "pipelines").write_text("no folder")

    with pytest.raises(InvalidInput, match="cannot-write") as caught:
        init_project(folder, template="etl")

    assert [path.name for path in folder.rglob("*")] == ["pipelines"]
    assert caught.value.facts["reason"] == "not a directory"
    (folder / "pipelines").unlink()
    assert init_project(folder, template="etl").kept == ()


@pytest.mark.parametrize("template", templates())
def test_what_is_written_is_valid_in_the_style_and_planned(template: str, tmp_path: Path) -> None:
    init_project(tmp_path, template=template)
    found = repository(Asked(directory=tmp_path))
    for file in files_of(found):
        assert format_file(file, (tmp_path / file).read_bytes(), found.registry).status is FormatStatus.UNCHANGED, file
    compiled = compile_project(found)
    assert [one.summary for one in compiled.diagnostics if one.severity is not Severity.INFO] == []
    assert {resource.address.kind for resource in compiled.resources} >= {"state_machine", "role"}
    assert not upgrade_files({file: (tmp_path / file).read_bytes() for file in files_of(found)}).changed


@pytest.mark.parametrize("template", ["etl", "fanout", "export"])
def test_jobs_of_one_operation_are_written_short(template: str, tmp_path: Path) -> None:
    init_project(tmp_path, template=template)
    document = read_document("p.yaml", (tmp_path / f"pipelines/{template}.yaml").read_bytes()).document
    assert document is not None
    assert isinstance(document.data, dict)
    jobs = document.data["jobs"]
    assert isinstance(jobs, dict)
    assert all(len(job.get("operations", [1, 2])) > 1 for job in jobs.values())
    assert not any("path" in job.get("code", {}) for job in jobs.values()), "what they share stands in defaults"
