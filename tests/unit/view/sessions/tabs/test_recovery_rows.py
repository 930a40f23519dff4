"""Ways to go on as rows: what each says, also of what cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

from bunsui.model.gates import GateStanding
from bunsui.model.recovery import Strategy
from bunsui.model.session import SessionStatus
from bunsui.services.recovery.options import RecoveryOption, RecoveryOutlook
from bunsui.services.running.durations import KnownRuns
from bunsui.tui.actions.registry import action_of
from bunsui.view.sessions.tabs.recovery_rows import way_rows
from bunsui.view.spans import plain
from tests.fakes.gated import GatedRoom
from tests.services.test_recorded import a_session

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
KNOWN = KnownRuns(count=3, typical_seconds=41.0)


def test_each_way_says_what_it_keeps_and_the_command_that_does_it() -> None:
    session = a_session(status=SessionStatus.FAILED)
    outlook = RecoveryOutlook(
        options=(
            RecoveryOption(strategy=Strategy.RESUME, kept=("extract",), runs=("load",), whole=KNOWN, advice="it changed"),
            RecoveryOption(strategy=Strategy.REDRIVE, why_not="it is too old"),
            RecoveryOption(strategy=Strategy.RESTART_FROM, job="load", runs=("load",), whole=KNOWN),
            RecoveryOption(strategy=Strategy.SKIP, job="load", kept=("extract", "load"), outputs=("rows",), whole=KNOWN),
            RecoveryOption(strategy=Strategy.MANUAL),
        )
    )
    rows = {row.key: row for row in way_rows(outlook, session, (), now=NOW, zone=UTC)}
    assert [row.is_possible for row in rows.values()] == [True, False, True, True, True]
    assert "it is too old" in plain(rows["redrive"].page)
    assert "about 41 s (3 runs)" in plain(rows["resume"].page)
    assert rows["restart-from"].command.endswith(f"resume {session.id} --from load")
    assert rows["skip"].command.endswith("--skip load --output JSON")
    assert "keeps       extract\n" in plain(rows["skip"].page)
    names = {key: action_of(row).name for key, row in rows.items()}
    assert names == {key: key for key in rows}


def test_a_gate_is_answered_and_what_runs_is_stopped() -> None:
    room = GatedRoom()
    room.waiting(rows="7")
    gates = room.open.standings
    session = a_session(status=SessionStatus.RUNNING)
    rows = way_rows(None, session, (*gates, GateStanding(gate=gates[0].gate, outcome="approved")), now=NOW, zone=UTC)
    assert [row.key.split()[0] for row in rows][:2] == ["approve", "reject"]
    assert "load 7 rows?" in plain(rows[0].page)
    assert [action_of(row).name for row in rows[:2]] == ["approve", "reject"]
