"""Executions made in four ways between looks of many terminals: each is known once, as it is, at the promised price."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.sessions import LAGS, field_in, is_right, measure

pytestmark = pytest.mark.embedded


@pytest.mark.slow
@pytest.mark.parametrize(
    ("executions", "terminals", "lags"),
    [
        (25, 3, (1.0, 2.0)),
        pytest.param(5000, 10, LAGS, marks=[pytest.mark.slow, pytest.mark.timeout(3000)]),
    ],
)
def test_everything_that_ran_is_known_once_to_ten_terminals(
    tmp_path: Path, executions: int, terminals: int, lags: Sequence[float]
) -> None:
    with field_in(tmp_path / "project") as field:
        figures = measure(field, executions=executions, terminals=terminals, lags=lags)
    assert figures.executions >= executions
    assert is_right(figures), figures
