from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.tui.session_filter import parse_filter
from bunsui.view.session_view import SessionRow, session_rows

NOW = datetime(2026, 1, 31, 18, tzinfo=UTC)


def row(pipeline: str, status: SessionStatus, *, minutes: int = 0, failed_job: str = "") -> SessionRow:
    started = NOW - timedelta(minutes=minutes)
    attempt = Attempt(number=1, execution_arn="arn:x", kind="run", status=status, started_at=started)
    session = Session(
        id="01KBH3X2J4ABCDEFGHJKMNPQRS",
        pipeline=pipeline,
        status=status,
        slot=started,
        date="2026-01-31",
        params={},
        started_by="mika",
        created_at=started,
        failed_job=failed_job,
    )
    return session_rows([replace(session, attempts=(attempt,))], now=NOW)[0]


FAILED = row("orders", SessionStatus.FAILED, minutes=90, failed_job="load")
TIMED_OUT = row("日本の売上", SessionStatus.TIMED_OUT, minutes=5)
DONE = row("refunds", SessionStatus.SUCCEEDED)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", {"orders", "日本の売上", "refunds"}),
        ("status:failed", {"orders"}),
        ("s:fail", {"orders"}),
        ("status:failed,timed-out", {"orders", "日本の売上"}),
        ("status:timed_out", {"日本の売上"}),
        ("pipeline:ref", {"refunds"}),
        ("since:1h", {"日本の売上", "refunds"}),
        ("since:2h", {"orders", "日本の売上", "refunds"}),
        ("load", {"orders"}),
        ("LOAD status:FAILED", {"orders"}),
        ("ｓｔａｔｕｓ：ｆａｉｌｅｄ", {"orders"}),
        ("売上", {"日本の売上"}),
        ("status:failed pipeline:refunds", set()),
        ("status:", {"orders", "日本の売上", "refunds"}),
        ("since:soon", {"orders", "日本の売上", "refunds"}),
    ],
)
def test_all_parts_of_a_filter_must_hold(text: str, shown: set[str]) -> None:
    wanted = parse_filter(text)
    assert {each.pipeline for each in (FAILED, TIMED_OUT, DONE) if wanted.shows(each, now=NOW)} == shown


def test_what_is_not_understood_is_named_rather_than_hidden() -> None:
    assert parse_filter("since:soon").misread == ("since:soon",)


@given(st.text(max_size=60))
def test_every_text_is_a_filter(text: str) -> None:
    parse_filter(text).shows(FAILED, now=NOW)
