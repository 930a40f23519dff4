"""What people write who know another language: each line of `tests/cases/traps.txt` has one finding, at its place, with the
words of its remedy, or none at all."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from tests.checked_text import findings_of_text

_TRAPS = Path(__file__).parents[2] / "cases" / "traps.txt"
_PIPELINE = """\
version: 1
name: traps
#PIPELINE
parameters:
  n: {type: integer, default: 3}
  date: {type: string, format: date, default: "2026-01-31"}
  flag: {type: boolean, default: true}
jobs:
  a:
    operations: [{type: lambda, function: "f:1"}]
    outputs: {rows: "{% $result.rows %}"}
  b:
    depends_on: [a]
    #JOB
    operations:
      - type: lambda
        function: "g:1"
        #OPERATION
        payload:
          rows: "{% $jobs.a.rows %}"
          #CALL
"""


class Trap(NamedTuple):
    """One line of the table."""

    place: str
    line: str
    code: str
    """Empty when the line is valid."""
    words: str


def traps() -> list[Trap]:
    rows = [row for row in _TRAPS.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    found = []
    for written, expected in zip(rows[::2], rows[1::2], strict=True):
        place, _, line = written.partition(" ")
        code, _, words = expected.strip().partition(" ")
        found.append(Trap(place, line, "" if code == "valid" else code, words))
    return found


def told(trap: Trap) -> tuple[int, list[Diagnostic]]:
    """Return the number of the trap's line, and what is said of the file but for hints to people."""
    text = _PIPELINE.replace(f"#{trap.place}", trap.line)
    number = next(at for at, line in enumerate(text.splitlines(), start=1) if line.strip() == trap.line.strip())
    return number, [finding for finding in findings_of_text(text) if finding.severity is not Severity.INFO]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.line)
def test_a_trap_is_told_once_at_its_place_with_its_remedy(trap: Trap) -> None:
    number, findings = told(trap)
    assert [finding.code for finding in findings] == ([trap.code] if trap.code else [])
    for finding in findings:
        assert finding.position is not None
        assert finding.position.line == number
        assert trap.words in f"{finding.summary} {finding.detail} {finding.hint}"


@pytest.mark.parametrize("hostile", ["!" * 8_000, "not " * 6_000, "!(" * 8_000, "(" * 8_000, "!" * 399, "not " * 99])
def test_a_hostile_expression_is_a_finding(hostile: str) -> None:
    _, findings = told(Trap("JOB", f'when: "{{% {hostile} %}}"', "BS301", ""))
    assert [finding.code for finding in findings] == ["BS301"]
    assert len(findings[0].hint) < 300
