"""Find overdue runs by what is known already."""

from __future__ import annotations

from datetime import datetime

from bunsui.services.morning.expected import ExpectedRun, RunState, runs_of_schedule
from bunsui.services.morning.look import runs_as_known
from bunsui.services.morning.ports import MorningPorts
from bunsui.services.morning.schedules import deployed_schedules
from bunsui.services.session_context import SessionContext

_NOT_THERE = (RunState.LATE, RunState.MISSING)


def overdue_runs(context: SessionContext, ports: MorningPorts, *, since: datetime, now: datetime) -> tuple[ExpectedRun, ...]:
    """Return what was due since then and is late or missing, earliest first.

    No machine is looked at: where none was since a run was due, nobody knows whether it began, and it is left out. Calls: one
    query of what was applied, one list of schedules (a page for 100), two reads of rows, one more for each rate whose last
    start lies further back.
    """
    schedules = [one for one in deployed_schedules(ports).schedules if not one.held]
    if not schedules:
        return ()
    runs = runs_as_known(context, schedules, since=since)
    found = [run for one in schedules for run in runs_of_schedule(one, runs[one.pipeline], since=since, now=now)]
    return tuple(sorted((run for run in found if run.state in _NOT_THERE), key=lambda run: (run.at, run.pipeline)))
