"""A slip of the pen is told at its line, with a remedy, once. The figures of 200 are `python -m benchmarks.slips`."""

from __future__ import annotations

from collections import Counter

from benchmarks.slips import figures, figures_of_examples
from bunsui.diagnostics import Severity
from tests.checked_text import findings_of_text
from tests.slips import FILE


def test_the_file_that_slips_are_made_in_is_valid() -> None:
    assert [finding for finding in findings_of_text(FILE) if finding.severity is not Severity.INFO] == []


def test_slips_are_told_at_their_place_with_a_remedy_and_once() -> None:
    right, told = figures(seed=7, count=40)
    assert told >= 38
    assert right["place"] >= 0.95 * told
    assert right["remedy"] >= 0.85 * told
    assert right["one"] >= 0.9 * told


def test_slips_in_every_example_are_told_as_well() -> None:
    counts: Counter[str] = sum(figures_of_examples(seed=3, each=10).values(), Counter())
    assert counts["told"] >= 100
    assert counts["place"] >= 0.95 * counts["told"]
    assert counts["remedy"] >= 0.85 * counts["told"]
    assert counts["one"] >= 0.9 * counts["told"]
