"""Whatever a definition looks like, it is refused or it runs to an end: never a traceback, never for ever."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.trying import tried

CHUNK = 250


@pytest.mark.parametrize("start", range(0, 500, CHUNK))
def test_a_damaged_definition_is_refused_or_ends(start: int) -> None:
    for seed in range(start, start + CHUNK):
        assert tried(seed) in {"refused", "SUCCEEDED", "FAILED", "TIMED_OUT"}, seed


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_twenty_thousand_damaged_definitions_are_refused_or_end() -> None:
    assert main(["--count", "20000", "--seed", "1000"]) == 0
