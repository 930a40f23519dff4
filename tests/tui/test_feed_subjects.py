"""What the home screen's subjects ask of AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bunsui.model.session import Session
from bunsui.ports.session_rows import SessionQuery, Watermark
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.tui.feed.running import LOOKS, RunningSubject
from bunsui.tui.feed.sessions import SessionsSubject
from bunsui.tui.feed.subject import Reading
from tests.tui.stage import Stage

pytestmark = pytest.mark.timeout(60)


class CountedRows(MemorySessionRepository):
    """Counts what is one read in DynamoDB."""

    reads = 0

    def find(self, query: SessionQuery) -> Sequence[Session]:
        self.reads += 1
        return super().find(query)

    def watermarks(self) -> Mapping[str, Watermark]:
        self.reads += 1
        return super().watermarks()


def test_a_refresh_of_the_list_is_two_reads_and_never_asks_step_functions(tmp_path: Path) -> None:
    rows = CountedRows()
    stage = Stage(tmp_path, rows=rows)
    for name in ("ledger", "orders", "refunds"):
        stage.write(name)
        stage.session(name, "failed")
    bridge = stage.bridge()
    bridge.project.context()
    rows.reads = 0
    go_on = stage.hold_histories()
    try:
        listed = SessionsSubject().read(Reading(account=bridge.project, last=None, others=bridge.feed))
    finally:
        go_on()
    assert (len(listed.sessions), rows.reads) == (3, 2)


def test_of_many_that_run_some_are_looked_at_in_a_reading_and_then_the_others(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    for _ in range(LOOKS + 2):
        stage.session("orders", "running", seconds=1.0)
    bridge, listed = stage.bridge(), SessionsSubject()

    class Others:
        def value(self, subject: object) -> object:
            assert subject == listed
            return listed.read(Reading(account=bridge.project, last=None, others=bridge.feed))

    first = RunningSubject().read(Reading(account=bridge.project, last=None, others=Others()))  # type: ignore[arg-type]
    assert len(first.snapshots) == LOOKS
    second = RunningSubject().read(Reading(account=bridge.project, last=first, others=Others()))  # type: ignore[arg-type]
    assert len(second.snapshots) == LOOKS + 2
