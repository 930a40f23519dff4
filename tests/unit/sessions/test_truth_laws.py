"""What executions say, put into rows: newest turns hold, order of hearing matters not, what is known is not unlearned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Attempt, FailureNote, HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.sessions.remarks import Remarks
from bunsui.sessions.truth import (
    UNKNOWN,
    attempt_of,
    earlier_turns,
    is_news,
    lacks_turns,
    of_summary,
    with_attempts,
    with_duplicate,
    with_execution,
)

AT = datetime(2026, 1, 31, tzinfo=UTC)
RUNS, WELL, FAILED, STOPPED = SessionStatus.RUNNING, SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.CANCELLED
PENDING, CLAIMED = SessionStatus.PENDING, SessionStatus.RECOVERING


def at(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def row(*attempts: Attempt, status: SessionStatus = RUNS, **more: Any) -> Session:
    return Session(
        id="s", pipeline="p", status=status, slot=AT, date="2026-01-31", params={}, started_by="me", created_at=AT,
        attempts=tuple(attempts), **more,
    )  # fmt: skip


def execution(
    arn: str = "e",
    status: SessionStatus = RUNS,
    *,
    start: float = 0,
    redrive: int = 0,
    redriven: float | None = None,
    **more: Any,
) -> Execution:
    return Execution(
        arn=arn, name=arn, machine_arn="m", status=status, started_at=at(start),
        stopped_at=at(start + 5 + 10 * redrive) if status.is_final else None, input=more.pop("input", None),
        output=more.pop("output", None), error=more.pop("error", ""), cause=more.pop("cause", ""), redrive_count=redrive,
        redriven_at=at(redriven) if redriven is not None else None, **more,
    )  # fmt: skip


def attempt(arn: str = "e", status: SessionStatus = RUNS, *, start: float = 0, redrive: int = 0, error: str = "") -> Attempt:
    stopped = at(start + 5) if status.is_final else None
    kind = "redrive" if redrive else "run"
    return Attempt(
        number=1,
        execution_arn=arn,
        kind=kind,
        status=status,
        started_at=at(start),
        stopped_at=stopped,
        error=error,
        redrive=redrive,
    )


def test_an_attempt_is_what_the_execution_is_at_present() -> None:
    first = attempt_of(execution(status=FAILED, error="E", cause="c"), kind="resume")
    assert first == replace(attempt(status=FAILED, error="E"), kind="resume", cause="c")
    again = attempt_of(execution(status=RUNS, redrive=2, redriven=20), kind="resume")
    assert again == replace(attempt(status=RUNS, start=20, redrive=2), kind="redrive")
    unsaid = attempt_of(execution(status=RUNS, redrive=1))
    assert unsaid.started_at == at(0), "an answer that does not say when it was redriven"
    assert attempt_of(execution(status=RUNS, redriven=3)).started_at == at(0)


def test_a_list_tells_how_an_execution_stands_and_nothing_else() -> None:
    summary = ExecutionSummary(
        arn="e",
        name="n",
        status=WELL,
        started_at=at(1),
        stopped_at=at(2),
        version_arn="v",
        redrive_count=3,
        redriven_at=at(1.5),
    )
    found = of_summary(summary, "m")
    assert (found.arn, found.name, found.machine_arn, found.status) == ("e", "n", "m", WELL)
    assert (found.started_at, found.stopped_at, found.version_arn) == (at(1), at(2), "v")
    assert (found.redrive_count, found.redriven_at) == (3, at(1.5))
    assert (found.input, found.output, found.error, found.cause) == (None, None, "", "")


def event(number: int, kind: str, **details: Any) -> HistoryEvent:
    return HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)


def test_the_turns_before_a_redrive_are_read_from_the_history() -> None:
    events = [
        event(1, "ExecutionStarted"),
        event(2, "ExecutionFailed", error="E", cause="c"),
        event(3, "ExecutionAborted"),
        event(4, "ExecutionRedriven"),
        event(5, "ExecutionTimedOut", error="T", cause="d"),
        event(6, "ExecutionRedriven"),
        event(7, "ExecutionRedriven"),
        event(8, "ExecutionSucceeded"),
    ]
    found = earlier_turns(execution(redrive=2), events, kind="resume")
    assert [(one.kind, one.status, one.redrive) for one in found] == [
        ("resume", FAILED, 0),
        ("redrive", SessionStatus.TIMED_OUT, 1),
    ]
    assert [(one.started_at, one.stopped_at) for one in found] == [(at(0), at(2)), (at(4), at(5))]
    assert [(one.error, one.cause, one.execution_arn) for one in found] == [("E", "c", "e"), ("T", "d", "e")]
    assert len(earlier_turns(execution(redrive=1), events)) == 1
    assert earlier_turns(execution(), events) == ()


@pytest.mark.parametrize(
    ("known", "told", "news"),
    [
        ([], execution(), True),
        ([attempt()], execution(), False),
        ([attempt()], execution(status=FAILED), True),
        ([attempt(status=FAILED)], execution(status=FAILED), False),
        ([attempt(status=FAILED)], execution(status=RUNS), False),
        ([attempt(status=FAILED)], execution(redrive=1), True),
        ([attempt(status=FAILED), attempt(redrive=1, start=9)], execution(status=FAILED), False),
        ([attempt(status=FAILED), attempt(redrive=1, start=9)], execution(status=FAILED, redrive=1), True),
        ([attempt(status=FAILED, error=UNKNOWN)], execution(), True),
        ([attempt(status=FAILED, error=UNKNOWN)], execution(status=FAILED, error=UNKNOWN), False),
        ([attempt("other", status=FAILED)], execution(), True),
    ],
)
def test_news_is_a_newer_turn_or_its_end(known: list[Attempt], told: Execution, news: bool) -> None:
    assert is_news(row(*known), told) is news
    assert is_news(row(duplicates=tuple(known)), told) is news
    if not news:
        assert with_execution(row(*known), told) == row(*known)


@pytest.mark.parametrize(
    ("known", "redrives", "lacks"),
    [
        ([], 0, False),
        ([], 1, True),
        ([attempt(status=FAILED)], 1, False),
        ([attempt()], 1, True),
        ([attempt(status=FAILED)], 2, True),
        ([attempt(status=FAILED), attempt(status=FAILED, redrive=1)], 2, False),
        ([attempt("other", status=FAILED)], 1, True),
    ],
)
def test_turns_are_lacking_of_which_nobody_saw_the_end(known: list[Attempt], redrives: int, lacks: bool) -> None:
    assert lacks_turns(row(*known), execution(redrive=redrives)) is lacks
    assert lacks_turns(row(duplicates=tuple(known)), execution(redrive=redrives)) is lacks


NOTE = FailureNote(fingerprint="f1-0", error_class="code", error="E", message="m")
TOLD = Remarks(failed_job="load", failure=NOTE, skipped=True, warned=("check",), tolerated={"each": 2})


@pytest.mark.parametrize("status", [RUNS, WELL, FAILED, STOPPED, SessionStatus.TIMED_OUT])
def test_what_is_remarked_of_an_execution_fits_how_it_ended(status: SessionStatus) -> None:
    found = with_execution(
        row(attempt(), version_arn="old"), execution(status=status, output={"n": 1}, version_arn="v"), told=TOLD
    )
    failed = status.is_final and status is not WELL
    if status is RUNS:
        assert found == row(attempt(), version_arn="old")
        return
    assert (found.status, found.version_arn, found.output) == (status, "v", {"n": 1} if status is WELL else None)
    assert (found.failed_job, found.failure) == (("load", NOTE) if failed else ("", None))
    assert (found.skipped, found.warned, found.tolerated) == (status is WELL, ("check",), {"each": 2})
    kept = with_execution(row(attempt(), version_arn="old"), execution(status=status), told=TOLD)
    assert kept.version_arn == "old"


def test_while_something_else_is_the_latest_an_end_says_nothing_of_the_session() -> None:
    two = row(attempt(), attempt("f", start=30))
    found = with_execution(two, execution(status=FAILED), told=TOLD)
    assert (found.status, found.failed_job, found.warned, found.tolerated) == (RUNS, "", (), {})
    assert [one.status for one in found.attempts] == [FAILED, RUNS]
    double = row(attempt(), duplicates=(attempt("f", start=1),))
    found = with_execution(double, execution("f", WELL, start=1, output=1), told=TOLD)
    assert (found.attempts, found.status, found.output, found.warned) == (double.attempts, RUNS, None, ())
    assert [one.status for one in found.duplicates] == [WELL]


def test_a_row_that_only_a_list_told_of_is_written_anew() -> None:
    listed = row(attempt(status=FAILED), status=FAILED, is_described=False)
    found = with_execution(listed, execution(status=FAILED, error="E", cause="c"), told=TOLD)
    assert (found.attempts[0].error, found.attempts[0].cause, found.failed_job) == ("E", "c", "load")
    known = row(attempt(status=FAILED), status=FAILED)
    assert with_execution(known, execution(status=FAILED, error="E"), told=TOLD) is known


TURNS = st.builds(
    attempt,
    arn=st.sampled_from("ab"),
    status=st.sampled_from([RUNS, WELL, FAILED]),
    redrive=st.integers(0, 2),
)


def placed(turns: Sequence[Attempt]) -> list[Attempt]:
    """Return the turns at times that fit their order: of one execution a later turn begins later."""
    return [
        replace(
            one,
            started_at=at(10 * one.redrive + (one.execution_arn == "b")),
            stopped_at=at(10 * one.redrive + 5) if one.status.is_final else None,
        )
        for one in turns
    ]


@given(st.lists(TURNS, max_size=4))
def test_attempts_are_the_same_in_whatever_order_they_are_heard_of(turns: list[Attempt]) -> None:
    told = list({(one.turn, one.status.is_final): one for one in placed(turns)}.values())
    found = [with_attempts(row(), order).attempts for order in permutations(told)]
    assert all(one == found[0] for one in found)
    whole = with_attempts(row(), told)
    assert with_attempts(whole, told) == whole
    assert [one.number for one in whole.attempts] == list(range(1, len(whole.attempts) + 1))
    assert [one.started_at for one in whole.attempts] == sorted(one.started_at for one in whole.attempts)
    assert {one.turn for one in whole.attempts} == {one.turn for one in told}
    for one in whole.attempts:
        has_later = any(other.turn == (one.execution_arn, one.redrive + 1) for other in whole.attempts)
        was_seen = any(other.turn == one.turn and other.status.is_final for other in told)
        assert one.status.is_final is (was_seen or has_later)
        if has_later and not was_seen:
            assert (one.status, bool(one.cause)) == (FAILED, True)
    if whole.attempts:
        runs = any(not one.status.is_final for one in whole.attempts)
        assert whole.status is (RUNS if runs else whole.attempts[-1].status)


@pytest.mark.parametrize(
    ("status", "known", "told", "expected"),
    [
        (PENDING, [], [], PENDING),
        (PENDING, [], [attempt()], RUNS),
        (CLAIMED, [attempt(status=FAILED)], [replace(attempt(status=FAILED), cause="x")], CLAIMED),
        (CLAIMED, [attempt(status=FAILED)], [attempt("f", FAILED, start=9)], FAILED),
        (PENDING, [], [attempt("f", FAILED, start=9, error=UNKNOWN)], PENDING),
        (CLAIMED, [attempt(status=FAILED)], [attempt("f", FAILED, start=9, error=UNKNOWN)], FAILED),
        (CLAIMED, [attempt(status=FAILED, error=UNKNOWN)], [attempt(status=WELL)], WELL),
        (FAILED, [attempt(status=FAILED)], [attempt("f", WELL, start=9)], WELL),
    ],
)
def test_a_claimed_start_stands_until_something_else_began(
    status: SessionStatus, known: list[Attempt], told: list[Attempt], expected: SessionStatus
) -> None:
    assert with_attempts(row(*known, status=status), told).status is expected


def test_an_unknown_end_is_taken_back_and_a_kind_is_kept() -> None:
    gone = row(replace(attempt(status=FAILED, error=UNKNOWN), kind="resume"), status=FAILED)
    seen = with_attempts(gone, [attempt(status=RUNS)])
    assert [(one.status, one.error, one.kind) for one in seen.attempts] == [(RUNS, "", "resume")]
    assert with_attempts(gone, [attempt(status=FAILED, error=UNKNOWN)]) is gone


def session_of(arn: str, start: float, status: SessionStatus = FAILED, **more: Any) -> Session:
    return row(attempt(arn, status, start=start), status=status, **more)


def test_of_two_deliveries_the_first_to_begin_is_the_sessions_whichever_was_seen_first() -> None:
    first = session_of("a", 0, FAILED, failed_job="load", failure=NOTE, warned=("w",), tolerated={"each": 1}, version_arn="v1")
    second = session_of("b", 1, WELL, output=2, skipped=True, version_arn="v2")
    for one, other in ((first, second), (second, first)):
        found = with_duplicate(one, other)
        assert [a.execution_arn for a in found.attempts] == ["a"]
        assert [a.execution_arn for a in found.duplicates] == ["b"]
        assert (found.status, found.failed_job, found.failure, found.warned) == (FAILED, "load", NOTE, ("w",))
        assert (found.output, found.skipped, found.tolerated, found.version_arn) == (None, False, {"each": 1}, "v1")
        assert with_duplicate(found, other) is found
        assert with_duplicate(found, one) is found


def test_a_session_with_further_attempts_stays_what_it_is() -> None:
    resumed = row(attempt("b", FAILED, start=5), attempt("c", RUNS, start=9))
    found = with_duplicate(resumed, session_of("a", 0))
    assert [one.execution_arn for one in found.attempts] == ["b", "c"]
    assert [one.execution_arn for one in found.duplicates] == ["a"]
    more = with_duplicate(found, replace(session_of("d", 1), duplicates=(attempt("e", WELL, start=2),)))
    assert [(one.execution_arn, one.number) for one in more.duplicates] == [("a", 1), ("d", 2), ("e", 3)]
    assert with_duplicate(resumed, row()) is resumed
