"""What tests of an embedded AWS of their own share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import stop


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever runs in it ends with the test."""
    place = tmp_path / "local"
    yield place
    stop(place)
