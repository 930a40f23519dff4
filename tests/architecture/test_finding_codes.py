"""A finding's code is a promise: rules accept it, people search for it. One code, one room."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2] / "bunsui"
CODE = re.compile(r'"(BS\d{3})"')


def test_no_two_rooms_give_one_code_to_different_findings() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for code in CODE.findall(path.read_text(encoding="utf-8")):
            rooms[code].add(path.relative_to(ROOT).parts[0])
    assert len(rooms) > 40
    assert {code: sorted(found) for code, found in rooms.items() if len(found) > 1} == {}
