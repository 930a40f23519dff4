"""Since when a pipeline fails in the same way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Attempt, FailureNote, Session, SessionStatus
from bunsui.sessions.history.streak import failure_streak
from bunsui.sessions.snapshot import FailureStreak
from bunsui.view.sessions.streak import streak_lines
from bunsui.view.spans import plain
from tests.services.test_recorded import AT, a_session

FAILED, SUCCEEDED, RUNNING, STOPPED = (
    SessionStatus.FAILED,
    SessionStatus.SUCCEEDED,
    SessionStatus.RUNNING,
    SessionStatus.CANCELLED,
)


def row(number: int, kind: str) -> Session:
    """A session by one letter: `a`, `b` failed so, `s` succeeded, `r` runs, `x` was stopped, `?` was not looked at."""
    status = {"s": SUCCEEDED, "r": RUNNING, "x": STOPPED}.get(kind, FAILED)
    note = FailureNote(fingerprint=f"f1-{kind}", error_class="code", error="E", message="m") if kind in "ab" else None
    return replace(
        a_session(f"01{number:04}", status),
        created_at=AT + timedelta(days=number),
        failure=note,
        is_described=kind != "?",
        version_arn=f"arn:aws:states:eu-west-1:1:stateMachine:m:{number}",
        commit="abc",
    )


def streak(kinds: str, *, is_whole: bool = True) -> FailureStreak | None:
    """Of the last session; the others began before, in this order."""
    rows = [row(number, kind) for number, kind in enumerate(kinds)]
    return failure_streak(rows[-1], rows[-2::-1], is_whole=is_whole)


def test_the_chain_goes_back_to_the_first_that_failed_so() -> None:
    found = streak("sbaaa")
    assert found is not None
    assert (found.count, found.first.id) == (3, "010002")
    assert found.different is not None
    assert found.last_success is not None
    assert (found.different.id, found.last_success.id) == ("010001", "010000")


def test_another_failure_in_between_breaks_it_and_one_behind_a_success_is_not_asked() -> None:
    found = streak("asaba")
    assert found is not None
    assert (found.count, found.last_success and found.last_success.id) == (1, "010001")


def test_what_nobody_knows_neither_breaks_nor_counts() -> None:
    found = streak("sa?rxa")
    assert found is not None
    assert (found.count, found.unknown) == (2, 3)


def test_what_lies_before_the_chain_is_not_between() -> None:
    found = streak("s?a")
    assert found is not None
    assert (found.count, found.unknown) == (1, 0)


def test_rows_of_an_older_bunsui_are_compared_by_job_and_error() -> None:
    def old(number: int, error: str) -> Session:
        bare = replace(row(number, "a"), failure=None, failed_job="load")
        attempt = Attempt(number=1, execution_arn="arn:x", kind="run", status=FAILED, started_at=AT, error=error)
        return replace(bare, attempts=(attempt,))

    new = replace(old(2, "E"), failure=row(2, "a").failure)
    found = failure_streak(new, [old(1, "E"), old(0, "Other")], is_whole=True)
    assert found is not None
    assert (found.count, found.different is not None) == (2, True)


def test_sessions_that_did_not_fail_by_themselves_end_no_streak() -> None:
    assert [streak(kinds) for kinds in ("s", "r", "x", "?")] == [None] * 4


@given(st.text(alphabet="absrx?", min_size=1, max_size=12), st.booleans())
def test_it_is_never_longer_than_what_failed_since_the_last_success(kinds: str, whole: bool) -> None:
    found = streak(kinds, is_whole=whole)
    if found is None:
        assert kinds[-1] not in "ab"
        return
    since = kinds.rpartition("s")[2]
    assert 1 <= found.count <= since.count(kinds[-1])
    assert (found.last_success is not None) == ("s" in kinds)
    assert found.is_open == (not whole and "s" not in kinds)


def test_words_say_what_is_known_and_what_is_not() -> None:
    text = plain(streak_lines(streak("saa")))
    assert "2 times in a row, since 2026-02-01 00:00:00  010001  version 1  commit abc" in text
    assert "last success  2026-01-31 00:00:00  010000" in text
    assert "no success is known before it" in plain(streak_lines(streak("a")))
    cut = plain(streak_lines(streak("aa", is_whole=False)))
    assert "at least 2 times" in cut
    assert "older ones were not read" in cut
    assert streak_lines(None) == ()


def test_rows_without_any_attempt_are_compared_by_job_alone() -> None:
    bare = [replace(row(number, "c"), attempts=(), failed_job=job) for number, job in enumerate(("load", "load", "extract"))]
    one = failure_streak(bare[1], bare[:1], is_whole=True)
    other = failure_streak(bare[2], bare[1::-1], is_whole=True)
    assert one is not None
    assert other is not None
    assert (one.count, one.first, other.count, other.different) == (2, bare[0], 1, bare[1])
