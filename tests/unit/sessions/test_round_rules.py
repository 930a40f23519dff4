"""Which machines are looked at next, what in a list is news, and what is described first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Session, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.session_rows import KnownExecution, Watermark
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.rounds import DescribeBudget, _differs, _gone, _urgency, machines_to_visit
from bunsui.sessions.truth import UNKNOWN

AT = datetime(2026, 1, 31, tzinfo=UTC)
MACHINES = [PipelineMachine(pipeline=name, arn=f"arn:{name}", timezone="UTC") for name in "abcdef"]


def mark(name: str, minutes: float) -> Watermark:
    return Watermark(machine_arn=f"arn:{name}", pipeline=name, newest=AT, looked_at=AT + timedelta(minutes=minutes))


MARKS = {f"arn:{name}": mark(name, minutes) for name, minutes in zip("abcde", (5, 4, 3, 2, 1), strict=True)}


def names(chosen: Sequence[PipelineMachine]) -> str:
    return "".join(one.pipeline for one in chosen)


ROW = Session(
    id="01", pipeline="p", status=SessionStatus.RUNNING, slot=AT, date="2026-01-31", params={}, started_by="", created_at=AT
)


@pytest.mark.parametrize(
    ("busy", "due", "most", "expected"),
    [
        ("", "", 3, "fed"),
        ("", "", 9, "fedcba"),
        ("a", "", 3, "afe"),
        ("ab", "", 3, "baf"),
        ("abc", "", 3, "cbf"),
        ("abc", "", 4, "cbfe"),
        ("f", "", 2, "fe"),
        ("a", "", 1, "a"),
        ("", "a", 3, "afe"),
        ("", "ab", 3, "bfe"),
        ("", "abc", 4, "cbfe"),
        ("a", "bc", 4, "acfe"),
        ("abc", "c", 5, "cbafe"),
        ("", "f", 2, "fe"),
        ("", "a", 1, "f"),
    ],
)
def test_half_of_the_looks_go_to_what_runs_half_of_the_rest_to_what_was_due_and_the_others_to_what_waited_longest(
    busy: str, due: str, most: int, expected: str
) -> None:
    rows = {name: [ROW] for name in busy} | {"z": []}
    assert names(machines_to_visit(MACHINES, MARKS, rows, most, lambda one, _: one.pipeline in due)) == expected


def test_what_was_due_is_asked_by_when_a_machine_was_looked_at() -> None:
    asked = {}

    def is_due(machine: PipelineMachine, looked_at: datetime) -> bool:
        asked[machine.pipeline] = looked_at
        return False

    machines_to_visit(MACHINES, MARKS, {}, 3, is_due)
    assert asked == {name: MARKS[f"arn:{name}"].looked_at for name in "abcde"}


MANY = [PipelineMachine(pipeline=f"p{number}", arn=f"arn:{number}", timezone="UTC") for number in range(30)]


@given(
    st.lists(st.integers(0, 1000), min_size=30, max_size=30),
    st.sets(st.integers(0, 29)),
    st.sets(st.integers(0, 29)),
    st.integers(3, 12),
)
def test_whatever_runs_and_was_due_the_one_that_waited_longest_is_looked_at(
    ages: list[int], running: set[int], due: set[int], most: int
) -> None:
    marks = {
        one.arn: Watermark(machine_arn=one.arn, pipeline=one.pipeline, newest=AT, looked_at=AT - timedelta(seconds=age))
        for one, age in zip(MANY, ages, strict=True)
    }
    rows = {f"p{number}": [ROW] for number in running}
    chosen = machines_to_visit(MANY, marks, rows, most, lambda one, _: int(one.arn[4:]) in due)
    numbers = [int(one.arn[4:]) for one in chosen]
    assert len(numbers) == len(set(numbers)) == most
    for_running = min(len(running), (most + 1) // 2)
    assert len(running.intersection(numbers)) >= for_running
    assert len(due.intersection(numbers)) >= min(len(due), (most - for_running) // 2)
    assert max(ages) in [ages[number] for number in numbers]


def row(status: SessionStatus, *, redrive: int = 0, changed: float = 0) -> ExecutionSummary:
    at = AT + timedelta(minutes=changed)
    stopped = at if status.is_final else None
    return ExecutionSummary(arn="arn", name="n", status=status, started_at=at, stopped_at=stopped, redrive_count=redrive)


RUNS, FAILED, WELL = SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("known", "listed", "differs"),
    [
        (None, row(RUNS), True),
        ((0, False, ""), row(RUNS), False),
        ((0, False, ""), row(FAILED), True),
        ((0, True, ""), row(FAILED), False),
        ((0, True, ""), row(RUNS), False),
        ((0, True, ""), row(RUNS, redrive=1), True),
        ((0, True, ""), row(FAILED, redrive=1), True),
        ((1, False, ""), row(FAILED), False),
        ((1, False, ""), row(FAILED, redrive=1), True),
        ((1, True, ""), row(FAILED, redrive=1), False),
        ((0, True, UNKNOWN), row(RUNS), True),
        ((0, True, "E"), row(FAILED), False),
    ],
)
def test_a_list_has_news_of_what_is_unknown_has_ended_or_was_redriven(
    known: tuple[int, bool, str] | None, listed: ExecutionSummary, differs: bool
) -> None:
    there = KnownExecution(session_id="s", redrive=known[0], is_final=known[1], error=known[2]) if known else None
    assert _differs(there, listed) is differs


def test_what_runs_is_described_first_then_what_ended_badly_then_the_rest_the_newest_first() -> None:
    rows = [
        row(WELL, changed=9),
        row(FAILED, changed=1),
        row(RUNS, changed=2),
        row(SessionStatus.CANCELLED, changed=3),
        row(RUNS, changed=4),
    ]
    found = [(one.status, (one.changed_at - AT) / timedelta(minutes=1)) for one in sorted(rows, key=_urgency)]
    assert found == [(RUNS, 4), (RUNS, 2), (SessionStatus.CANCELLED, 3), (FAILED, 1), (WELL, 9)]


def test_a_machine_that_is_gone_keeps_how_far_it_was_looked_at() -> None:
    before = replace(mark("a", 1), newest=AT - timedelta(days=1), back_to=AT - timedelta(days=2))
    found = _gone(MACHINES[0], before, AT)
    assert found == replace(before, looked_at=AT, is_gone=True)
    never = _gone(MACHINES[0], None, AT)
    assert never == Watermark(machine_arn="arn:a", pipeline="a", newest=AT, looked_at=AT, back_to=None, is_gone=True)


def test_a_budget_is_taken_piece_by_piece() -> None:
    budget = DescribeBudget(2)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    assert budget.left == 0
