"""Pipelines of public repositories in our language, under `tests/cases/language`: each is valid, and does what its tests say.

What is said about each stands in `problems.txt`; `pytest --update-cases` rewrites it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.services.testing.pipeline_tests import run_tests
from bunsui.view.spans import plain
from bunsui.view.test_report import verdict_lines
from tests.fakes.workspace import Asked
from tests.unit.document.test_error_cases import findings_of, written

CASES = Path(__file__).parents[1] / "cases" / "language"
PROJECT = "version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\npipelines: [pipeline.yaml]\n"


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_a_pipeline_is_valid_and_does_what_its_tests_say(folder: Path, tmp_path: Path, update_cases: bool) -> None:
    found = findings_of(folder)
    expected = folder / "problems.txt"
    if update_cases:
        expected.write_text(written(found), encoding="utf-8")
    assert written(found) == expected.read_text(encoding="utf-8")
    assert not [finding for finding in found if finding.is_error]
    (tmp_path / "bunsui.yaml").write_text(PROJECT)
    (tmp_path / "pipeline.yaml").write_bytes((folder / "pipeline.yaml").read_bytes())
    outcome = run_tests(bootstrap.repository(Asked(directory=tmp_path)))
    assert outcome.verdicts
    assert not plain(line for verdict in outcome.verdicts if not verdict.passed for line in verdict_lines(verdict))
