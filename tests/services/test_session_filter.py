from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.session_filter import SEARCHED, SessionFilter, fitting, parse_filter
from bunsui.testkit.sessions import MemorySessionRepository

NOW = datetime(2026, 1, 31, 18, tzinfo=UTC)


def one(pipeline: str, status: SessionStatus, *, minutes: int = 0, number: int = 0, failed_job: str = "") -> Session:
    started = NOW - timedelta(minutes=minutes)
    attempt = Attempt(number=1, execution_arn=f"arn:{pipeline}{number}", kind="run", status=status, started_at=started)
    return Session(
        id=f"01KBH3X2J4{pipeline[:6].upper():X<6}{number:010d}",
        pipeline=pipeline,
        status=status,
        slot=started,
        date=started.date().isoformat(),
        params={},
        started_by="mika",
        created_at=started,
        failed_job=failed_job,
        attempts=(attempt,),
    )


FAILED = replace(one("orders", SessionStatus.FAILED, minutes=90, failed_job="load"), commit="abc123", date="2026-01-30")
TIMED_OUT = one("日本の売上", SessionStatus.TIMED_OUT, minutes=5)
DONE = one("refunds", SessionStatus.SUCCEEDED)
EVERY = (FAILED, TIMED_OUT, DONE)
ALL = {"orders", "日本の売上", "refunds"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ALL),
        ("status:failed", {"orders"}),
        ("s:fail", {"orders"}),
        ("status:failed,timed-out", {"orders", "日本の売上"}),
        ("status:timed_out", {"日本の売上"}),
        ("pipeline:ref", {"refunds"}),
        ("p:ref,売上", {"refunds", "日本の売上"}),
        ("since:1h", {"日本の売上", "refunds"}),
        ("since:2h", ALL),
        ("key:2026-01-30", {"orders"}),
        ("k:2026-01-30,2026-01-31", ALL),
        ("commit:abc", {"orders"}),
        ("c:def", set()),
        ("load", {"orders"}),
        ("LOAD status:FAILED", {"orders"}),
        ("mika", ALL),
        ("ｓｔａｔｕｓ：ｆａｉｌｅｄ", {"orders"}),
        ("売上", {"日本の売上"}),
        ("status:failed pipeline:refunds", set()),
        ("status:", ALL),
        ("since:soon", ALL),
        ("status:broken", ALL),
    ],
)
def test_all_parts_of_a_filter_must_hold_in_memory_as_in_the_table(text: str, shown: set[str]) -> None:
    wanted = parse_filter(text)
    assert {each.pipeline for each in EVERY if wanted.fits(each, now=NOW)} == shown
    rows = MemorySessionRepository()
    for each in EVERY:
        rows.add(each)
    found, is_cut = fitting(rows, wanted, SessionQuery(), now=NOW)
    assert ({each.pipeline for each in found}, is_cut) == (shown, False)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("since:soon", "write since:30m"),
        ("statsu:failed", "did you mean status:?"),
        ("status:faild", "did you mean status:failed?"),
        ("status:nothing-like-it", "one of pending, queued, running"),
        ("key:yesterday", "write key:2026-01-31"),
        ("commit:xyz", "write the commit's hash"),
        ("colour:red", "known are status:"),
    ],
)
def test_what_is_not_understood_is_named_rather_than_hidden(text: str, hint: str) -> None:
    (misread,) = parse_filter(text).misread
    assert misread.word == text
    assert misread.hint.startswith(hint)


@given(st.text(max_size=60))
def test_every_text_is_a_filter(text: str) -> None:
    parse_filter(text).fits(FAILED, now=NOW)


def test_what_is_said_beside_the_status_is_found_as_a_status() -> None:
    every = [DONE, replace(DONE, skipped=True), replace(DONE, warned=("load",))]
    found = {text: [parse_filter(text).fits(each, now=NOW) for each in every] for text in ("s:succ", "s:skip", "s:warn")}
    assert found == {"s:succ": [True, True, True], "s:skip": [False, True, False], "s:warn": [False, False, True]}


def test_a_list_that_was_cut_says_so() -> None:
    rows = MemorySessionRepository()
    for number in range(30):
        rows.add(one("orders", SessionStatus.FAILED, minutes=number, number=number))
    for text, limit, cut in (("", 30, False), ("", 29, True), ("s:failed", 30, False), ("s:failed", 29, True)):
        found, is_cut = fitting(rows, parse_filter(text), SessionQuery(limit=limit), now=NOW)
        assert (len(found), is_cut) == (min(limit, 30), cut)
        assert [each.created_at for each in found] == sorted((each.created_at for each in found), reverse=True)


class Endless(MemorySessionRepository):
    """Has more rows than are searched."""

    def find(self, query: SessionQuery) -> list[Session]:
        return [replace(DONE, id=f"01KBH3X2J4{number:016d}") for number in range(query.limit)]


def test_what_was_not_searched_any_more_is_told() -> None:
    found, is_cut = fitting(Endless(), SessionFilter(texts=("nowhere",)), SessionQuery(), now=NOW)
    assert (found, is_cut) == ([], True)
    assert SEARCHED >= 1000
