"""A page about a session that ended says what it cost; one that goes on, and one of others, does not."""

from __future__ import annotations

from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import show_session
from bunsui.view.sessions.model import detail_lines, session_detail
from bunsui.view.spans import plain
from tests.fakes.session_room import Room


def test_what_a_session_cost_is_counted_from_the_history_that_was_read_anyway() -> None:
    room = Room()
    session = start_session(room.context, RunRequest(pipeline="daily"))
    assert show_session(room.context, session).cost is None
    room.clock.sleep(60)
    snapshot = show_session(room.context, session)
    assert snapshot.cost is not None
    assert [part.service for part in snapshot.cost.parts] == ["Step Functions", "Lambda"]
    page = plain(detail_lines(session_detail(snapshot)))
    assert "in all if this ran on AWS in eu-west-1: an estimate of 0.0001 USD" in page
    assert "by its history; list prices of eu-west-1, 2026-11-30" in page
