"""The map names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_on_the_map_is_there() -> None:
    files = {path.relative_to(ROOT / "bunsui").as_posix() for path in (ROOT / "bunsui").rglob("*.py")}
    named = re.findall(r"`([\w/]+\.py)`", PAGE)
    assert len(named) > 40
    assert [name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in files)] == []


def test_every_room_is_on_the_map() -> None:
    packages = {path.parent.name for path in (ROOT / "bunsui").glob("*/__init__.py")}
    assert [package for package in sorted(packages) if f"`{package}`" not in PAGE] == []
