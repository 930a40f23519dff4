"""Executions at deaths of the embedded AWS: two, and they are parked."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.server.deaths import Deaths


def test_what_was_under_way_at_two_deaths_is_parked_and_then_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "deaths.json"

    assert Deaths(path).begin(["a", "b"]) == frozenset()
    assert Deaths(path).begin(["a"]) == frozenset()
    assert Deaths(path).begin(["a", "c"]) == {"a"}
    assert Deaths(path).begin(["c"]) == {"c"}
    assert Deaths(path).begin(["a"]) == frozenset()


def test_a_clean_end_is_no_death_and_forgives_none(tmp_path: Path) -> None:
    path = tmp_path / "deaths.json"

    Deaths(path).begin(["a"])
    second = Deaths(path)
    assert second.begin(["a"]) == frozenset()
    second.end()
    third = Deaths(path)
    assert third.begin(["a"]) == frozenset()
    assert Deaths(path).begin(["a"]) == {"a"}


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b'{"alive": 1}', b'{"alive": true, "deaths": {"a": "x"}}']))
def test_a_damaged_count_is_none(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deaths.json"
        path.write_bytes(content)

        assert Deaths(path).begin(["a"]) == frozenset()
        assert Deaths(path).begin(["a"]) == frozenset()
        assert Deaths(path).begin(["a"]) == {"a"}
