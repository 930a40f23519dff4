"""`bunsui resident` counts the alerts of the last hour."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.ports.monitoring import LogLine
from bunsui.services.resident.standing import ResidentStanding, ResidentState, report_of
from bunsui.view.resident import standing_lines
from bunsui.view.spans import plain

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
LOOK = {"cause": "sweep", "machines": 1, "visited": 1, "news": 0, "left": 0, "seconds": 1.0, "version": "0.1.0"}


def shown(*alerts: dict[str, Any] | None) -> str:
    told = [{**LOOK, **({"alerts": one} if one else {})} for one in alerts]
    lines = [LogLine(at=NOW, stream="", message=json.dumps({"bunsui-resident": one})) for one in told]
    reports = tuple(one for one in map(report_of, lines) if one is not None)
    assert len(reports) == len(alerts)
    return plain(standing_lines(ResidentStanding(state=ResidentState.AWAKE, version_here="0.1.0", reports=reports), NOW))


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (
            ({"told": 1, "waiting": 0, "failed": 0}, {"told": 2, "waiting": 1, "failed": 1}),
            "3 alerts sent in the last hour, 2 waiting",
        ),
        (({"told": 1, "waiting": 0, "failed": 0}, None), "1 alert sent in the last hour, 0 waiting"),
    ],
)
def test_what_was_sent_is_counted_with_what_waits_now(alerts: tuple[dict[str, Any] | None, ...], said: str) -> None:
    assert said in shown(*alerts)


def test_a_resident_that_told_nothing_says_nothing_of_it() -> None:
    assert "alert" not in shown(None, {"told": 0, "waiting": 0, "failed": 0})


def test_what_a_channel_said_is_a_problem_of_the_look() -> None:
    assert "oncall: channel-busy" in shown({"told": 0, "waiting": 0, "failed": 1, "problems": ["oncall: channel-busy"]})
