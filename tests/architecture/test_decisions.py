"""Every decision says since when it stands, and what would have it taken again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
_STANDING = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d, (accepted|superseded by \d{4})\. Reopened by: .+")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_has_a_title_a_date_a_status_and_what_would_reopen_it(path: Path) -> None:
    title, blank, standing = path.read_text(encoding="utf-8").split("\n")[:3]
    assert re.fullmatch(r"# [^\d\s].+", title)
    assert blank == ""
    assert _STANDING.match(standing)


def test_the_list_of_decisions_is_whole_and_their_numbers_are_unique() -> None:
    listed = re.findall(r"\]\((\d{4}-[^)]+\.md)\)", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == [path.name for path in DECISIONS]
    assert len({path.name[:4] for path in DECISIONS}) == len(DECISIONS)
