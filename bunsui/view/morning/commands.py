"""The one command that goes on from a line of the morning page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import tzinfo

from bunsui.command_line import command_line
from bunsui.model.json import Json
from bunsui.services.morning.causes import FailedOf
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.services.morning.page import Morning
from bunsui.services.morning.schedules import DeployedSchedule

_LOOKED_INTO = frozenset({RunState.FAILED, RunState.STOPPED, RunState.SKIPPED})


def cause_command(cause: FailedOf) -> str:
    """Return what explains the newest of the failed runs."""
    return command_line("show", cause.newest.id)


def run_command(run: ExpectedRun, morning: Morning, zone: tzinfo) -> str:
    """Return what to do about a run: look into it, follow it, make up for it; empty where there is nothing to do."""
    if run.session is not None:
        if run.state is RunState.RUNNING:
            return command_line("watch", run.session.id)
        session = run.session
        is_looked_into = run.state in _LOOKED_INTO or bool(session.warned or session.tolerated or session.duplicates)
        return command_line("show", run.session.id) if is_looked_into else ""
    if run.state is RunState.DUE:
        return ""
    if run.state is RunState.HELD:
        found = next((one for one in morning.schedules if (one.pipeline, one.id) == (run.pipeline, run.schedule)), None)
        return outside_command(found) if found is not None and found.outside else ""
    if run.state is RunState.MISSING and run.slot is not None and run.pipeline in morning.startable and not run.is_about:
        given = [word for name, value in run.params.items() for word in ("--param", f"{name}={_param_text(value)}")]
        return command_line("run", run.pipeline, "--slot", run.slot.astimezone(zone).isoformat(), *given)
    return command_line("sessions", "--pipeline", run.pipeline)


def outside_command(schedule: DeployedSchedule) -> str:
    """Return what shows how a schedule that somebody changed differs from its file."""
    return command_line("plan", schedule.pipeline)


def run_of_group(runs: Sequence[ExpectedRun]) -> ExpectedRun:
    """Return the one of several alike that the command is for: the newest."""
    return max(runs, key=lambda run: run.at)


def _param_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
