"""Pipelines in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.model.address import Address
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Reason, ResourceChange
from bunsui.services.overview.runs import NO_RUNS
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.view.pipelines.wording import STANDINGS, counts, last_change, next_start, percent, spark_text
from tests.unit.services.overview.test_runs import START, runs_of, session

NOW = START + timedelta(days=3)
ONE = PipelineStatus(name="p", path="pipelines/p.yaml", standing=PipelineStanding.IN_SYNC, changes=0)


def test_every_standing_has_its_own_sign_and_is_counted() -> None:
    assert list(STANDINGS) == list(PipelineStanding)
    assert len({symbol for symbol, _ in STANDINGS.values()}) == len(STANDINGS)
    found = [replace(ONE, standing=PipelineStanding.IN_SYNC), ONE, replace(ONE, standing=PipelineStanding.UNKNOWN)]
    assert "".join(one.text for one in counts(found)) == "? 1 unknown  ✓ 2 in sync  "


def test_the_sparkline_shows_how_long_successes_took_and_what_failed() -> None:
    statuses = (SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.SUCCEEDED, SessionStatus.RUNNING)
    rows = [session(number, status, seconds=30 if number else 3) for number, status in enumerate(statuses)]
    assert spark_text(runs_of(*rows).runs) == "▂✗▇●"


@pytest.mark.parametrize(("exactly", "said"), [(100.0, "100%"), (99.9, "99%"), (0.1, "1%"), (0.0, "0%"), (None, "–")])
def test_no_share_is_rounded_to_all_or_nothing(exactly: float | None, said: str) -> None:
    assert percent(replace(NO_RUNS, ok_percent=exactly)).text == said


def test_the_last_change_names_what_is_to_be_looked_at() -> None:
    def said(standing: PipelineStanding, **more: object) -> str:
        return last_change(replace(ONE, standing=standing, **more), UTC, now=NOW).text  # type: ignore[arg-type]

    memory = DiffItem(
        section=Section.ATTRIBUTE,
        subject="memory",
        path=(),
        operation=ChangeOperation.CHANGED,
        before=256,
        after=1024,
        attribute="memory",
    )
    outside = ResourceChange(
        address=Address(pipeline="p", kind="function", name="load"),
        physical_name="p--load",
        action=Action.UPDATE,
        reason=Reason.DRIFT,
        drift=(memory,),
    )
    fault = Diagnostic(code="BS101", severity=Severity.ERROR, summary="no", position=Position("pipelines/p.yaml", 12, 3))
    applied = {"applied_commit": "a1b2c3d4e5f6", "applied_at": START}
    assert said(PipelineStanding.DRIFTED, outside=(outside,)) == "memory: 256 → 1024 outside, load"
    assert said(PipelineStanding.PENDING, changes=2) == "2 changes in files"
    assert said(PipelineStanding.INVALID, fault=fault) == "pipelines/p.yaml:12"
    assert said(PipelineStanding.UNKNOWN, why="AccessDenied") == "AccessDenied"
    assert said(PipelineStanding.IN_SYNC, **applied) == "a1b2c3d4, 3 d ago"
    assert said(PipelineStanding.UNPLANNED) == ""


def test_a_start_today_needs_no_day() -> None:
    today, later = NOW + timedelta(hours=3), NOW + timedelta(days=2)
    assert next_start(replace(ONE, next_start=today), UTC, now=NOW) == "03:00"
    assert next_start(replace(ONE, next_start=later, is_next_start_about=True), UTC, now=NOW) == "about 01-06 00:00"
