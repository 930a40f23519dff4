from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.errors import InvalidInput, NotFound
from tests.fakes.session_room import Room


def test_a_pipeline_whose_file_has_errors_is_told_with_its_file_though_another_has_a_like_name() -> None:
    context = replace(Room().context, broken={"dail": "pipelines/dail.yaml"}, has_errors=True)
    with pytest.raises(InvalidInput) as told:
        context.pipeline("dail")
    assert (told.value.code, told.value.facts["file"]) == ("pipeline-invalid", "pipelines/dail.yaml")
    assert "bunsui validate pipelines/dail.yaml" in told.value.hint


def test_a_name_that_no_file_has_is_answered_with_the_one_that_was_meant() -> None:
    context = replace(Room().context, broken={"other": "pipelines/other.yaml"}, has_errors=True)
    with pytest.raises(NotFound) as told:
        context.pipeline("dail")
    assert "Did you mean `daily`?" in told.value.hint
