"""Who is on a session, as people read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from bunsui.model.session import Custody, Session, SessionStatus
from bunsui.view.sessions.custody import custody_fact, custody_line, custody_mark
from bunsui.view.sessions.model import session_list_lines
from bunsui.view.spans import Role
from tests.fakes.session_room import START

ANN = "arn:aws:sts::111111111111:assumed-role/Ops/ann"
CUSTODY = Custody(owner=ANN, by=ANN, at=START, attempt=0, note="asks", until=START + timedelta(hours=1))
SESSION = Session(
    id="01KBH3X2J4ABCDEFGHJKMNPQRS", pipeline="daily", status=SessionStatus.FAILED, slot=START, date="2026-01-31", params={},
    started_by=ANN, created_at=START, custody=CUSTODY,
)  # fmt: skip
LATER = START + timedelta(hours=2)


def test_a_line_says_who_since_when_until_when_and_the_note() -> None:
    told = custody_line(CUSTODY, now=START, zone=UTC).text
    assert told == "Ops/ann is on it since 2026-01-31 18:00:00, until 2026-01-31 19:00:00: asks"
    late = custody_line(CUSTODY, now=LATER, zone=UTC).text
    assert late == "Ops/ann is on it since 2026-01-31 18:00:00, was to be done by 2026-01-31 19:00:00: asks"
    nobody = custody_line(replace(CUSTODY, owner="", note="", until=None), now=START, zone=UTC).text
    assert nobody == "nobody is named, and it waits for a person since 2026-01-31 18:00:00"


def test_a_list_says_it_beside_the_status_and_what_is_overdue() -> None:
    assert "failed: Ops/ann on it" in session_list_lines([SESSION], now=START)[1].text
    assert "failed: Ops/ann overdue" in session_list_lines([SESSION], now=LATER)[1].text
    unnamed = replace(SESSION, custody=replace(CUSTODY, owner=""))
    assert (custody_mark(unnamed, START), custody_mark(unnamed, LATER)) == ("waits for a person", "overdue")


def test_a_page_has_it_as_a_value_that_is_bad_when_it_is_overdue() -> None:
    assert custody_fact(replace(SESSION, custody=None), now=START, zone=UTC) is None
    fact, late = (custody_fact(SESSION, now=now, zone=UTC) for now in (START, LATER))
    assert fact is not None
    assert late is not None
    assert (fact.role, late.role) == (Role.NAME, Role.BAD)


def test_text_of_others_is_shown_as_text() -> None:
    odd = replace(SESSION, custody=replace(CUSTODY, owner="x\x1b[31m", note="\x1b]0;y\x07"))
    assert "\x1b" not in custody_mark(odd, START)
    assert odd.taken is not None
    assert "\x1b" not in custody_line(odd.taken, now=START, zone=UTC).text
