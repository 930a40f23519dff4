"""Gates in words: what is asked and by whom it may be decided, or what became of it; never wider than the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.gates import Decided, GateOutcome
from bunsui.view.sessions.gates import decided_line, gate_lines, gate_list_lines
from bunsui.view.table import cells
from tests.unit.view.printed import DECIDED, gate_as

OPEN = gate_as()
NOW = OPEN.gate.opened_at + timedelta(hours=1)


def told(outcome: GateOutcome, **changes: object) -> list[str]:
    standing = replace(gate_as(outcome), gate=replace(OPEN.gate, **changes))  # type: ignore[arg-type]
    return [item.text.rstrip() for item in gate_lines([standing], now=NOW, zone=UTC)]


def test_an_open_gate_tells_all_that_it_is_decided_by() -> None:
    began = OPEN.gate.opened_at.strftime("%Y-%m-%d %H:%M:%S")
    ends = OPEN.gate.deadline.strftime("%Y-%m-%d %H:%M:%S")
    assert told("open") == [
        f"◌ 3f2a9c01b7de  release  waits since {began}",
        "  load 7 rows?",
        "  Really?",
        "  rows: 7",
        "  report: s3://reports/1",
        f"  deadline   {ends}, in 23 h 00 min: then it counts as rejected",
        "  approvers  ann, arn:aws:sts::*:assumed-role/Leads/*",
        "  four eyes  not by who began the session",
    ]


def test_what_a_gate_does_not_say_is_not_told() -> None:
    plain = told("open", evidence=None, approvers=(), four_eyes=False, on_deadline="fail", message="well")
    assert plain[1] == "  well"
    assert plain[-1] == "  approvers  whoever IAM lets read the token"
    assert len(plain) == 4


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("approved", "✓ 3f2a9c01b7de  release  approved by ann, "),
        ("rejected", "✗ 3f2a9c01b7de  release  rejected by ann, "),
        ("expired", "✗ 3f2a9c01b7de  release  nobody decided before "),
        ("stopped", "■ 3f2a9c01b7de  release  the session ended before anybody decided"),
        ("failed", "✗ 3f2a9c01b7de  release  could not be opened"),
    ],
)
def test_one_line_says_what_became_of_a_gate(outcome: GateOutcome, words: str) -> None:
    (only,) = told(outcome)
    assert only.startswith(words)
    assert only.endswith({"rejected": ": wrong day", "expired": ", which counts as rejected"}.get(outcome, ""))


def test_who_answered_with_another_tool_may_not_have_said_who() -> None:
    standing = replace(gate_as("approved"), decided=Decided(decision="approved", by="", note="", at=NOW))
    (only,) = gate_lines([standing], now=NOW, zone=UTC)
    assert "approved by somebody with another tool, " in only.text


def test_the_list_keeps_to_the_width_and_the_id_whole() -> None:
    long = replace(OPEN, gate=replace(OPEN.gate, message="x" * 300))
    lines = gate_list_lines([OPEN, long], now=NOW, zone=UTC, width=80)
    assert all(cells(item.text) <= 80 for item in lines)
    assert sum("3f2a9c01b7de" in item.text for item in lines) == 2
    assert "23 h 00 min" in lines[1].text
    late = gate_list_lines([OPEN], now=OPEN.gate.deadline, zone=UTC)
    assert "passed" in late[1].text


def test_an_empty_list_says_so() -> None:
    assert [item.text for item in gate_list_lines([], now=datetime.now(UTC))] == ["no session waits for an approval"]


def test_foreign_texts_are_printable() -> None:
    shown = "\n".join(told("open", message="\x1b[31mred", evidence="a\x07", approvers=("\u202eann",)))
    assert "\\x1b[31mred" in shown
    assert "\x07" not in shown
    assert "\u202e" not in shown


def test_a_decision_is_one_line() -> None:
    assert decided_line(OPEN.gate, DECIDED).text == "✗ rejected: daily, release, gate 3f2a9c01b7de"
