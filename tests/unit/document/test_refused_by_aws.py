"""What AWS refuses is refused at validate, at its place with its remedy: `tests/cases/refused-by-aws.txt`, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from bunsui.diagnostics import Severity
from tests.checked_text import findings_of_text

_TABLE = Path(__file__).parents[2] / "cases" / "refused-by-aws.txt"
_PIPELINE = """\
version: 1
name: day-one
parameters: {s: {type: string, default: x}}
jobs:
  a:
    operations:
      - OPERATION
"""
_FILES = {"code/app.py": "def handler(event, context):\n    return event\n"}


class Refusal(NamedTuple):
    """An operation, and what is said of it."""

    number: str
    operation: str
    code: str
    """Empty when AWS takes it."""
    place: str
    words: str


def refusals() -> list[Refusal]:
    rows = [row for row in _TABLE.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    found = []
    for written, expected in zip(rows[::2], rows[1::2], strict=True):
        number, _, operation = written.partition(" ")
        code, _, rest = expected.strip().partition(" ")
        place, _, words = rest.partition(" | ")
        found.append(Refusal(number, operation, "" if code == "valid" else code, place, words))
    return found


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.number)
def test_what_aws_refuses_is_told_once_at_its_place_with_its_remedy(refusal: Refusal) -> None:
    text = _PIPELINE.replace("OPERATION", refusal.operation)
    findings = [one for one in findings_of_text(text, _FILES, compiles=True) if one.severity is not Severity.INFO]
    assert [one.code for one in findings] == ([refusal.code] if refusal.code else [])
    for finding in findings:
        assert refusal.words in f"{finding.summary} {finding.detail} {finding.hint}"
        assert finding.position is not None
        line = text.splitlines()[finding.position.line - 1]
        assert line[finding.position.column - 1 :].startswith(refusal.place)
