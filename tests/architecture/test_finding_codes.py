"""A finding's code is a promise: rules accept it, people search for it. One code, one room, one entry in the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from bunsui.catalogue import FINDINGS

ROOT = Path(__file__).parents[2] / "bunsui"
CODE = re.compile(r'"(BS\d{3})"')


def test_no_two_rooms_give_one_code_to_different_findings() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for code in CODE.findall(path.read_text(encoding="utf-8")):
            rooms[code].add(path.relative_to(ROOT).parts[0])
    assert len(rooms) > 40
    assert {code: sorted(found) for code, found in rooms.items() if len(found) > 1} == {}


def test_every_code_is_in_the_catalogue_and_no_other() -> None:
    used = {code for path in ROOT.rglob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(FINDINGS), "describe a new code in bunsui/catalogue.py, then  python -m tests.write_operation_docs"


def test_every_entry_says_what_it_means_and_what_to_do_in_a_sentence() -> None:
    for code, entry in FINDINGS.items():
        assert entry.meaning.endswith("."), code
        assert entry.remedy.endswith("."), code
    assert list(FINDINGS) == sorted(FINDINGS)
