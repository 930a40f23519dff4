"""Steps of learnt durations: near what was measured, and still where that moves a little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.durations import format_duration, parse_duration
from bunsui.model.estimates.learnt_durations import SCALE, assumed_duration, step_of, with_assumed

MEASURED = st.floats(0.01, 60 * 86_400)


def test_the_scale_is_written_in_whole_seconds() -> None:
    assert [parse_duration(format_duration(step)) for step in SCALE] == list(SCALE) == sorted(set(SCALE))


@pytest.mark.parametrize(
    ("measured", "step"),
    [(0.2, 1), (1.4, 1), (4.1, 5), (13.0, 15), (59.0, 60), (100.0, 90), (4000.0, 3600), (100_000.0, 86_400)],
)
def test_a_duration_becomes_the_nearest_step_by_ratio(measured: float, step: int) -> None:
    assert step_of(measured) == step


@given(MEASURED, st.floats(1 / 1.15, 1.15))
def test_what_takes_a_seventh_more_or_less_keeps_its_step(measured: float, ratio: float) -> None:
    step = step_of(measured)
    assert step_of(measured * ratio, before=step) == step


@given(MEASURED, MEASURED)
def test_a_step_that_no_longer_fits_is_replaced_by_the_nearest(before: float, measured: float) -> None:
    old = step_of(before)
    new = step_of(measured, before=old)
    assert new in (old, step_of(measured))
    if measured > 2.1 * old or measured < old / 2.1:
        assert new == step_of(measured) or old == 1


def test_a_step_that_somebody_wrote_beside_the_scale_is_put_on_it() -> None:
    assert step_of(100.0, before=100) == 90


def test_a_job_of_which_nothing_was_learnt_counts_as_the_median() -> None:
    known = {"a": 10, "b": 600, "c": 30, "gone": 1}
    assert with_assumed(["a", "b", "c", "d"], known) == {"a": 10.0, "b": 600.0, "c": 30.0, "d": 30.0}
    assert assumed_duration({"a": 10, "b": 600}) == 10
    assert with_assumed(["d"], {"gone": 1}) == {}
