"""The file of a pipeline is found by the name that it gives, whatever it is called and whatever else is wrong in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import NotFound
from bunsui.services.drafting.pipeline_file import file_of_pipeline
from tests.unit.services.drafting.test_code_file import repository


def test_a_file_is_found_by_the_name_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "broken.yaml").write_text("jobs: [", encoding="utf-8")
    (folder / "daily.yaml").write_text("version: 1\nname: orders\njobs: {a: {tpye: wait}}\n", encoding="utf-8")
    (folder / "orders.yaml").write_text("version: 1\nname: refunds\njobs: {}\n", encoding="utf-8")
    ours = repository(tmp_path)
    ours = replace(ours, project=replace(ours.project, patterns=("pipelines/*.yaml",)))
    assert file_of_pipeline(ours, "orders") == "pipelines/daily.yaml"
    assert file_of_pipeline(ours, "refunds") == "pipelines/orders.yaml"
    with pytest.raises(NotFound):
        file_of_pipeline(ours, "gone")
