"""A failure of which only a list told is waited with, not for ever, until somebody asked why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.alerts import FAILED, Alert
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.services.alerts.occurrences import WatchedPipeline, occurrences

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "is_described", "told"), [(0, True, 1), (14, False, 0), (15, False, 1)])
def test_a_failure_is_told_with_its_cause_or_after_a_quarter_of_an_hour(minutes: int, is_described: bool, told: int) -> None:
    at = NOW - timedelta(minutes=minutes)
    attempt = Attempt(
        number=1, execution_arn="arn:aws:states:us-east-1:1:execution:p:x", kind="run", status=SessionStatus.FAILED,
        started_at=at, stopped_at=at,
    )  # fmt: skip
    row = Session(
        id="1", pipeline="p", status=SessionStatus.FAILED, slot=at, date="", params={}, started_by="", created_at=at,
        attempts=(attempt,), is_described=is_described,
    )  # fmt: skip
    pipeline = Pipeline(name="p", path="p.yaml", alerts=(Alert(event=FAILED, notify=("oncall",)),))
    assert len(occurrences(WatchedPipeline(pipeline=pipeline, rows=(row,)), NOW)) == told
