"""The table of moves leads on: every old place is gone, every new one is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = next((ROOT / "docs/decisions").glob("*-the-rooms-have-the-fields-names.md")).read_text(encoding="utf-8")
MOVES = re.findall(r"^\| `(bunsui/[^`]+)` \| `(bunsui/[^`]+\.py)` \|$", TABLE, re.M)
CLASSES = re.findall(r"^\| `(bunsui/[^`]+)` \| `(\w+)` \| `(\w+)` \|$", TABLE, re.M)


def test_every_module_is_where_the_table_says() -> None:
    assert len(MOVES) > 150
    assert [new for _, new in MOVES if not (ROOT / new).is_file()] == []


def test_nothing_stands_where_it_stood() -> None:
    taken = {new for _, new in MOVES}
    assert [old for old, _ in MOVES if old not in taken and (ROOT / old).exists()] == []


def test_every_class_is_called_as_the_table_says() -> None:
    assert len(CLASSES) > 60
    for module, old, new in CLASSES:
        text = (ROOT / module).read_text(encoding="utf-8")
        assert re.search(rf"^class {new}\b", text, re.M), (module, new)
        assert not re.search(rf"^class {old}\b", text, re.M), (module, old)
