"""A finding's code is a promise: rules accept it, people search for it. One code, one package, one entry in the catalogue."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from bunsui.finding_codes import FINDINGS

ROOT = Path(__file__).parents[2] / "bunsui"
CODE = re.compile(r'"(BS\d{3})"')


def test_no_two_rooms_give_one_code_to_different_findings() -> None:
    packages: dict[str, set[str]] = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for code in CODE.findall(path.read_text(encoding="utf-8")):
            packages[code].add(path.relative_to(ROOT).parts[0])
    assert len(packages) > 40
    assert {code: sorted(found) for code, found in packages.items() if len(found) > 1} == {}


def test_every_code_is_in_the_catalogue_and_no_other() -> None:
    used = {code for path in ROOT.rglob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert used == set(FINDINGS), "describe a new code in bunsui/finding_codes.py, then  python -m tests.write_operation_docs"


def test_every_entry_says_what_it_means_and_what_to_do_in_a_sentence() -> None:
    for code, entry in FINDINGS.items():
        assert entry.meaning.endswith("."), code
        assert entry.remedy.endswith("."), code
    assert list(FINDINGS) == sorted(FINDINGS)
